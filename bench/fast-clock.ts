import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../lib/clock.ts';

/** A clock that runs so many times faster than the machine's: latencies and quotas keep their proportion. */
export function fastClock(factor: number): Clock {
  const startMs = performance.now();
  return {
    // Whole milliseconds, as the machine's clock tells them.
    now: () => Math.floor((performance.now() - startMs) * factor),
    sleep: async (ms, signal) => {
      await wait(ms / factor, undefined, signal ? { signal } : {});
    },
  };
}
