import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import { EciError } from '../errors.ts';
import type { ApiName } from '../ports.ts';
import type { Region } from '../resource.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { callsPerMinute } from './quotas.ts';
import { createTracker } from './tracker.ts';
import { DEADLINE_REACHED, STOPPED } from './unsent.ts';
import { createWindow } from './window.ts';

/** How fast a run may go. */
export interface Pace {
  /** Part of each published per-minute quota, above 0 and at most 1. */
  readonly share: number;
  /** Requests in flight per region. */
  readonly concurrency: number;
}

/** All limiters of a run: one per API and region, since quotas are counted so. */
export interface Pacer {
  /** Sends when the turn has come; rejects with `STOPPED` or `DEADLINE_REACHED` when it will not. */
  schedule<T>(api: ApiName, region: Region, send: () => Promise<T>): Promise<T>;
  /** Refuses what waits and whatever comes. */
  stop(): void;
}

/** Limiters are made when first needed; the slots of a region are shared by all its APIs. */
export function createPacer(options: { pace: Pace; clock: Clock; deadlineAtMs: number }): Pacer {
  const { pace, clock, deadlineAtMs } = options;
  const limiters = new Map<string, Limiter>();
  const slots = new Map<Region, ReturnType<typeof pLimit>>();
  let stopped = false;

  const slotsOf = (region: Region) => {
    const found = slots.get(region) ?? pLimit(pace.concurrency);
    slots.set(region, found);
    return found;
  };

  const limiterOf = (api: ApiName, region: Region): Limiter => {
    const key = `${api} ${region}`;
    const found = limiters.get(key);
    if (found !== undefined) return found;
    const perMinute = callsPerMinute(api, pace.share);
    const made = createLimiter({
      window: createWindow(perMinute),
      tracker: createTracker(perMinute / 60),
      clock,
      isThrottle: (error) => error instanceof EciError && error.kind === 'throttled',
      slots: slotsOf(region),
      deadlineAtMs,
      tooLate: () => DEADLINE_REACHED,
    });
    if (stopped) made.stop(STOPPED);
    limiters.set(key, made);
    return made;
  };

  return {
    schedule: (api, region, send) => limiterOf(api, region).schedule(send),
    stop() {
      stopped = true;
      for (const limiter of limiters.values()) limiter.stop(STOPPED);
    },
  };
}
