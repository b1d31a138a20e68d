import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../lib/audit/history.ts';
import { summarizeFamily } from '../../../lib/run/family.ts';

const START_MS = Date.parse('2026-11-24T03:30:00.000Z');

type Some = Partial<Omit<RunSummary, 'tags'>> & { readonly tags?: Partial<RunSummary['tags']> };

/** A run of a minute that began `minute` minutes after the first, and did all that it planned. */
function aRun(runId: string, minute: number, { tags, ...others }: Some = {}): RunSummary {
  return {
    runId,
    policyName: 'strip',
    policyDigest: '',
    triggerType: 'timer',
    triggerName: 'nightly',
    actor: '',
    attempts: [],
    dryRun: false,
    outcome: 'success',
    reason: '',
    startedAt: new Date(START_MS + minute * 60_000).toISOString(),
    endedAt: new Date(START_MS + (minute + 1) * 60_000).toISOString(),
    durationMs: 60_000,
    resources: { seen: 0, selected: 0, changed: 0, failed: 0 },
    tags: { planned: 0, removed: 0, restored: 0, failed: 0, notReached: 0, ...tags },
    removedByKey: {},
    proof: { verified: true, foreign: 0, unexplained: 0 },
    children: [],
    ...others,
  };
}

const handedOver = (hop: number): Some => ({ outcome: 'partial', continuation: { hop } });

describe('summarizeFamily', () => {
  it('tells a run alone as what it is', () => {
    const run = aRun('r', 0, { outcome: 'failure', tags: { planned: 9, removed: 7, failed: 2 } });

    expect(summarizeFamily(run, [])).toEqual({
      runs: 1,
      outcome: 'failure',
      tags: { planned: 9, removed: 7, restored: 0, failed: 2, notReached: 0 },
      unexplained: 0,
      durationMs: 60_000,
    });
  });

  it('tells a chain as its last invocation ended, with what all of them removed', () => {
    const first = aRun('r', 0, {
      ...handedOver(1),
      tags: { planned: 10, removed: 4, failed: 1, notReached: 5 },
    });
    const second = aRun('r-all-h1', 1, { ...handedOver(2), tags: { planned: 6, removed: 3, notReached: 3 } });
    const third = aRun('r-all-h2', 2, { tags: { planned: 3, removed: 3 } });

    expect(summarizeFamily(first, [second, third])).toEqual({
      runs: 3,
      outcome: 'success',
      tags: { planned: 10, removed: 10, restored: 0, failed: 0, notReached: 0 },
      unexplained: 0,
      durationMs: 3 * 60_000,
    });
  });

  it('is as bad as the worst of its regions', () => {
    const children = [{ runId: 'r-cn-beijing-h0' }, { runId: 'r-cn-hangzhou-h0' }];
    const first = aRun('r', 0, { outcome: 'partial', children, tags: { planned: 8, notReached: 8 } });
    const beijing = aRun('r-cn-beijing-h0', 1, { ...handedOver(1), tags: { removed: 2, notReached: 2 } });
    const more = aRun('r-cn-beijing-h1', 2, { outcome: 'failure', tags: { removed: 1, failed: 1 } });
    const hangzhou = aRun('r-cn-hangzhou-h0', 1, { tags: { removed: 4 } });

    const whole = summarizeFamily(first, [beijing, hangzhou, more]);

    expect(whole.outcome).toBe('failure');
    expect(whole.tags).toMatchObject({ planned: 8, removed: 7, failed: 1, notReached: 0 });
  });

  it.each([
    ['a region', { children: [{ runId: 'r-cn-beijing-h0' }] }],
    ['an invocation that goes on', { continuation: { hop: 1 } }],
  ])('is unfinished where no record tells of %s', (_, onward) => {
    const first = aRun('r', 0, { outcome: 'partial', ...onward });

    expect(summarizeFamily(first, []).outcome).toBe('unfinished');
  });

  it('is unfinished where a region handed over and no record tells of the next', () => {
    const first = aRun('r', 0, { outcome: 'partial', children: [{ runId: 'r-cn-beijing-h3' }] });
    const beijing = aRun('r-cn-beijing-h3', 1, handedOver(4));

    expect(summarizeFamily(first, [beijing]).outcome).toBe('unfinished');
  });

  it('is a failure where an invocation in the middle left a difference that nothing explains', () => {
    const proof = { verified: false, foreign: 0, unexplained: 2 };
    const first = aRun('r', 0, { ...handedOver(1), outcome: 'failure', proof });

    const whole = summarizeFamily(first, [aRun('r-all-h1', 1)]);

    expect(whole).toMatchObject({ outcome: 'failure', unexplained: 2 });
  });
});
