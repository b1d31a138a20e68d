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

/**
 * Drives a tracker with one call in flight, at most one each 100 ms, and notes its rate and when the next call
 * may go, after each throttle and after every 20th call. `throttles` are spans of time in which every call is.
 */
function courseOf(throttles: readonly (readonly [fromMs: number, toMs: number])[], forMs: number) {
  const tracker = createTracker(10);
  const course: string[] = [];
  let nowMs = 0;
  for (let call = 1; nowMs < forMs; call++) {
    const sentAtMs = Math.max(nowMs, tracker.readyAtMs(nowMs));
    tracker.sent(sentAtMs);
    nowMs = sentAtMs + 40;
    const throttled = throttles.some(([fromMs, toMs]) => sentAtMs >= fromMs && sentAtMs < toMs);
    tracker.answered(nowMs, sentAtMs, throttled);
    if (throttled || call % 20 === 0) {
      const readyMs = Math.round(tracker.readyAtMs(nowMs));
      course.push(
        `${Math.round(nowMs)}${throttled ? ' throttled' : ''}: ${tracker.rate(nowMs).toFixed(3)}/s, next ${readyMs}`,
      );
    }
    nowMs = Math.max(nowMs, sentAtMs + 100);
  }
  return course;
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

  it('climbs back to the rate at which a throttle came, rests there, and then looks for more', () => {
    expect(courseOf([[3000, 3001]], 30000)).toEqual([
      '1940: Infinity/s, next 1940',
      '3040 throttled: 9.241/s, next 3202',
      '4094: 9.572/s, next 4158',
      '6148: 9.892/s, next 6209',
      '8160: 9.984/s, next 8220',
      '10161: 10.089/s, next 10216',
      '12161: 10.434/s, next 12197',
      '14161: 12.011/s, next 14185',
      '16161: 18.349/s, next 16161',
      '18161: 30.414/s, next 18161',
      '20161: 45.126/s, next 20161',
      '22161: 61.537/s, next 22161',
      '24161: 79.184/s, next 24161',
      '26161: 97.786/s, next 26161',
      '28161: 117.160/s, next 28161',
    ]);
  });

  it('takes longer to climb where throttles keep coming at the same rate', () => {
    expect(
      courseOf(
        [
          [3000, 3001],
          [8000, 8150],
          [14000, 14200],
          [20000, 20250],
        ],
        26000,
      ),
    ).toEqual([
      '1940: Infinity/s, next 1940',
      '3040 throttled: 9.241/s, next 3202',
      '4094: 9.572/s, next 4158',
      '6148: 9.892/s, next 6209',
      '8060 throttled: 9.241/s, next 8222',
      '8262: 9.300/s, next 8330',
      '10365: 9.741/s, next 10428',
      '12398: 9.939/s, next 12459',
      '14103 throttled: 8.922/s, next 14271',
      '14534: 9.018/s, next 14606',
      '16711: 9.382/s, next 16778',
      '18822: 9.584/s, next 18886',
      '20070 throttled: 8.922/s, next 20238',
      '20278 throttled: 5.828/s, next 20535',
      '21483: 7.544/s, next 21578',
      '23900: 8.860/s, next 23973',
    ]);
  });

  it('cuts deeper where a throttle follows a cut at once', () => {
    expect(courseOf([[3000, 3600]], 6000)).toEqual([
      '1940: Infinity/s, next 1940',
      '3040 throttled: 9.241/s, next 3202',
      '3242 throttled: 6.055/s, next 3490',
      '3530 throttled: 4.269/s, next 3881',
      '5114: 5.883/s, next 5248',
    ]);
  });

  it('takes a limit for closed where nothing is admitted, probes it ever more seldom, and goes on where it was', () => {
    expect(courseOf([[3000, 20000]], 40000)).toEqual([
      '1940: Infinity/s, next 1940',
      '3040 throttled: 9.241/s, next 3202',
      '3242 throttled: 6.055/s, next 3490',
      '3530 throttled: 4.269/s, next 3881',
      '3921 throttled: 4.780/s, next 5921',
      '5961 throttled: 4.780/s, next 7921',
      '7961 throttled: 4.780/s, next 11921',
      '11961 throttled: 4.780/s, next 18921',
      '18961 throttled: 4.780/s, next 25921',
      '26061: 4.408/s, next 26236',
      '29565: 6.626/s, next 29676',
      '32546: 6.839/s, next 32652',
      '35256: 9.019/s, next 35330',
      '37300: 14.761/s, next 37310',
      '39300: 27.375/s, next 39300',
    ]);
  });

  it('cuts to a little under the rate that was admitted, and rests a gap and a half', () => {
    const tracker = createTracker(50);
    for (let atMs = 0; atMs < 3000; atMs += 50) {
      tracker.sent(atMs);
      tracker.answered(atMs, atMs, false);
    }
    tracker.sent(3000);
    tracker.answered(3000, 3000, true);

    // 60 calls were admitted, of which 58 in the 2.95 s that are counted.
    const rate = (58 / 2.95) * 0.94;
    expect(tracker.rate(3000)).toBeCloseTo(rate, 9);
    expect(tracker.readyAtMs(3000)).toBeCloseTo(3000 + 1500 / rate, 6);
  });

  it('never takes more than the published rate for admitted, nor less than a third of it after one throttle', () => {
    const [fast, silent] = [createTracker(5), createTracker(5)];
    for (let atMs = 0; atMs < 3000; atMs += 50) {
      fast.sent(atMs);
      fast.answered(atMs, atMs, false);
    }
    silent.sent(2990);
    fast.answered(3000, 2990, true);
    silent.answered(3000, 2990, true);

    expect(fast.rate(3000)).toBeCloseTo(5 * 0.94, 9);
    expect(silent.rate(3000)).toBeCloseTo(5 * 0.35 * 0.94, 9);
  });

  it('counts the throttles of calls that were sent before a cut to that cut', () => {
    const tracker = createTracker(10);
    for (const atMs of [0, 10, 20, 30, 60]) tracker.sent(atMs);
    tracker.answered(50, 0, true);
    const rate = tracker.rate(50);

    for (const sentAtMs of [10, 20, 50]) tracker.answered(55, sentAtMs, true);
    expect(tracker.rate(55)).toBe(rate);

    tracker.answered(70, 60, true);
    expect(tracker.rate(70)).toBeLessThan(rate);
  });

  it('takes no limit for closed before it was quiet for three gaps', () => {
    const tracker = createTracker(10);
    for (let atMs = 0; atMs < 3000; atMs += 100) {
      tracker.sent(atMs);
      tracker.answered(atMs, atMs, false);
    }
    for (const atMs of [3000, 3050, 3100, 3150]) tracker.answered(atMs, 2990, true);
    // A gap is 108 ms, and the last call was admitted 250 ms ago.
    expect(tracker.readyAtMs(3150)).toBeLessThan(3200);

    tracker.answered(3230, 2990, true);
    expect(tracker.readyAtMs(3230)).toBe(5230);
  });

  it('looks at what it sent, not at what is published, once it knows better', () => {
    const tracker = createTracker(10);
    tracker.sent(0);
    tracker.answered(10, 0, true);
    let nowMs = 10;
    while (tracker.rate(nowMs) < 60) {
      nowMs = tracker.readyAtMs(nowMs);
      tracker.sent(nowMs);
      tracker.answered(nowMs, nowMs, false);
    }
    tracker.sent(nowMs);
    tracker.answered(nowMs, nowMs, true);

    expect(tracker.rate(nowMs)).toBeGreaterThan(15);
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
