import type { Clock, TimeLeft } from '../clock.ts';

/** Kept back at the end of a run for its last records. */
const RECORD_RESERVE_MS = 3000;

/** What a call is expected to take before one was measured. */
const FIRST_GUESS_MS = 1000;

/** The reserve never takes more than this part of the whole time. */
const LARGEST_PART = 0.4;

/** What of so much time is kept back for the last records, milliseconds. */
export function recordReserveMs(wholeMs: number): number {
  return Math.max(0, Math.min(RECORD_RESERVE_MS, wholeMs * LARGEST_PART));
}

export interface DeadlineOptions {
  readonly clock: Clock;
  /** Left out: the time never ends. Epoch milliseconds. */
  readonly deadlineAtMs?: number;
  /** How long the slowest call took so far, milliseconds. */
  readonly slowestCallMs?: () => number;
  /** What else must still be done afterwards, milliseconds; asked each time. */
  readonly afterMs?: () => number;
  /** Ends the time at once. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The time that is left for work: up to the deadline, less what the records need, what follows, and twice
 * the slowest call so far, since one that starts now may be as slow, and may have to be read again.
 */
export function createTimeLeft(options: DeadlineOptions): TimeLeft {
  const { clock, deadlineAtMs } = options;
  const startedAtMs = clock.now();
  const wasInterrupted = () => options.signal?.aborted === true;
  const leftMs = (): number => {
    if (wasInterrupted()) return 0;
    if (deadlineAtMs === undefined) return Number.POSITIVE_INFINITY;
    const wholeMs = deadlineAtMs - startedAtMs;
    const slowestMs = Math.max(FIRST_GUESS_MS, options.slowestCallMs?.() ?? 0);
    const reserveMs = Math.min(RECORD_RESERVE_MS + 2 * slowestMs, wholeMs * LARGEST_PART);
    return Math.max(0, deadlineAtMs - clock.now() - reserveMs - (options.afterMs?.() ?? 0));
  };
  return {
    leftMs,
    mayStart: () => leftMs() > 0,
    wasInterrupted,
  };
}
