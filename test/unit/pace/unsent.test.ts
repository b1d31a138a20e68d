import { describe, expect, it } from 'vitest';
import { notSent, stillUnknown, wasNotSent } from '../../../lib/pace/unsent.ts';
import { anEciError } from '../../support/fake-eci.ts';

describe('notSent', () => {
  it('says what was not sent, and why', () => {
    const cause = new Error('enough');
    const late = notSent('UntagResources', 'cn-hangzhou', 'DeadlineReached', undefined);
    const stopped = notSent('UntagResources', 'cn-hangzhou', 'Stopped', cause);

    expect(late).toMatchObject({
      message: 'UntagResources in cn-hangzhou was not sent: the time of the run ends before its turn comes.',
      kind: 'unavailable',
      apiCode: 'DeadlineReached',
      apiName: 'UntagResources',
      region: 'cn-hangzhou',
      outcomeUnknown: false,
    });
    expect(late).not.toHaveProperty('cause');
    expect(stopped).toMatchObject({
      message: 'UntagResources in cn-hangzhou was not sent: the run was stopped before its turn came.',
      apiCode: 'Stopped',
      cause,
    });
  });
});

describe('wasNotSent', () => {
  it.each([
    {
      description: 'the deadline',
      error: notSent('TagResources', 'x', 'DeadlineReached', undefined),
      is: true,
    },
    { description: 'a stop', error: notSent('TagResources', 'x', 'Stopped', undefined), is: true },
    { description: 'another code', error: anEciError({ code: 'Throttling' }), is: false },
    {
      description: 'an earlier try without an answer',
      error: anEciError({ code: 'Stopped', outcomeUnknown: true }),
      is: false,
    },
    {
      description: 'an error of another kind',
      error: { apiCode: 'Stopped', outcomeUnknown: false },
      is: false,
    },
  ])('tells $description: $is', ({ error, is }) => {
    expect(wasNotSent(error)).toBe(is);
  });
});

describe('stillUnknown', () => {
  const last = anEciError({
    api: 'UntagResources',
    kind: 'rejected',
    code: 'Locked',
    httpStatus: 400,
    requestId: 'R',
  });
  const lost = anEciError({
    api: 'UntagResources',
    kind: 'unanswered',
    code: 'Timeout',
    outcomeUnknown: true,
  });

  it('leaves a failure as it is where every try was answered', () => {
    expect(stillUnknown(last, undefined)).toBe(last);
  });

  it('leaves a failure as it is that says so itself', () => {
    expect(stillUnknown(lost, lost)).toBe(lost);
  });

  it('keeps all of a later refusal, and that an earlier try had no answer', () => {
    const error = stillUnknown(last, lost);

    expect(error).toMatchObject({
      kind: 'rejected',
      apiCode: 'Locked',
      apiName: 'UntagResources',
      region: 'cn-hangzhou',
      httpStatus: 400,
      requestId: 'R',
      outcomeUnknown: true,
      cause: last,
      message:
        'UntagResources in cn-hangzhou failed: Locked An earlier try of the same call had no answer (Timeout), so it may have been done all the same.',
    });
  });

  it('makes nothing up that the answer did not have', () => {
    const bare = anEciError({ api: 'UntagResources', kind: 'rejected', code: 'Locked' });

    expect(stillUnknown(bare, lost)).toMatchObject({ httpStatus: undefined, requestId: undefined });
  });
});
