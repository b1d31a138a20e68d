/** A server that admits or throttles, one call at a time, in the order of time. */
export interface Server {
  admit(atMs: number): boolean;
}

export interface Scenario {
  readonly name: string;
  readonly lengthMs: number;
  /** Calls that one who knows all could have had admitted in the whole time. */
  readonly possible: number;
  /** What is published: every controller starts from it, and ours never passes it in any minute. */
  readonly publishedPerMinute: number;
  server(chance: () => number): Server;
}

const LENGTH_MS = 300_000;

/** A token bucket whose rate, in calls a second, may change with time; others may draw from it. */
function bucket(
  rateAt: (ms: number) => number,
  burst: number,
  others: (ms: number) => number = () => 0,
): Server {
  let tokens = burst;
  let seenMs = 0;
  let taken = 0;
  return {
    admit(atMs) {
      while (seenMs < atMs) {
        const stepMs = Math.min(10, atMs - seenMs);
        tokens = Math.min(burst, tokens + (rateAt(seenMs) * stepMs) / 1000);
        taken += (others(seenMs) * stepMs) / 1000;
        while (taken >= 1 && tokens >= 1) {
          taken -= 1;
          tokens -= 1;
        }
        taken = Math.min(taken, 1);
        seenMs += stepMs;
      }
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** So many calls in each window, counted from fixed instants. */
function fixedWindow(limit: number, windowMs: number): Server {
  let window = -1;
  let count = 0;
  return {
    admit(atMs) {
      const current = Math.floor(atMs / windowMs);
      if (current !== window) {
        window = current;
        count = 0;
      }
      if (count >= limit) return false;
      count += 1;
      return true;
    },
  };
}

const thirds = (a: number, b: number, c: number) => (ms: number) =>
  ms < LENGTH_MS / 3 ? a : ms < (2 * LENGTH_MS) / 3 ? b : c;

/** Others use 5, then 15, then 10 calls a second for half a minute each, in turns. */
const othersAt = (ms: number) => [5, 15, 10][Math.floor(ms / 30_000) % 3]!;

const seconds = LENGTH_MS / 1000;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'known 600/min',
    lengthMs: LENGTH_MS,
    possible: 600 * 5,
    publishedPerMinute: 600,
    server: () => fixedWindow(600, 60_000),
  },
  {
    name: 'steady 10',
    publishedPerMinute: 600,
    lengthMs: LENGTH_MS,
    possible: 10 * seconds,
    server: () => bucket(() => 10, 10),
  },
  {
    name: 'steady 50',
    publishedPerMinute: 3000,
    lengthMs: LENGTH_MS,
    possible: 50 * seconds,
    server: () => bucket(() => 50, 50),
  },
  {
    name: 'burst 2',
    publishedPerMinute: 600,
    lengthMs: LENGTH_MS,
    possible: 10 * seconds,
    server: () => bucket(() => 10, 2),
  },
  {
    name: '10, 5, 20',
    publishedPerMinute: 1200,
    lengthMs: LENGTH_MS,
    possible: (35 / 3) * seconds,
    server: () => bucket(thirds(10, 5, 20), 10),
  },
  {
    name: '50, 20, 40',
    publishedPerMinute: 3000,
    lengthMs: LENGTH_MS,
    possible: (110 / 3) * seconds,
    server: () => bucket(thirds(50, 20, 40), 20),
  },
  {
    name: 'shared 20',
    publishedPerMinute: 1200,
    lengthMs: LENGTH_MS,
    possible: (20 - 10) * seconds,
    server: () => bucket(() => 20, 10, othersAt),
  },
  {
    name: '1 s window',
    publishedPerMinute: 600,
    lengthMs: LENGTH_MS,
    possible: 10 * seconds,
    server: () => fixedWindow(10, 1000),
  },
  {
    name: '60 s window',
    publishedPerMinute: 1000,
    lengthMs: LENGTH_MS,
    possible: 600 * 5,
    server: () => fixedWindow(600, 60_000),
  },
];

/** One limit for several instances that all run as long as the limit is looked at. */
export const SHARED_BY_INSTANCES: readonly Scenario[] = [
  {
    name: '10/s',
    publishedPerMinute: 600,
    lengthMs: LENGTH_MS,
    possible: 10 * seconds,
    server: () => bucket(() => 10, 10),
  },
  {
    name: '10/s, 20/s published',
    publishedPerMinute: 1200,
    lengthMs: LENGTH_MS,
    possible: 10 * seconds,
    server: () => bucket(() => 10, 10),
  },
  {
    name: '50/s',
    publishedPerMinute: 3000,
    lengthMs: LENGTH_MS,
    possible: 50 * seconds,
    server: () => bucket(() => 50, 50),
  },
  {
    name: '10/s, burst 2',
    publishedPerMinute: 600,
    lengthMs: LENGTH_MS,
    possible: 10 * seconds,
    server: () => bucket(() => 10, 2),
  },
  {
    name: '1000/min, half of it each',
    publishedPerMinute: 500,
    lengthMs: LENGTH_MS,
    possible: 1000 * 5,
    server: () => fixedWindow(1000, 60_000),
  },
];
