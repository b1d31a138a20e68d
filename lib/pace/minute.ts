import { WINDOW_MS } from './window.ts';

/**
 * What a minute admits, once a closed window has told: quotas are counted by the minute, but others use
 * them too, and the published one may be wrong.
 */
export interface Minute {
  /** The first instant, `nowMs` or later, at which one more call fits what was learned; `nowMs` when nothing was. */
  readyAtMs(nowMs: number): number;
  sent(nowMs: number): void;
  answered(nowMs: number, throttled: boolean): void;
  /** A window has closed: what it admitted in the last minute may be all that a minute admits. */
  close(nowMs: number): void;
  /** It is open again: after a rest that is too short for a minute's window, nothing was learned. */
  open(nowMs: number): void;
}

/** A window that was closed for less may be anything. */
const SHORTEST_REST_MS = 10_000;
/** While no window closes, so much more is tried, and each time twice as much, until the limit is forgotten. */
const TRY_MORE_AFTER_MS = 110_000;
const MORE = 0.03;
const FORGET_AT = 0.5;

/** Less than this part of the published quota is what others left over, and says nothing about the next minute. */
const LEAST_PART = 0.2;

export function createMinute(publishedPerMinute: number): Minute {
  let limit = Number.POSITIVE_INFINITY;
  /** The limit before more was tried. */
  let proven = Number.POSITIVE_INFINITY;
  let more = MORE;
  /** Of the last minute, oldest first. */
  let admittedAtMs: number[] = [];
  let inFlight = 0;
  let changedAtMs = 0;
  let closedAtMs = 0;

  const dropOld = (nowMs: number) => {
    while (admittedAtMs[0] !== undefined && admittedAtMs[0] <= nowMs - WINDOW_MS) admittedAtMs.shift();
  };
  const used = () => admittedAtMs.length + inFlight;

  return {
    readyAtMs(nowMs) {
      dropOld(nowMs);
      const [first] = admittedAtMs;
      return used() < limit || first === undefined ? nowMs : Math.max(nowMs, first + WINDOW_MS);
    },
    sent(nowMs) {
      inFlight += 1;
      if (used() < limit || nowMs - changedAtMs < TRY_MORE_AFTER_MS) return;
      proven = limit;
      limit = more > FORGET_AT ? Number.POSITIVE_INFINITY : Math.ceil(limit * (1 + more));
      more *= 2;
      changedAtMs = nowMs;
    },
    answered(nowMs, throttled) {
      inFlight = Math.max(0, inFlight - 1);
      if (!throttled) admittedAtMs.push(nowMs);
    },
    close(nowMs) {
      dropOld(nowMs);
      closedAtMs = nowMs;
      limit = Math.max(1, Math.min(proven, admittedAtMs.length));
    },
    open(nowMs) {
      more = MORE;
      changedAtMs = nowMs;
      proven = limit;
      if (nowMs - closedAtMs >= SHORTEST_REST_MS && limit >= LEAST_PART * publishedPerMinute) {
        // Its window has begun anew, whether or not the minute that was counted is over.
        if (used() >= limit) admittedAtMs = [];
        return;
      }
      limit = Number.POSITIVE_INFINITY;
      proven = Number.POSITIVE_INFINITY;
    },
  };
}
