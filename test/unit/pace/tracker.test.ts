import { describe, expect, it } from 'vitest';
import { createTracker } from '../../../lib/pace/tracker.ts';

/** A tracker that sends as soon as it may, to a limit of so many calls a second that nobody tells it. */
function follow(limitAt: (atMs: number) => number, forMs: number, roundTripMs = 50) {
  const tracker = createTracker(1000 / 60);
  let tokens = limitAt(0);
  let nowMs = 0;
  let filledAtMs = 0;
  const pending: { readonly atMs: number; readonly sentAtMs: number; readonly throttled: boolean }[] = [];
  const sent: { readonly atMs: number; readonly throttled: boolean; readonly rate: number }[] = [];
  while (nowMs < forMs) {
    const next = tracker.readyAtMs(nowMs);
    const answer = pending[0];
    if (answer !== undefined && answer.atMs <= next) {
      pending.shift();
      nowMs = Math.max(nowMs, answer.atMs);
      tracker.answered(nowMs, answer.sentAtMs, answer.throttled);
      continue;
    }
    // Not more than ten in flight, as the slots of a region would have it.
    if (pending.length >= 10) {
      nowMs = pending[0]!.atMs;
      continue;
    }
    nowMs = Math.max(nowMs, next);
    const limit = limitAt(nowMs);
    tokens = Math.min(limit, tokens + ((nowMs - filledAtMs) * limit) / 1000);
    filledAtMs = nowMs;
    const throttled = tokens < 1;
    if (!throttled) tokens -= 1;
    tracker.sent(nowMs);
    sent.push({ atMs: nowMs, throttled, rate: tracker.rate(nowMs) });
    pending.push({ atMs: nowMs + roundTripMs, sentAtMs: nowMs, throttled });
  }
  const between = (fromMs: number, toMs: number) => {
    const part = sent.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    const admitted = part.filter(({ throttled }) => !throttled).length;
    return { perSecond: (admitted * 1000) / (toMs - fromMs), throttled: part.length - admitted };
  };
  return { tracker, between };
}

describe('createTracker', () => {
  it('has no opinion before the first throttle', () => {
    const tracker = createTracker(10);
    for (let atMs = 0; atMs < 1000; atMs += 10) {
      tracker.sent(atMs);
      tracker.answered(atMs, atMs, false);
    }

    expect(tracker.rate(1000)).toBe(Number.POSITIVE_INFINITY);
    expect(tracker.readyAtMs(1000)).toBe(1000);
  });

  it('uses nearly all of a limit that stays, with few throttles', () => {
    const { between } = follow(() => 8, 120_000);
    const steady = between(20_000, 120_000);

    expect(steady.perSecond).toBeGreaterThan(8 * 0.93);
    expect(steady.throttled).toBeLessThan(100 * 0.6);
  });

  it('finds a limit that rose', () => {
    const { between } = follow((atMs) => (atMs < 30_000 ? 4 : 12), 120_000);

    expect(between(80_000, 120_000).perSecond).toBeGreaterThan(12 * 0.85);
  });

  it('follows a limit that fell', () => {
    const { between } = follow((atMs) => (atMs < 30_000 ? 12 : 3), 90_000);
    const after = between(45_000, 90_000);

    expect(after.perSecond).toBeGreaterThan(3 * 0.85);
    expect(after.throttled).toBeLessThan(45);
  });
});
