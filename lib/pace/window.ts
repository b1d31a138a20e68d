/** Counts calls, so that no stretch of time of its length ever holds more than its limit. */
export interface Window {
  /** The first instant, `nowMs` or later, at which one more call keeps the promise. */
  readyAtMs(nowMs: number): number;
  /** Counts a call that is sent now. */
  take(nowMs: number): void;
  /** The calls that still count at this instant, oldest first, those within `togetherMs` as one. */
  counted(nowMs: number, togetherMs: number): readonly Sent[];
}

/** Calls that were sent at about the same time. */
export interface Sent {
  readonly calls: number;
  /** When the last of them was sent, epoch milliseconds. */
  readonly lastAtMs: number;
}

/**
 * The length that is counted, for a promise about 60 seconds: a call leaves a little after it was counted,
 * and two calls may be late by different amounts.
 */
export const WINDOW_MS = 60_250;

/**
 * A sliding window: the call number n + limit may not be sent before call number n is `windowMs` old.
 *
 * That alone bounds every stretch of time, wherever it begins. Keeps the instants of the last `limit` calls.
 */
export function createWindow(limit: number, windowMs = WINDOW_MS): Window {
  const takenAtMs: number[] = [];
  let oldest = 0;
  return {
    readyAtMs(nowMs) {
      return takenAtMs.length < limit ? nowMs : Math.max(nowMs, takenAtMs[oldest]! + windowMs);
    },
    take(nowMs) {
      takenAtMs[oldest] = nowMs;
      oldest = (oldest + 1) % limit;
    },
    counted(nowMs, togetherMs) {
      const sent: { calls: number; lastAtMs: number }[] = [];
      let firstAtMs = Number.NEGATIVE_INFINITY;
      for (const atMs of [...takenAtMs.slice(oldest), ...takenAtMs.slice(0, oldest)]) {
        if (atMs + windowMs <= nowMs) continue;
        if (atMs - firstAtMs < togetherMs) {
          const last = sent.at(-1)!;
          last.calls += 1;
          last.lastAtMs = atMs;
        } else {
          sent.push({ calls: 1, lastAtMs: atMs });
          firstAtMs = atMs;
        }
      }
      return sent;
    },
  };
}
