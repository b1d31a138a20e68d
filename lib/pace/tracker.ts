import { type AdmittedRate, createAdmittedRate } from './admitted-rate.ts';

/** Follows a limit that nobody tells: learns from throttles alone, since a token bucket has no queue. */
export interface Tracker {
  /** The first instant, `nowMs` or later, at which one more call is wise. */
  readyAtMs(nowMs: number): number;
  sent(nowMs: number): void;
  /** What became of a call: `throttled`, or admitted by the quota, whatever its outcome. */
  answered(nowMs: number, sentAtMs: number, throttled: boolean): void;
  /** Calls a second at `nowMs`; Infinity before the first throttle. */
  rate(nowMs: number): number;
}

/** After a throttle: this part of the rate that was really admitted. */
const CUT = 0.94;
/** After a throttle that follows a cut at once: at most this part of the rate sent, since the limit fell. */
const CUT_AGAIN = 0.65;
const AGAIN_MS = 1000;
/** One throttle never takes more than two thirds: few answers at a low rate say little. */
const DEEPEST = 0.35;
/** Calls a second won each second whatever the rate, so that the slower of two instances catches up. */
const FAIR_GAIN = 0.03;
/** How long it takes to be back at the rate at which a throttle came, in seconds. */
const REGAIN_S = 5;
/** While throttles keep coming at the same rate the limit is known: up to so long between two of them. */
const LONGEST_REGAIN_S = 9;
const CALM = 1.3;
/** Two rates are the same within this part. */
const SAME = 0.1;
/** Where the flat curve around the old rate ends, and growth by a fixed part begins. */
const PROBE_FROM = 1.08;
const PROBE_PER_SECOND = 1.15;
/** The limit must have risen if nothing throttles for long: growth doubles its pace each so many seconds. */
const FASTER_S = 6;
/** Rest after a throttle, in gaps between calls. */
const REST_GAPS = 1.5;
/** Nothing admitted for so long, although asked: a window has closed. */
const CLOSED_AFTER_MS = 200;
const CLOSED_AFTER_THROTTLES = 4;
const FIRST_PROBE_MS = 2000;
const LAST_PROBE_MS = 7000;
/** Below this nothing is learned any more; one call in 5 seconds. */
const FLOOR = 0.2;

/**
 * The state: open (no throttle yet: no opinion), following (calls evenly at `rate`), or closed (single
 * probes until one is admitted, then the old rate).
 *
 * Throttles of calls that were sent before the last cut belong to that cut: one round trip, one event.
 */
export function createTracker(publishedPerSecond: number): Tracker {
  const admitted: AdmittedRate = createAdmittedRate();
  let state: 'open' | 'following' | 'closed' = 'open';
  let ceiling = Number.POSITIVE_INFINITY;
  let base = Number.POSITIVE_INFINITY;
  let cutAtMs = Number.NEGATIVE_INFINITY;
  /** Seconds of real sending since the cut: idle time teaches nothing. */
  let grownS = 0;
  let lastSentAtMs = Number.NEGATIVE_INFINITY;
  let lastAdmittedAtMs = Number.NEGATIVE_INFINITY;
  let nextAtMs = Number.NEGATIVE_INFINITY;
  let probeMs = FIRST_PROBE_MS;
  let regainS = REGAIN_S;
  let throttledInARow = 0;

  const currentRate = () =>
    state === 'open' ? Number.POSITIVE_INFINITY : curve(base, ceiling, grownS, regainS) + FAIR_GAIN * grownS;
  const gapMs = () => 1000 / currentRate();

  const cut = (nowMs: number) => {
    const wasAt = Math.min(currentRate(), state === 'open' ? publishedPerSecond : Number.POSITIVE_INFINITY);
    const again = nowMs - cutAtMs < Math.max(AGAIN_MS, 3000 / wasAt);
    const seen = Math.max(admitted.perSecond(nowMs), wasAt * DEEPEST);
    const learned = Math.max(FLOOR, Math.min(seen, wasAt));
    const same = !again && Math.abs(learned - ceiling) < SAME * ceiling;
    regainS = same ? Math.min(LONGEST_REGAIN_S, regainS * CALM) : REGAIN_S;
    ceiling = learned;
    base = Math.max(FLOOR, again ? Math.min(ceiling * CUT, wasAt * CUT_AGAIN) : ceiling * CUT);
    state = 'following';
    cutAtMs = nowMs;
    grownS = 0;
    nextAtMs = nowMs + REST_GAPS * gapMs();
  };

  const reopen = (nowMs: number) => {
    state = 'following';
    grownS = 0;
    nextAtMs = nowMs;
  };

  return {
    readyAtMs: (nowMs) => Math.max(nowMs, nextAtMs),
    rate: currentRate,
    sent(nowMs) {
      admitted.begin(nowMs);
      if (state === 'following') {
        const gap = gapMs();
        grownS += Math.min(nowMs - lastSentAtMs, 2 * gap) / 1000;
        nextAtMs = Math.max(nextAtMs, nowMs - Math.min(gap / 2, 20)) + gap;
      } else if (state === 'closed') {
        nextAtMs = nowMs + probeMs;
        probeMs = Math.min(LAST_PROBE_MS, probeMs * 2);
      }
      lastSentAtMs = nowMs;
    },
    answered(nowMs, sentAtMs, throttled) {
      if (!throttled) {
        admitted.add(nowMs);
        lastAdmittedAtMs = nowMs;
        throttledInARow = 0;
        if (state === 'closed') reopen(nowMs);
        return;
      }
      throttledInARow += 1;
      if (state === 'closed') return;
      const quietSinceMs = Math.max(lastAdmittedAtMs, admitted.beganAtMs());
      if (
        state === 'following' &&
        throttledInARow >= CLOSED_AFTER_THROTTLES &&
        nowMs - quietSinceMs > Math.max(CLOSED_AFTER_MS, 3 * gapMs())
      ) {
        state = 'closed';
        probeMs = FIRST_PROBE_MS;
        nextAtMs = nowMs + probeMs;
        return;
      }
      if (sentAtMs > cutAtMs) cut(nowMs);
    },
  };
}

/** The rate after `seconds` of sending: a flat cubic through `ceiling`, then growth by a fixed part. */
function curve(base: number, ceiling: number, seconds: number, regainS: number): number {
  const cubic = ceiling + (ceiling - base) * (seconds / regainS - 1) ** 3;
  if (cubic <= ceiling * PROBE_FROM) return cubic;
  const probingFromS = regainS * (1 + Math.cbrt(((PROBE_FROM - 1) * ceiling) / (ceiling - base)));
  const probingS = seconds - probingFromS;
  return ceiling * PROBE_FROM * PROBE_PER_SECOND ** (probingS * (1 + probingS / FASTER_S));
}
