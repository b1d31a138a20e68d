import { describe, expect, it } from 'vitest';
import { type ApplyOptions, applyPlan } from '../../../lib/apply/apply.ts';
import type { Batch } from '../../../lib/batch/types.ts';
import {
  type ApplyBench,
  anApplyBench,
  asResource,
  BENCH_READING_AGE_MS,
  type BenchOptions,
} from '../../support/apply-bench.ts';
import { anEciError } from '../../support/fake-eci.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';
import { aResource } from '../../support/resources.ts';

const IDS = ['eci-1', 'eci-2', 'eci-3', 'eci-4'] as const;
const REMOVALS = IDS.map((id) => aRemoval(id, { a: '1', b: '2' }));
const BATCHES = IDS.map((id) => aBatch([id], ['a', 'b']));

/** Carries batches out, one at a time, as if the resources had just been read. */
const carryOut = (bench: ApplyBench, batches: readonly Batch[], other: Partial<ApplyOptions> = {}) =>
  applyPlan(bench.context, {
    batches,
    canary: 0,
    isProved: true,
    concurrency: 1,
    ...other,
  });

/** Applies one batch a resource, on a bench whose journal is empty. */
async function apply(
  options: BenchOptions & {
    readonly canary?: number;
    readonly isProved?: boolean;
  } = {},
) {
  const { canary = 0, isProved = true, ...others } = options;
  const bench = anApplyBench(REMOVALS, { ...others, journaled: false });
  await carryOut(bench, BATCHES, { canary, isProved });
  return bench;
}

/** Of all planned tags. */
const slots = Array.from({ length: 8 }, (_, slot) => slot);
const all = (end: string) => IDS.flatMap((id) => [`${id} a: ${end}`, `${id} b: ${end}`]);

