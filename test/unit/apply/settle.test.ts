import { describe, expect, it } from 'vitest';
import { settleBatch } from '../../../lib/apply/settle.ts';
import { CleanupError, type EciErrorKind } from '../../../lib/errors.ts';
import { notSent } from '../../../lib/pace/unsent.ts';
import type { UntagRequest } from '../../../lib/ports.ts';
import { totalsOf } from '../../../lib/report/totals.ts';
import { anApplyBench, type BenchOptions } from '../../support/apply-bench.ts';
import { anEciError } from '../../support/fake-eci.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';

const IDS = ['eci-1', 'eci-2', 'eci-3', 'eci-4'] as const;
const REMOVALS = IDS.map((id) => aRemoval(id, { a: '1', b: '2' }));
const BATCH = aBatch(IDS, ['a', 'b']);

const failure = (kind: EciErrorKind, outcomeUnknown = false) =>
  anEciError({ api: 'UntagResources', kind, code: `Code.${kind}`, outcomeUnknown, requestId: 'R-1' });
const all = (end: string) => IDS.flatMap((id) => [`${id} a: ${end}`, `${id} b: ${end}`]);

async function settle(options: BenchOptions = {}, batch = BATCH) {
  const bench = anApplyBench(REMOVALS, options);
  await settleBatch(bench.context, batch);
  return bench;
}

const asked = (requests: readonly UntagRequest[]) =>
  requests.map(({ ids, keys }) => `${ids.join('+')} ${keys.join('+')}`);

describe('settleBatch', () => {
  it('ends every tag of a request that was answered, and says what was changed', async () => {
    const { requests, facts, ends } = await settle({ callMs: 40 });

    expect(requests).toHaveLength(1);
    expect(ends()).toEqual(all('removed'));
    expect(facts).toEqual([
      {
        region: 'cn-hangzhou',
        type: 'ContainerGroup',
        ids: IDS,
        keys: ['a', 'b'],
        durationMs: 40,
        outcome: 'success',
        tagsChanged: 8,
        requestId: 'FAKE-1',
      },
    ]);
  });

  it('counts only the tags that were open', async () => {
    const bench = anApplyBench(REMOVALS);
    bench.context.book.end(0, 'absent');

    await settleBatch(bench.context, BATCH);

    expect(bench.facts.map((fact) => fact.tagsChanged)).toEqual([1, 6]);
    expect(bench.ends()[0]).toBe('eci-1 a: absent');
  });

  it('tells how many tags have their end', async () => {
    const told: number[] = [];

    await settle({ context: { onEnded: (ended) => told.push(ended) } }, aBatch(['eci-1', 'eci-2'], ['a']));

    expect(told).toEqual([2]);
  });

  it('holds back the answers of the canary until they are proved', async () => {
    const bench = anApplyBench(REMOVALS);
    bench.context.isProvisional = true;

    await settleBatch(bench.context, aBatch(['eci-1'], ['a', 'b']));

    expect([0, 1, 2, 3, 4, 5, 6, 7].filter(bench.context.book.isAnswered)).toEqual([0, 1]);
    expect(bench.ends()).toEqual(all('open'));
    expect(bench.facts[0]).toMatchObject({ outcome: 'success', tagsChanged: 2 });
  });

  it('asks for nothing once the run has stopped', async () => {
    const bench = anApplyBench(REMOVALS);
    bench.context.brake.pull({ code: 'ECI', reason: 'Refused.' });

    await settleBatch(bench.context, BATCH);

    expect(bench.course).toEqual([]);
    expect(bench.context.book.sent).toEqual([]);
  });

  it('asks for nothing once the time has ended, and says so', async () => {
    const { course, context } = await settle({ timeMs: 0 });

    expect(course).toEqual([]);
    expect(context.brake.pulled).toEqual({
      code: 'TIME',
      reason: 'The time ended before all requests were sent.',
    });
  });

  it('stops for what the gate refuses, fails its tags, and sends nothing', async () => {
    const batch = aBatch(['eci-1'], ['a', 'owner']);

    const { requests, ends, context } = await settle({}, batch);

    expect(requests).toEqual([]);
    expect(ends().slice(0, 2)).toEqual(['eci-1 a: failed', 'eci-1 b: open']);
    expect(context.brake.pulled).toEqual({
      code: 'GATE_CLOSED',
      reason: expect.stringContaining('neither planned nor free'),
    });
    context.book.close();
    expect(totalsOf(context.book).failures).toMatchObject([{ code: 'GATE_CLOSED', keys: ['a'] }]);
  });

  it('fails nothing of a resource that the plan does not name', async () => {
    const { ends, context } = await settle({}, aBatch(['eci-9', 'eci-1'], ['a']));

    expect(ends().slice(0, 2)).toEqual(['eci-1 a: failed', 'eci-1 b: open']);
    expect(context.brake.pulled?.code).toBe('GATE_CLOSED');
  });

  it.each([
    { description: 'an error of ours', error: new CleanupError('AUDIT_UNAVAILABLE', 'No log.') },
    { description: 'a defect', error: new TypeError('not a function') },
  ])('passes on $description', async ({ error }) => {
    const bench = anApplyBench(REMOVALS, { context: { gate: { send: () => Promise.reject(error) } } });

    await expect(settleBatch(bench.context, BATCH)).rejects.toBe(error);
    expect(bench.ends()).toEqual(all('open'));
  });
});

