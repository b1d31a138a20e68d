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
  const afterFirstThrottle = sent.slice(sent.findIndex(({ throttled }) => throttled));
  const gapsMs = afterFirstThrottle.slice(1).map(({ atMs }, index) => atMs - afterFirstThrottle[index]!.atMs);
  return { tracker, between, calls: gapsMs.length, longestGapMs: Math.max(...gapsMs) };
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
      '3040 throttled: 9.339/s, next 3147',
      '4032: 9.621/s, next 4096',
      '6086: 9.824/s, next 6148',
      '8112: 10.055/s, next 8171',
      '10112: 10.670/s, next 10146',
      '12112: 14.747/s, next 12121',
      '14112: 24.316/s, next 14112',
      '16112: 37.736/s, next 16112',
      '18112: 53.167/s, next 18112',
      '20112: 70.046/s, next 20112',
      '22112: 88.030/s, next 22112',
      '24112: 106.893/s, next 24112',
      '26112: 126.481/s, next 26112',
      '28112: 146.681/s, next 28112',
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
      '3040 throttled: 9.339/s, next 3147',
      '4032: 9.621/s, next 4096',
      '6086: 9.824/s, next 6148',
      '8112 throttled: 9.017/s, next 8223',
      '10321: 9.401/s, next 10388',
      '12437: 9.489/s, next 12503',
      '14119 throttled: 8.695/s, next 14234',
      '14617: 8.789/s, next 14692',
      '16859: 9.056/s, next 16930',
      '19056: 9.144/s, next 19126',
      '20040 throttled: 8.108/s, next 20164',
      '20204 throttled: 6.518/s, next 20357',
      '21662: 7.729/s, next 21752',
      '24160: 8.147/s, next 24243',
    ]);
  });

  it('cuts deeper where a throttle follows a cut at once', () => {
    expect(courseOf([[3000, 3600]], 6000)).toEqual([
      '1940: Infinity/s, next 1940',
      '3040 throttled: 9.339/s, next 3147',
      '3187 throttled: 7.513/s, next 3320',
      '3360 throttled: 6.197/s, next 3522',
      '3562 throttled: 5.136/s, next 4108',
      '5049: 6.020/s, next 5177',
    ]);
  });

  it('takes a limit for closed where nothing is admitted, probes it ever more seldom, and goes on where it was', () => {
    expect(courseOf([[3000, 20000]], 40000)).toEqual([
      '1940: Infinity/s, next 1940',
      '3040 throttled: 9.339/s, next 3147',
      '3187 throttled: 7.513/s, next 3320',
      '3360 throttled: 6.197/s, next 3522',
      '3562 throttled: 5.136/s, next 4108',
      '4148 throttled: 5.475/s, next 6148',
      '6188 throttled: 5.475/s, next 10148',
      '10188 throttled: 5.475/s, next 18148',
      '18188 throttled: 5.475/s, next 26148',
      '26288: 5.230/s, next 26423',
      '29620: 6.416/s, next 29735',
      '32633: 7.455/s, next 32731',
      '34886: 12.059/s, next 34911',
      '36886: 21.771/s, next 36886',
      '38886: 36.951/s, next 38886',
    ]);
  });

  it('cuts to a little under the rate that was admitted, and rests one gap', () => {
    const tracker = createTracker(50);
    for (let atMs = 0; atMs < 3000; atMs += 50) {
      tracker.sent(atMs);
      tracker.answered(atMs, atMs, false);
    }
    tracker.sent(3000);
    tracker.answered(3000, 3000, true);

    // 60 calls were admitted, of which 58 in the 2.95 s that are counted.
    const rate = (58 / 2.95) * 0.95;
    expect(tracker.rate(3000)).toBeCloseTo(rate, 9);
    expect(tracker.readyAtMs(3000)).toBeCloseTo(3000 + 1000 / rate, 6);
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

    expect(fast.rate(3000)).toBeCloseTo(5 * 0.95, 9);
    expect(silent.rate(3000)).toBeCloseTo(5 * 0.35 * 0.95, 9);
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

  it('takes no limit for closed before it was quiet for six gaps, and sends nothing until that is clear', () => {
    const tracker = createTracker(10);
    for (let atMs = 0; atMs < 3000; atMs += 100) {
      tracker.sent(atMs);
      tracker.answered(atMs, atMs, false);
    }
    for (const atMs of [3000, 3050, 3100, 3150]) tracker.answered(atMs, 2990, true);
    const gapMs = 1000 / tracker.rate(3150);
    const closedFromMs = 2900 + 6 * gapMs;
    expect(tracker.readyAtMs(3150)).toBeCloseTo(closedFromMs, 6);

    tracker.answered(closedFromMs, 2990, true);
    expect(tracker.readyAtMs(closedFromMs)).toBeCloseTo(closedFromMs, 6);
    tracker.answered(closedFromMs + 1, 2990, true);
    expect(tracker.readyAtMs(closedFromMs + 1)).toBeCloseTo(closedFromMs + 2001, 6);
  });

  it('keeps the rate that it knew when it takes a limit for closed, although the last throttle is of a new call', () => {
    const tracker = createTracker(10);
    for (let atMs = 0; atMs < 3000; atMs += 100) {
      tracker.sent(atMs);
      tracker.answered(atMs, atMs, false);
    }
    for (const atMs of [3000, 3010, 3020, 3030]) tracker.answered(atMs, 2990, true);
    const rate = tracker.rate(3030);

    tracker.answered(4000, 3900, true);

    expect(tracker.readyAtMs(4000)).toBe(6000);
    expect(tracker.rate(4000)).toBe(rate);
  });

  it('gives up more where throttles come before it is back at its old rate, since others share the limit', () => {
    /** Three throttles, so far apart: what the last one leaves of the rate that was admitted in the 2.95 s before. */
    const keptAfter = (apartMs: number) => {
      const tracker = createTracker(10);
      const admittedAtMs: number[] = [];
      let nowMs = 0;
      const send = (throttled: boolean) => {
        tracker.sent(nowMs);
        tracker.answered(nowMs, nowMs, throttled);
        if (!throttled) admittedAtMs.push(nowMs);
      };
      for (const throttleAtMs of [3000, 3000 + apartMs, 3000 + 2 * apartMs]) {
        for (; nowMs < throttleAtMs; nowMs = Math.max(nowMs + 100, tracker.readyAtMs(nowMs))) send(false);
        send(true);
      }
      const lately = admittedAtMs.filter((atMs) => atMs > nowMs - 2950).length;
      return tracker.rate(nowMs) / (lately / 2.95);
    };

    expect(keptAfter(5500)).toBeCloseTo(0.95, 9);
    // Two of the three came early: half of what may go more goes.
    expect(keptAfter(3500)).toBeLessThan(0.9);
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

  it('never pauses for two seconds in a long run at a limit that stays', () => {
    const { calls, longestGapMs } = follow(() => 10, 310_000);

    expect(longestGapMs).toBeLessThan(2000);
    expect(calls).toBeGreaterThan(3000);
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
