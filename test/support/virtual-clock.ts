import type { Clock } from '../../lib/clock.ts';

/** A clock for tests: it moves only when everybody sleeps. */
export interface VirtualClock extends Clock {
  /** Moves the clock by hand; sleepers that are due wake at their own turn. */
  advance(ms: number): void;
  /** How many are asleep. */
  readonly sleeping: number;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/**
 * A clock that jumps to the next sleeper's time as soon as nothing else can go on.
 *
 * "Nothing else" means that all microtasks are done: code under test may await promises, but no sockets or
 * files. Sleepers wake one at a time, by time and then by the order in which they lay down, so that the same
 * test takes the same course each time.
 */
export function virtualClock(startMs = Date.UTC(2026, 0, 1)): VirtualClock {
  let nowMs = startMs;
  let scheduled = false;
  const sleepers: Sleeper[] = [];

  const schedule = () => {
    if (scheduled || sleepers.length === 0) return;
    scheduled = true;
    setImmediate(wakeNext);
  };
  const wakeNext = () => {
    scheduled = false;
    const next = sleepers.shift();
    if (next === undefined) return;
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
    schedule();
  };
  const insert = (sleeper: Sleeper) => {
    let low = 0;
    let high = sleepers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = sleepers[middle]!;
      if (other.atMs <= sleeper.atMs) low = middle + 1;
      else high = middle;
    }
    sleepers.splice(low, 0, sleeper);
  };

  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    get sleeping() {
      return sleepers.length;
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const leave = () => {
          const index = sleepers.indexOf(sleeper);
          if (index >= 0) sleepers.splice(index, 1);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          // Whole milliseconds, as those of a real clock.
          atMs: Math.ceil(nowMs + Math.max(0, ms)),
          wake: () => {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        insert(sleeper);
        schedule();
      });
    },
  };
}
