import { type AdmittedRate, createAdmittedRate } from './admitted-rate.ts';
import { createMinute } from './minute.ts';

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

// Rates are in calls a second, parts and weights from 0 to 1 without a unit, times in what their name says. All were
// tuned on some seeds of bench/limiter.ts and are reported there on others.

// How deep a throttle cuts.

/** Part of the rate really admitted that is kept after a throttle. */
const CUT = 0.95;
/** Part given up besides where others take from the same limit: deep cuts and slow growth are what makes shares equal. */
const CUT_CROWDED = 0.1;
/** Weight of the last throttle, among all, in the opinion whether others take from the same limit. */
const CROWDED_WEIGHT = 0.3;
/** At most this part of the rate sent is kept after a throttle that follows a cut at once, since the limit fell. */
const CUT_AGAIN = 0.8;
/** Milliseconds after a cut within which a throttle follows at once. */
const AGAIN_MS = 1000;
/** Part of the rate that one throttle leaves at the least: few answers at a low rate say little. */
const DEEPEST = 0.35;
/** Part not believed of what is admitted above the old rate: the bucket had saved it. */
const SAVED = 0.2;
/** Rate below which nothing is learned any more: one call in 5 seconds. */
const FLOOR = 0.2;
/** Gaps at the new rate for which nothing is sent after a throttle. */
const REST_GAPS = 1;

// How it grows again.

/** Seconds of sending until the rate at which a throttle came is reached again. */
const REGAIN_S = 4;
/** The most of these: while throttles keep coming at the same rate the limit is known. */
const LONGEST_REGAIN_S = 10;
/** Factor by which they grow with each throttle at the same rate. */
const CALM = 1.3;
/** Part within which two rates are the same. */
const SAME = 0.2;
/** Multiple of the old rate at which the flat curve ends, and growth by a fixed part begins. */
const PROBE_FROM = 1.03;
/** Factor of that growth in its first second. */
const PROBE_PER_SECOND = 1.15;
/** Seconds in which its pace doubles: the limit must have risen if nothing throttles for long. */
const FASTER_S = 6;
/** Rate won each second of probing whatever the rate, so that the slower of two instances catches up. */
const FAIR_GAIN = 0.2;
/** The same, as a part of what is published and not reached. */
const FAIR_PART = 0.004;

// When a window counts as closed: nothing admitted for so long, although asked. All three must hold.

/** Milliseconds without an admitted call. */
const CLOSED_AFTER_MS = 200;
/** The same in gaps at the present rate; the longer of the two counts. */
const CLOSED_AFTER_GAPS = 6;
/** Throttles in a row. */
const CLOSED_AFTER_THROTTLES = 4;
/** Milliseconds until the first probe of a closed window; each next one waits twice as long. */
const FIRST_PROBE_MS = 2000;
/** The most milliseconds between two probes. */
const LAST_PROBE_MS = 8000;

/**
 * The state: open (no throttle yet: no opinion), following (calls evenly at `rate`), or closed (single
 * probes until one is admitted, then the old rate).
 *
 * The course of an answer:
 *
 *     admitted ──► it counts for the rate; a closed window is open again, at the old rate
 *     throttled ─┬─ the window is closed ────────────────────────► nothing: the next probe is set already
 *                ├─ so many in a row, and nothing admitted so long ─► closed: probes after 2, 4, 8, 8 … seconds
 *                ├─ sent after the last cut ───────────────────────► cut, see below
 *                └─ sent before it ────────────────────────────────► nothing: one round trip, one event
 *
 * The course of the rate after a cut, over seconds of sending:
 *
 *     rate                                  ╱   probing: +15 % a second, ever faster
 *       ceiling ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▁▁▁▁▁▁▁▁▁▁▁╱     flat where the throttle came
 *                        ▂▃▅▆▇
 *       base      ▁▁▂▃▅▆                         CUT of what was admitted
 *             rest ├───── regainS ─────┤
 */