describe('a request that fails', () => {
  it('is read again, cut in halves, and leaves the one resource that cannot be done', async () => {
    const { requests, ends, context, facts } = await settle({
      refuse: ({ ids }) => (ids.includes('eci-3') ? failure('rejected') : undefined),
      callMs: 7,
    });

    expect(asked(requests)).toEqual([
      'eci-1+eci-2+eci-3+eci-4 a+b',
      'eci-1+eci-2 a+b',
      'eci-3+eci-4 a+b',
      'eci-3 a+b',
      'eci-4 a+b',
      'eci-3 a',
      'eci-3 b',
    ]);
    expect(ends().filter((end) => !end.endsWith('removed'))).toEqual(['eci-3 a: failed', 'eci-3 b: failed']);
    expect(context.brake.pulled).toBeUndefined();
    expect(facts[0]).toEqual({
      region: 'cn-hangzhou',
      type: 'ContainerGroup',
      ids: IDS,
      keys: ['a', 'b'],
      durationMs: 7,
      outcome: 'failure',
      tagsChanged: 0,
      errorCode: 'Code.rejected',
      errorMessage: 'UntagResources in cn-hangzhou failed: Code.rejected',
      errorType: 'rejected',
      requestId: 'R-1',
    });
    context.book.close();
    expect(totalsOf(context.book).failures).toEqual([
      {
        region: 'cn-hangzhou',
        resourceType: 'ContainerGroup',
        resourceId: 'eci-3',
        keys: ['a', 'b'],
        code: 'Code.rejected',
        message: 'UntagResources in cn-hangzhou failed: Code.rejected',
        requestId: 'R-1',
      },
    ]);
  });

  it('leaves the one key that cannot be done', async () => {
    const { requests, ends } = await settle({
      refuse: ({ keys }) => (keys.includes('b') ? failure('rejected') : undefined),
    });

    expect(asked(requests)).toEqual([
      'eci-1+eci-2+eci-3+eci-4 a+b',
      // Both halves fail alike, so it may be a key.
      'eci-1+eci-2 a+b',
      'eci-3+eci-4 a+b',
      'eci-1+eci-2 a',
      'eci-1+eci-2 b',
      'eci-1 b',
      'eci-2 b',
      'eci-3+eci-4 a',
      'eci-3+eci-4 b',
      'eci-3 b',
      'eci-4 b',
    ]);
    expect(ends()).toEqual(IDS.flatMap((id) => [`${id} a: removed`, `${id} b: failed`]));
  });

  it('keeps to the side along which one half succeeded', async () => {
    const { requests } = await settle({
      refuse: ({ ids, keys }) =>
        ids.includes('eci-1') && keys.includes('a') ? failure('rejected') : undefined,
    });

    expect(asked(requests)).toEqual([
      'eci-1+eci-2+eci-3+eci-4 a+b',
      'eci-1+eci-2 a+b',
      'eci-3+eci-4 a+b',
      'eci-1 a+b',
      'eci-2 a+b',
      'eci-1 a',
      'eci-1 b',
    ]);
  });

  it.each(['busy', 'gone', 'unavailable', 'unanswered'] as const)(
    'is not cut along its keys when it is %s: the resource is meant',
    async (kind) => {
      const { requests, ends } = await settle({
        refuse: ({ ids }) => (ids.includes('eci-3') ? failure(kind) : undefined),
      });

      expect(asked(requests)).toEqual([
        'eci-1+eci-2+eci-3+eci-4 a+b',
        'eci-1+eci-2 a+b',
        'eci-3+eci-4 a+b',
        'eci-3 a+b',
        'eci-4 a+b',
      ]);
      expect(ends().filter((end) => end.endsWith('failed'))).toEqual(['eci-3 a: failed', 'eci-3 b: failed']);
    },
  );

  it('is cut along its keys at once where there is one resource', async () => {
    const { requests, ends } = await settle(
      { refuse: ({ keys }) => (keys.includes('a') ? failure('rejected') : undefined) },
      aBatch(['eci-1'], ['a', 'b']),
    );

    expect(asked(requests)).toEqual(['eci-1 a+b', 'eci-1 a', 'eci-1 b']);
    expect(ends().slice(0, 2)).toEqual(['eci-1 a: failed', 'eci-1 b: removed']);
  });

  it('carries another token when the same is asked again after a reading', async () => {
    const bench = anApplyBench(REMOVALS, {
      refuse: (_, number) => {
        if (number > 0) return undefined;
        bench.eci.put(aResource({ id: 'eci-1', tags: { b: '2' } }));
        return failure('unanswered', true);
      },
    });

    await settleBatch(bench.context, BATCH);

    const [first, second] = bench.requests;
    expect(bench.requests).toHaveLength(2);
    expect(second).toEqual({ ...first, clientToken: expect.any(String) });
    expect(second!.clientToken).not.toBe(first!.clientToken);
    expect(bench.ends()).toEqual(all('removed'));
  });

  it('counts what is gone after an answer that was lost, and asks for nothing more', async () => {
    const { requests, ends, facts } = await settle({ lose: () => failure('unanswered', true) });

    expect(requests).toHaveLength(1);
    expect(ends()).toEqual(all('removed'));
    expect(facts).toMatchObject([{ outcome: 'unknown', tagsChanged: 8, errorType: 'unanswered' }]);
  });

  it('tries what is left as it is where a part of it was done', async () => {
    const bench = anApplyBench(REMOVALS, {
      refuse: (_, number) => {
        if (number > 0) return undefined;
        bench.eci.put(aResource({ id: 'eci-1' }));
        bench.eci.put(aResource({ id: 'eci-2', tags: { a: 'other', b: '2' } }));
        bench.eci.drop(aResource({ id: 'eci-3' }));
        return failure('unavailable', true);
      },
    });

    await settleBatch(bench.context, BATCH);

    expect(asked(bench.requests)).toEqual(['eci-1+eci-2+eci-3+eci-4 a+b', 'eci-2 b', 'eci-4 a+b']);
    expect(new Set(bench.requests.map((request) => request.clientToken)).size).toBe(3);
    expect(bench.ends()).toEqual([
      'eci-1 a: removed',
      'eci-1 b: removed',
      'eci-2 a: stale',
      'eci-2 b: removed',
      'eci-3 a: vanished',
      'eci-3 b: vanished',
      'eci-4 a: removed',
      'eci-4 b: removed',
    ]);
    expect(bench.facts.map((fact) => fact.tagsChanged)).toEqual([2, 1, 2]);
  });

  it('does not look at what the policy says now: it was asked for already', async () => {
    const { ends } = await settle({
      refuse: (_, number) => (number === 0 ? failure('busy') : undefined),
      context: { removableNow: () => new Set() },
    });

    expect(ends()).toEqual(all('removed'));
  });

  it('fails what cannot be read after an answer that was lost', async () => {
    const { requests, ends, context } = await settle({
      lose: () => failure('unanswered', true),
      onList: () => {
        throw anEciError({ kind: 'unavailable' });
      },
    });

    expect(requests).toHaveLength(1);
    expect(ends()).toEqual(all('failed'));
    context.book.close();
    expect(totalsOf(context.book).failures[0]?.message).toBe(
      'UntagResources in cn-hangzhou failed: Code.unanswered What it did could not be read either.',
    );
  });

  it('goes on with a request that was certainly not done, though it cannot be read', async () => {
    const { requests, ends } = await settle({
      refuse: ({ ids }) => (ids.length > 2 ? failure('busy') : undefined),
      onList: () => {
        throw anEciError({ kind: 'unavailable' });
      },
    });

    expect(asked(requests)).toEqual(['eci-1+eci-2+eci-3+eci-4 a+b', 'eci-1+eci-2 a+b', 'eci-3+eci-4 a+b']);
    expect(ends()).toEqual(all('removed'));
  });

  it('reads at most twenty resources a call, all of them', async () => {
    const removals = Array.from({ length: 50 }, (_, n) => aRemoval(`eci-${n}`, { a: '1' }));
    const bench = anApplyBench(removals, { lose: () => failure('unanswered', true) });

    await settleBatch(
      bench.context,
      aBatch(
        removals.map((removal) => removal.id),
        ['a'],
      ),
    );

    expect(bench.course.filter((event) => event === 'list')).toHaveLength(3);
    expect(bench.ends().every((end) => end.endsWith('removed'))).toBe(true);
  });

  it('ends the run for credentials, and reads nothing with them', async () => {
    const { course, ends, context, facts } = await settle({ refuse: () => failure('fatal') });

    expect(course).toHaveLength(1);
    expect(ends()).toEqual(all('failed'));
    expect(context.brake.pulled).toEqual({
      code: 'ECI',
      reason: 'ECI refuses this account or its credentials: UntagResources in cn-hangzhou failed: Code.fatal',
    });
    expect(facts).toMatchObject([{ outcome: 'failure', tagsChanged: 0, errorCode: 'Code.fatal' }]);
  });

  it('ends the run when throttling does not end, and leaves its tags for another', async () => {
    const { course, ends, context, facts } = await settle({ refuse: () => failure('throttled') });

    expect(course).toHaveLength(1);
    expect(ends()).toEqual(all('open'));
    expect(context.brake.pulled).toEqual({
      code: 'THROTTLED',
      reason:
        'ECI kept throttling until the retries ran out: UntagResources in cn-hangzhou failed: Code.throttled',
    });
    expect(facts).toMatchObject([{ outcome: 'failure', errorType: 'throttled' }]);
  });

  it('leaves a request that was not sent for another run', async () => {
    const unsent = notSent('UntagResources', 'cn-hangzhou', 'DeadlineReached', undefined);

    const { course, ends, context } = await settle({ refuse: () => unsent });

    expect(course).toHaveLength(1);
    expect(ends()).toEqual(all('open'));
    expect(context.brake.pulled?.code).toBe('TIME');
  });

  it('notes the status and the id of an answer only where there were some', async () => {
    const bare = anEciError({ api: 'UntagResources', kind: 'fatal', code: 'X' });
    const full = anEciError({
      api: 'UntagResources',
      kind: 'fatal',
      code: 'X',
      httpStatus: 503,
      requestId: 'R',
    });

    expect((await settle({ refuse: () => bare })).facts[0]).not.toHaveProperty('httpStatus');
    expect((await settle({ refuse: () => bare })).facts[0]).not.toHaveProperty('requestId');
    expect((await settle({ refuse: () => full })).facts[0]).toMatchObject({
      httpStatus: 503,
      requestId: 'R',
    });
  });

  it.each([
    { maxFailures: 1, code: 'MAX_FAILURES' },
    { maxFailures: 2, code: undefined },
  ])('spends an error budget of $maxFailures failed tags', async ({ maxFailures, code }) => {
    const { context } = await settle(
      { refuse: () => failure('busy'), context: { maxFailures } },
      aBatch(['eci-1'], ['a', 'b']),
    );

    expect(context.brake.pulled?.code).toBe(code);
  });

  it('takes an error budget of 0 for none', async () => {
    const { context, requests } = await settle({
      refuse: ({ ids }) => (ids.includes('eci-1') ? failure('busy') : undefined),
      context: { maxFailures: 0 },
    });

    expect(context.brake.pulled).toEqual({
      code: 'MAX_FAILURES',
      reason: `2 tags failed, more than the 0 of limits.maxFailures; the last cause: ${failure('busy').message}`,
    });
    expect(asked(requests).at(-1)).toBe('eci-2 a+b');
  });

  it('never repeats a token, however often the same is asked again', async () => {
    const left = [{ a: '1', b: '2' }, { b: '2' }, { b: '2' }];
    const bench = anApplyBench(REMOVALS.slice(0, 2), {
      refuse: ({ ids }, number) => {
        if (ids.length < 2 && number < 4) return failure('busy');
        if (number === 1) bench.eci.put(aResource({ id: 'eci-1', tags: left[1]! }));
        if (number === 2) bench.eci.put(aResource({ id: 'eci-2', tags: { a: '1' } }));
        return number < 4 ? failure('unanswered', true) : undefined;
      },
    });

    await settleBatch(bench.context, aBatch(['eci-1', 'eci-2'], ['a', 'b']));

    const tokens = bench.requests.map((request) => request.clientToken);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(bench.ends().every((end) => end.endsWith('removed') || end.endsWith('failed'))).toBe(true);
  });

  it('goes on to halves where another try of the rest fails as well', async () => {
    const bench = anApplyBench(REMOVALS, {
      refuse: (_, number) => {
        if (number === 0) bench.eci.put(aResource({ id: 'eci-1', tags: { b: '2' } }));
        if (number === 0) return failure('unanswered', true);
        return number === 1 ? failure('busy') : undefined;
      },
    });

    await settleBatch(bench.context, BATCH);

    expect(asked(bench.requests)).toEqual([
      'eci-1+eci-2+eci-3+eci-4 a+b',
      'eci-1+eci-2+eci-3+eci-4 a+b',
      'eci-1+eci-2 a+b',
      'eci-3+eci-4 a+b',
    ]);
    expect(new Set(bench.requests.map((request) => request.clientToken)).size).toBe(4);
    expect(bench.ends()).toEqual(all('removed'));
    expect(bench.facts.map((fact) => fact.tagsChanged)).toEqual([1, 0, 3, 4]);
  });

  it('fails only what is open of a request', async () => {
    const bench = anApplyBench(REMOVALS, {
      refuse: ({ ids }, number) =>
        number === 0 ? failure('busy') : ids.length > 0 ? failure('fatal') : undefined,
      onList: (number) => {
        if (number === 0) bench.eci.put(aResource({ id: 'eci-1', tags: { b: '2' } }));
      },
    });

    await settleBatch(bench.context, aBatch(['eci-1', 'eci-2'], ['a', 'b']));

    expect(bench.ends().slice(0, 4)).toEqual([
      'eci-1 a: removed',
      'eci-1 b: failed',
      'eci-2 a: failed',
      'eci-2 b: failed',
    ]);
  });

  it('names no failure of a resource that has nothing open', async () => {
    const removals = Array.from({ length: 25 }, (_, n) => aRemoval(`eci-${n}`, { a: '1' }));
    const bench = anApplyBench(removals, {
      lose: () => failure('unanswered', true),
      listsAtOnce: 1,
      onList: (number) => {
        if (number === 1) throw anEciError();
      },
    });

    await settleBatch(
      bench.context,
      aBatch(
        removals.map((removal) => removal.id),
        ['a'],
      ),
    );

    bench.context.book.close();
    const { tags, failures } = totalsOf(bench.context.book);
    expect(tags).toMatchObject({ removed: 20, failed: 5 });
    expect(failures).toHaveLength(5);
    expect(failures.every((one) => one.keys.length === 1)).toBe(true);
  });
});
