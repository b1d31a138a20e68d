import { describe, expect, it } from 'vitest';
import { createRetryBudget, retryDelayMs } from '../../../lib/pace/retry.ts';

const most = () => 0.9999;

describe('retryDelayMs', () => {
  it.each([
    { kind: 'throttled', delays: [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000, 10_000] },
    { kind: 'busy', delays: [1000, 2000, 4000] },
    { kind: 'unavailable', delays: [300, 600, 1200, 2400, 4800] },
    { kind: 'unanswered', delays: [200, 400, 800, 1600] },
    { kind: 'gone', delays: [] },
    { kind: 'rejected', delays: [] },
    { kind: 'fatal', delays: [] },
  ] as const)('doubles up to a cap, and ends: $kind', ({ kind, delays }) => {
    const found = Array.from({ length: 20 }, (_, n) => retryDelayMs(kind, n + 1, most));

    expect(found.filter((delay) => delay !== undefined)).toEqual(delays.map((delay) => delay - 1));
    expect(found.slice(delays.length).every((delay) => delay === undefined)).toBe(true);
  });

  it('draws from nothing up to the whole delay', () => {
    expect(retryDelayMs('throttled', 1, () => 0)).toBe(0);
    expect(retryDelayMs('throttled', 1, () => 0.5)).toBe(125);
  });
});

describe('createRetryBudget', () => {
  it('gives out its reserve, and one more for each success, but never above it', () => {
    const budget = createRetryBudget(2);
    budget.earn();

    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    budget.earn();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });
});
