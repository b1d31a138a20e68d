/** Counts how many events at most fell into any sliding window. */
export interface PeakTracker {
  record(atMs: number): void;
  readonly peak: number;
}

/**
 * A tracker for one window, half-open: events at t and t + windowMs are never in it together.
 *
 * Times must not go backwards; one that does is counted as of the last.
 */
export function createPeak(windowMs: number): PeakTracker {
  let times: number[] = [];
  let first = 0;
  let peak = 0;
  return {
    record(atMs) {
      const now = Math.max(atMs, times.at(-1) ?? atMs);
      times.push(now);
      while ((times[first] ?? now) <= now - windowMs) first += 1;
      peak = Math.max(peak, times.length - first);
      if (first > 10_000) {
        times = times.slice(first);
        first = 0;
      }
    },
    get peak() {
      return peak;
    },
  };
}
