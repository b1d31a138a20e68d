import { describe, expect, it } from 'vitest';
import { createAdmittedRate } from '../../../lib/pace/admitted-rate.ts';

/** Twenty calls a second from `fromMs` on, for so long. */
function twentyASecond(rate: ReturnType<typeof createAdmittedRate>, fromMs: number, forMs: number) {
  for (let atMs = fromMs; atMs < fromMs + forMs; atMs += 50) rate.add(atMs);
}

describe('createAdmittedRate', () => {
  it('is the calls of the last three seconds, by the second', () => {
    const rate = createAdmittedRate();
    rate.begin(1_000_000);
    twentyASecond(rate, 1_000_000, 10_000);

    expect(rate.perSecond(1_009_999)).toBeCloseTo(60 / 2.95, 6);
  });

  it('does not take a short past for a slow one', () => {
    const rate = createAdmittedRate();
    rate.begin(1_000_000);
    twentyASecond(rate, 1_000_000, 1000);

    expect(rate.perSecond(1_001_000)).toBeCloseTo(20, 6);
    expect(rate.beganAtMs()).toBe(1_000_000);
  });

  it('counts from the first call on, however often it is told to begin', () => {
    const rate = createAdmittedRate();
    rate.begin(1_000_000);
    rate.begin(1_005_000);

    expect(rate.beganAtMs()).toBe(1_000_000);
  });

  it('takes a past of no length for a tenth of a second', () => {
    const rate = createAdmittedRate();
    rate.begin(1_000_000);
    rate.add(1_000_000);

    expect(rate.perSecond(1_000_000)).toBe(10);
  });

  it('forgets what is older, part by part, and all of it after a rest', () => {
    const rate = createAdmittedRate();
    rate.begin(1_000_000);
    twentyASecond(rate, 1_000_000, 3000);

    expect(rate.perSecond(1_004_000)).toBeCloseTo(38 / 2.95, 6);
    expect(rate.perSecond(1_006_000)).toBe(0);
    rate.add(1_090_000);
    expect(rate.perSecond(1_090_000)).toBeCloseTo(1 / 2.95, 6);
  });

  it('does not go back where time does', () => {
    const rate = createAdmittedRate();
    rate.begin(1_000_000);
    rate.add(1_005_000);
    rate.add(1_004_000);

    expect(rate.perSecond(1_005_000)).toBeCloseTo(2 / 2.95, 6);
  });
});