export function createTracker(publishedPerSecond: number): Tracker {
  const admitted: AdmittedRate = createAdmittedRate();
  const minute = createMinute(publishedPerSecond * 60);
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
  /** From 0, alone, to 1, always throttled before it was back at its old rate: then others took what was free. */
  let crowded = 0;

  const fairGain = () => FAIR_GAIN + FAIR_PART * Math.max(0, publishedPerSecond - ceiling);
  const currentRate = () =>
    state === 'open'
      ? Number.POSITIVE_INFINITY
      : curve(base, ceiling, grownS, regainS) + fairGain() * Math.max(0, grownS - regainS);
  const gapMs = () => 1000 / currentRate();

  const cut = (nowMs: number) => {
    const wasAt = Math.min(currentRate(), state === 'open' ? publishedPerSecond : Number.POSITIVE_INFINITY);
    const again = nowMs - cutAtMs < Math.max(AGAIN_MS, 3000 / wasAt);
    const seen = Math.max(admitted.perSecond(nowMs), wasAt * DEEPEST);
    const met = Math.min(seen, wasAt);
    const saved = again || met <= ceiling ? 0 : SAVED * (met - ceiling);
    const learned = Math.max(FLOOR, met - saved);
    if (!again && state === 'following') crowded += CROWDED_WEIGHT * ((grownS < regainS ? 1 : 0) - crowded);
    const same = !again && Math.abs(learned - ceiling) < SAME * ceiling;
    regainS = same ? Math.min(LONGEST_REGAIN_S, regainS * CALM) : REGAIN_S;
    ceiling = learned;
    const kept = ceiling * (CUT - CUT_CROWDED * crowded);
    base = Math.max(FLOOR, again ? Math.min(kept, wasAt * CUT_AGAIN) : kept);
    state = 'following';
    cutAtMs = nowMs;
    grownS = 0;
    nextAtMs = nowMs + REST_GAPS * gapMs();
  };

  /** A closed window is probed, and at the latest when the minute is over that it is counted by. */
  const nextProbeAtMs = (nowMs: number) => {
    const overAtMs = minute.readyAtMs(nowMs);
    return overAtMs > nowMs ? Math.min(overAtMs, nowMs + probeMs) : nowMs + probeMs;
  };

  /** From this instant on, one more throttle says that a window has closed. */
  const closedFromMs = () =>
    Math.max(lastAdmittedAtMs, admitted.beganAtMs()) + Math.max(CLOSED_AFTER_MS, CLOSED_AFTER_GAPS * gapMs());

  const close = (nowMs: number) => {
    state = 'closed';
    probeMs = FIRST_PROBE_MS;
    minute.close(nowMs);
    nextAtMs = nextProbeAtMs(nowMs);
  };

  const reopen = (nowMs: number) => {
    state = 'following';
    grownS = 0;
    nextAtMs = nowMs;
  };

  return {
    readyAtMs: (nowMs) => Math.max(nextAtMs, state === 'closed' ? nowMs : minute.readyAtMs(nowMs)),
    rate: currentRate,
    sent(nowMs) {
      admitted.begin(nowMs);
      minute.sent(nowMs);
      if (state === 'following') {
        const gap = gapMs();
        grownS += Math.min(nowMs - lastSentAtMs, 2 * gap) / 1000;
        nextAtMs = Math.max(nextAtMs, nowMs - Math.min(gap / 2, 20)) + gap;
      } else if (state === 'closed') {
        probeMs = Math.min(LAST_PROBE_MS, probeMs * 2);
        nextAtMs = nextProbeAtMs(nowMs);
      }
      lastSentAtMs = nowMs;
    },
    answered(nowMs, sentAtMs, throttled) {
      if (!throttled) {
        if (state === 'closed') minute.open(nowMs);
        minute.answered(nowMs, false);
        admitted.add(nowMs);
        lastAdmittedAtMs = nowMs;
        throttledInARow = 0;
        if (state === 'closed') reopen(nowMs);
        return;
      }
      minute.answered(nowMs, true);
      throttledInARow += 1;
      if (state === 'closed') return;
      const silent = throttledInARow >= CLOSED_AFTER_THROTTLES;
      if (silent && state === 'following' && nowMs > closedFromMs()) return close(nowMs);
      if (sentAtMs > cutAtMs) cut(nowMs);
      // Until it is clear, nothing more is sent: a bucket would fill meanwhile.
      if (silent) nextAtMs = Math.max(nextAtMs, closedFromMs());
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