describe('applyPlan', () => {
  it('writes a wave down before its first request, and removes all of it', async () => {
    const { course, journal, ends, context } = await apply();

    expect(course).toEqual(['journal eci-1+eci-2+eci-3+eci-4', ...IDS.map((id) => `untag ${id} a+b`)]);
    expect(journal).toEqual([REMOVALS]);
    expect(ends()).toEqual(all('removed'));
    expect(context.brake.pulled).toBeUndefined();
  });

  it('proves the canary by reading before anything else is touched', async () => {
    const { course, ends } = await apply({ canary: 1 });

    expect(course).toEqual([
      'journal eci-1',
      'untag eci-1 a+b',
      'list',
      'journal eci-2+eci-3+eci-4',
      ...IDS.slice(1).map((id) => `untag ${id} a+b`),
    ]);
    expect(ends()).toEqual(all('removed'));
  });

  it('leaves a canary with nothing behind it to the proof, and reads it where no proof follows', async () => {
    const [proved, unproved] = [
      await apply({ canary: IDS.length }),
      await apply({ canary: IDS.length, isProved: false }),
    ];

    const removed = ['journal eci-1+eci-2+eci-3+eci-4', ...IDS.map((id) => `untag ${id} a+b`)];
    expect(proved.course).toEqual(removed);
    expect(unproved.course).toEqual([...removed, 'list']);
    for (const bench of [proved, unproved]) expect(bench.ends()).toEqual(all('removed'));
  });

  it('waits with everything else until the canary shows, however long that takes', async () => {
    const canary = asResource(REMOVALS[0]!);
    const bench = anApplyBench(REMOVALS, {
      journaled: false,
      onList: (number) => {
        if (number < 3) bench.eci.put(canary);
        else bench.eci.put(aResource({ id: 'eci-1' }));
      },
    });

    await carryOut(bench, BATCHES, { canary: 1 });

    expect(bench.course).toEqual([
      'journal eci-1',
      'untag eci-1 a+b',
      ...['list', 'list', 'list', 'list'],
      'journal eci-2+eci-3+eci-4',
      ...IDS.slice(1).map((id) => `untag ${id} a+b`),
    ]);
    expect(bench.ends()).toEqual(all('removed'));
  });

  it('stops after a canary that was answered and not done', async () => {
    const { requests, ends, context } = await apply({
      canary: 1,
      onList: (number) => {
        if (number === 0) throw anEciError();
      },
      context: { gate: { send: async () => ({ requestId: 'R' }) } },
    });

    expect(context.brake.pulled?.code).toBe('CANARY');
    expect(requests).toEqual([]);
    expect(ends()).toEqual([...all('failed').slice(0, 2), ...all('open').slice(2)]);
  });

  it('touches nothing else where the canary could not be journaled', async () => {
    const { course, ends, context } = await apply({
      canary: 1,
      onJournal: () => {
        throw new Error('The log is out of reach: LTAIxxxxxxxxxxxxxxxx');
      },
    });

    expect(course).toEqual(['journal eci-1']);
    expect(ends()).toEqual(all('open'));
    expect(context.brake.pulled).toEqual({
      code: 'AUDIT_UNAVAILABLE',
      reason:
        'The journal could not be written, so nothing more was removed: The log is out of reach: [redacted]',
    });
    expect(slots.filter(context.book.isJournaled)).toEqual([]);
  });

  it('journals each tag once, though two batches hold its resource', async () => {
    const bench = anApplyBench(REMOVALS, { journaled: false });
    const batches = [aBatch(['eci-1', 'eci-2'], ['a']), aBatch(['eci-2', 'eci-1'], ['b'])];

    await carryOut(bench, batches);

    expect(bench.journal).toEqual([REMOVALS.slice(0, 2)]);
    expect(slots.filter(bench.context.book.isJournaled)).toEqual([0, 1, 2, 3]);
  });

  it('journals only what its batches ask for', async () => {
    const bench = anApplyBench(REMOVALS, { journaled: false });

    await carryOut(bench, [aBatch(['eci-3'], ['b'])]);

    expect(bench.journal).toEqual([[{ ...REMOVALS[2], tags: [REMOVALS[2]!.tags[1]] }]]);
  });

  it('does not write down again what is in the journal', async () => {
    const bench = anApplyBench(REMOVALS, { journaled: true });

    await carryOut(bench, BATCHES);

    expect(bench.journal).toEqual([]);
    expect(bench.ends()).toEqual(all('removed'));
  });

  it('writes nothing down of tags that have their end', async () => {
    const bench = anApplyBench(REMOVALS, { journaled: false });
    bench.context.book.end(0, 'stale');

    await carryOut(bench, [aBatch(['eci-1'], ['b'])]);

    expect(bench.journal).toEqual([[{ ...REMOVALS[0], tags: [REMOVALS[0]!.tags[1]] }]]);
  });

  it('starts nothing once the time has ended, and says so', async () => {
    const { course, context } = await apply({ timeMs: 0 });

    expect(course).toEqual([]);
    expect(context.brake.pulled).toEqual({
      code: 'TIME',
      reason: 'The time ended before all requests were sent.',
    });
  });

  it('stops between requests when the time ends', async () => {
    const { requests, ends, context } = await apply({ callMs: 10, timeMs: 20 });

    expect(requests).toHaveLength(2);
    expect(ends()).toEqual([...all('removed').slice(0, 4), ...all('open').slice(4)]);
    expect(context.brake.pulled?.code).toBe('TIME');
  });

  it('keeps the first reason to stop', async () => {
    const bench = anApplyBench(REMOVALS, { journaled: false, timeMs: 0 });
    bench.context.brake.pull({ code: 'ECI', reason: 'Refused.' });

    await carryOut(bench, BATCHES, { canary: 1 });

    expect(bench.context.brake.pulled?.reason).toBe('Refused.');
    expect(bench.course).toEqual([]);
  });

  it('does not look again at what was read within ten minutes', async () => {
    const { course } = await apply({ ageMs: BENCH_READING_AGE_MS - 1000 });

    expect(course.filter((event) => event === 'list')).toEqual([]);
  });

  it('looks again at what was read longer ago, and asks only for what is left', async () => {
    const { course, ends } = await apply({
      ageMs: BENCH_READING_AGE_MS + 1,
      resources: [
        aResource({ id: 'eci-1', tags: { a: '1', b: '2' } }),
        aResource({ id: 'eci-2', tags: { a: 'other', b: '2' } }),
        aResource({ id: 'eci-3', tags: { b: '2' } }),
      ],
    });

    expect(course).toEqual([
      'journal eci-1+eci-2+eci-3+eci-4',
      'list',
      'untag eci-1 a+b',
      'untag eci-2 b',
      'untag eci-3 b',
    ]);
    expect(ends()).toEqual([
      'eci-1 a: removed',
      'eci-1 b: removed',
      'eci-2 a: stale',
      'eci-2 b: removed',
      'eci-3 a: absent',
      'eci-3 b: removed',
      'eci-4 a: vanished',
      'eci-4 b: vanished',
    ]);
  });

  it('leaves alone what could not be looked at again', async () => {
    const { course, ends, context } = await apply({
      ageMs: BENCH_READING_AGE_MS + 1,
      onList: () => {
        throw anEciError();
      },
    });

    expect(course).toEqual(['journal eci-1+eci-2+eci-3+eci-4', 'list', 'list', 'list', 'list']);
    expect(ends()).toEqual(all('open'));
    expect(context.brake.pulled).toBeUndefined();
  });

  it('leaves out of a batch only the resource that could not be looked at', async () => {
    const removals = [aRemoval('eci-1', { a: '1' }), aRemoval('eci-1', { a: '1' }, { type: 'DataCache' })];
    const bench = anApplyBench(removals, {
      journaled: false,
      ageMs: BENCH_READING_AGE_MS + 1,
      onList: (number) => {
        if (number === 0) throw anEciError();
      },
    });
    const batches = [aBatch(['eci-1'], ['a']), aBatch(['eci-1'], ['a'], { type: 'DataCache' })];

    await carryOut(bench, batches);

    expect(bench.ends()).toEqual(['eci-1 a: open', 'eci-1 a: removed']);
  });

  it('does not look again once the time has ended', async () => {
    const { course } = await apply({ ageMs: BENCH_READING_AGE_MS + 1, timeMs: 0 });

    expect(course).toEqual([]);
  });

  it('lets regions go on side by side, each at its own waves', async () => {
    const removals = [aRemoval('eci-1', { a: '1' }), aRemoval('eci-2', { a: '1' }, { region: 'cn-beijing' })];
    const bench = anApplyBench(removals, { journaled: false, callMs: 100 });
    const startMs = bench.clock.now();

    await carryOut(bench, [aBatch(['eci-1'], ['a']), aBatch(['eci-2'], ['a'], { region: 'cn-beijing' })]);

    expect(bench.clock.now() - startMs).toBe(100);
    expect(bench.ends()).toEqual(['eci-1 a: removed', 'eci-2 a: removed']);
  });

  it('spreads a canary over regions at once', async () => {
    const removals = [
      aRemoval('eci-1', { a: '1' }),
      aRemoval('eci-2', { a: '1' }, { region: 'cn-beijing' }),
      aRemoval('eci-3', { a: '1' }),
    ];
    const bench = anApplyBench(removals, { journaled: false, callMs: 100 });
    const startMs = bench.clock.now();

    const batches = [
      aBatch(['eci-1'], ['a']),
      aBatch(['eci-2'], ['a'], { region: 'cn-beijing' }),
      aBatch(['eci-3'], ['a']),
    ];
    await carryOut(bench, batches, { canary: 2 });

    expect(bench.clock.now() - startMs).toBe(200);
    expect(bench.course[0]).toBe('journal eci-1+eci-2');
  });

  it('counts answers again at once after the canary', async () => {
    const { context } = await apply({ canary: 1 });

    expect(context.isProvisional).toBe(false);
    expect(slots.filter(context.book.isAnswered)).toEqual([]);
  });

  it('sends wave after wave, each in the journal before it begins', async () => {
    const removals = Array.from({ length: 40 }, (_, n) => aRemoval(`eci-${n}`, { a: '1' }));
    const bench = anApplyBench(removals, { journaled: false });

    const batches = removals.map((removal) => aBatch([removal.id], ['a']));
    await carryOut(bench, batches, { canary: 1, concurrency: 2 });

    expect(bench.journal.map((entries) => entries.length)).toEqual([1, 5, 25, 9]);
    expect(bench.ends().every((end) => end.endsWith('removed'))).toBe(true);
    expect(bench.requests).toHaveLength(40);
  });

  it('has no reason to stop where nothing is planned', async () => {
    const bench = anApplyBench([], { timeMs: 0 });

    await carryOut(bench, [], { canary: 20 });

    expect(bench.context.brake.pulled).toBeUndefined();
  });

  it('writes the journal in the order of the plan', async () => {
    const bench = anApplyBench(REMOVALS, { journaled: false });
    const batches = [aBatch(['eci-4', 'eci-3'], ['a']), aBatch(['eci-1', 'eci-2'], ['a'])];

    await carryOut(bench, batches);

    expect(bench.course[0]).toBe('journal eci-1+eci-2+eci-3+eci-4');
  });

  it('does not look at more once the time has ended meanwhile', async () => {
    const removals = Array.from({ length: 25 }, (_, n) => aRemoval(`eci-${n}`, { a: '1' }));
    const bench = anApplyBench(removals, {
      journaled: false,
      timeMs: 1000,
      listsAtOnce: 1,
      ageMs: BENCH_READING_AGE_MS + 1,
      onList: () => bench.clock.advance(2000),
    });

    const ids = removals.map((removal) => removal.id);
    await carryOut(bench, [aBatch(ids, ['a'])]);

    expect(bench.course).toEqual([expect.stringMatching(/^journal/), 'list']);
    expect(bench.requests).toEqual([]);
  });
});
