import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../lib/apply/reconcile.ts';
import { totalsOf } from '../../../lib/report/totals.ts';
import { anApplyBench } from '../../support/apply-bench.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';

const REMOVALS = [aRemoval('eci-0', { a: '0' }), aRemoval('eci-1', { a: '1', b: '2', c: '3' })];
const live = (tags: Readonly<Record<string, string>> | undefined) => aResource({ id: 'eci-1', tags });

describe('reconcile', () => {
  it('leaves everything open where nothing changed', () => {
    const { context, ends } = anApplyBench(REMOVALS);

    expect(reconcile(context, 1, live({ a: '1', b: '2', c: '3' }), 'before')).toBe(0);
    expect(ends()).toEqual(['eci-0 a: open', 'eci-1 a: open', 'eci-1 b: open', 'eci-1 c: open']);
  });

  it.each([
    { moment: 'before', end: 'absent' },
    { moment: 'after', end: 'removed' },
  ] as const)('calls a tag that is gone $moment a request $end', ({ moment, end }) => {
    const { context, ends } = anApplyBench(REMOVALS);
    if (moment === 'after') context.book.noteSent(aBatch(['eci-1'], ['a']));

    expect(reconcile(context, 1, live({ b: '2', c: '3' }), moment)).toBe(1);
    expect(ends().slice(1)).toEqual([`eci-1 a: ${end}`, 'eci-1 b: open', 'eci-1 c: open']);
  });

  it.each(['before', 'after'] as const)('keeps a tag whose value changed, seen %s a request', (moment) => {
    const { context, ends } = anApplyBench(REMOVALS);

    expect(reconcile(context, 1, live({ a: '1', b: 'other', c: '' }), moment)).toBe(2);
    expect(ends().slice(1)).toEqual(['eci-1 a: open', 'eci-1 b: stale', 'eci-1 c: stale']);
  });

  it('keeps a tag that the policy would not remove any more, and asks only before a request', () => {
    const bench = () => anApplyBench(REMOVALS, { context: { removableNow: () => new Set(['a', 'c']) } });
    const [before, after] = [bench(), bench()];

    expect(reconcile(before.context, 1, live({ a: '1', b: '2', c: '3' }), 'before')).toBe(1);
    expect(reconcile(after.context, 1, live({ a: '1', b: '2', c: '3' }), 'after')).toBe(0);
    expect(before.ends().slice(1)).toEqual(['eci-1 a: open', 'eci-1 b: stale', 'eci-1 c: open']);
  });

  it('calls a tag absent that is gone, whatever the policy says of it', () => {
    const { context, ends } = anApplyBench(REMOVALS, { context: { removableNow: () => new Set() } });

    reconcile(context, 1, live({}), 'before');

    expect(ends().slice(1)).toEqual(['eci-1 a: absent', 'eci-1 b: absent', 'eci-1 c: absent']);
  });

  it('ends the tags of a resource that is gone as vanished', () => {
    const { context, ends } = anApplyBench(REMOVALS);

    expect(reconcile(context, 1, undefined, 'after')).toBe(3);
    expect(ends()).toEqual(['eci-0 a: open', 'eci-1 a: vanished', 'eci-1 b: vanished', 'eci-1 c: vanished']);
  });

  it('fails what cannot be compared, and names the keys', () => {
    const { context, ends } = anApplyBench(REMOVALS);
    context.book.end(2, 'removed');

    expect(reconcile(context, 1, live(undefined), 'before')).toBe(2);
    expect(ends().slice(1)).toEqual(['eci-1 a: failed', 'eci-1 b: removed', 'eci-1 c: failed']);
    context.book.close();
    expect(totalsOf(context.book).failures).toMatchObject([
      {
        resourceId: 'eci-1',
        keys: ['a', 'c'],
        code: 'TagsUnseen',
        message: expect.stringContaining('without its tags'),
      },
    ]);
  });

  it('leaves alone what has its end, or waits for its proof', () => {
    const { context, ends } = anApplyBench(REMOVALS);
    context.book.end(1, 'stale');
    context.book.noteAnswered(2);

    expect(reconcile(context, 1, live({}), 'after')).toBe(1);
    expect(ends().slice(1)).toEqual(['eci-1 a: stale', 'eci-1 b: open', 'eci-1 c: absent']);
  });

  it('does not look at a resource that has nothing open', () => {
    const { context } = anApplyBench(REMOVALS, {
      context: {
        removableNow: () => {
          throw new Error('asked');
        },
      },
    });
    for (const slot of [1, 2, 3]) context.book.end(slot, 'removed');

    expect(reconcile(context, 1, undefined, 'before')).toBe(0);
    expect(reconcile(context, 1, live({}), 'before')).toBe(0);
  });
});

describe('reconcile, while a request with one of the tags is at work', () => {
  const bench = () => {
    const made = anApplyBench(REMOVALS);
    made.context.book.noteSent(aBatch(['eci-1'], ['a', 'c']));
    return made;
  };

  it.each([
    { description: 'gone', now: live({}), end: 'absent' },
    { description: 'changed', now: live({ a: 'z', b: 'z', c: 'z' }), end: 'stale' },
    { description: 'gone with their resource', now: undefined, end: 'vanished' },
  ])('leaves that tag to its request where all are seen $description before', ({ now, end }) => {
    const { context, ends } = bench();

    expect(reconcile(context, 1, now, 'before')).toBe(1);
    expect(ends().slice(1)).toEqual(['eci-1 a: open', `eci-1 b: ${end}`, 'eci-1 c: open']);
  });

  it('ends all of them after the request, and takes credit for what it asked for alone', () => {
    const { context, ends } = bench();

    expect(reconcile(context, 1, live({}), 'after')).toBe(3);
    expect(ends().slice(1)).toEqual(['eci-1 a: removed', 'eci-1 b: absent', 'eci-1 c: removed']);
  });
});
