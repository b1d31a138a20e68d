import type { Chance, Clock } from '../clock.ts';

/** The longest time that one timer of Node can hold, about 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The machine's time, set once and then counted on by a clock that never goes back.
 *
 * Pace and deadlines are differences: a step of the wall clock must not stretch or shorten them. Make one per
 * run. A sleep that is aborted leaves no timer behind.
 */
export function createSystemClock(): Clock {
  const startedAtMs = Date.now() - monotonicMs();
  const now = () => Math.floor(startedAtMs + monotonicMs());
  return {
    now,
    async sleep(ms, signal) {
      const untilMs = now() + Math.max(0, ms);
      do {
        await timer(Math.min(LONGEST_TIMER_MS, untilMs - now()), signal);
      } while (untilMs - now() > 1);
    },
  };
}

/** Not `performance.now`: loading what is behind it costs a cold start some milliseconds. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      Math.max(0, ms),
    );
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** The chance of the machine; good for jitter, not for secrets. */
export const systemChance: Chance = Math.random;
