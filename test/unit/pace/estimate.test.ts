import { describe, expect, it } from 'vitest';
import { estimateMs } from '../../../lib/pace/estimate.ts';

const PACE = { share: 0.5, concurrency: 8 };

const calls = (region: string, count: number) => Array.from({ length: count }, () => region);

describe('estimateMs', () => {
  it('is nothing for no calls', () => {
    expect(estimateMs('UntagResources', [], PACE)).toBe(0);
  });

  it('takes a round trip for as many calls as go at once', () => {
    expect(estimateMs('UntagResources', calls('a', 8), PACE)).toBe(120);
    expect(estimateMs('UntagResources', calls('a', 9), PACE)).toBe(240);
  });

  it('stays within a minute as long as one minute’s share is enough', () => {
    expect(estimateMs('UntagResources', calls('a', 500), PACE)).toBeLessThan(60_000);
  });

  it('adds a minute for each share that is used up', () => {
    const within = estimateMs('UntagResources', calls('a', 1), PACE);

    expect(estimateMs('UntagResources', calls('a', 501), PACE)).toBe(60_000 + within);
    expect(estimateMs('UntagResources', calls('a', 1001), PACE)).toBe(120_000 + within);
  });

  it('counts the slowest region, since they go on side by side', () => {
    const both = estimateMs('UntagResources', [...calls('a', 501), ...calls('b', 400)], PACE);

    expect(both).toBe(estimateMs('UntagResources', calls('a', 501), PACE));
  });
});
