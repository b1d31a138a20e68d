import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import { EciError } from '../errors.ts';
import type { ApiName } from '../ports.ts';
import type { Region } from '../resource.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { callsPerMinute } from './quotas.ts';
import { createTracker } from './tracker.ts';
import { DEADLINE_REACHED, STOPPED } from './unsent.ts';
import { createWindow, type Sent, WINDOW_MS, type Window } from './window.ts';

/** How fast a run may go. */
export interface Pace {
  /** Part of each published per-minute quota, above 0 and at most 1. */
  readonly share: number;
  /** Requests in flight per region. */
  readonly concurrency: number;
}

/** Calls of one API to one region that were sent not long ago, by this run or by what it goes on with. */
export interface SentBefore extends Sent {
  readonly api: string;
  readonly region: string;
}

/** Calls that are told as one, as if all had been sent with the last: exact enough, and few. */
const TOGETHER_MS = 10_000;

/** APIs and regions above which all calls of the last minute are told as one. */
const MOST_IN_DETAIL = 30;

/** All limiters of a run: one per API and region, since quotas are counted so. */
export interface Pacer {
  /** Sends when the turn has come; rejects with `STOPPED` or `DEADLINE_REACHED` when it will not. */
  schedule<T>(api: ApiName, region: Region, send: () => Promise<T>): Promise<T>;
  /** Refuses what waits and whatever comes. */
  stop(): void;
  /** What counts in the windows at this instant, for whoever goes on with the run. */
  sent(): readonly SentBefore[];
}

export interface PacerOptions {
  readonly pace: Pace;
  readonly clock: Clock;
  readonly deadlineAtMs: number;
  /** What counts already, each call as if it had been sent with the last of its kind. */
  readonly before?: readonly SentBefore[] | undefined;
}

/** Limiters are made when first needed; the slots of a region are shared by all its APIs. */
export function createPacer({ pace, clock, deadlineAtMs, before = [] }: PacerOptions): Pacer {
  const windows = new Map<
    string,
    { readonly api: ApiName; readonly region: Region; readonly window: Window }
  >();
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
    const window = createWindow(perMinute);
    for (const { calls, lastAtMs } of before.filter((one) => one.api === api && one.region === region)) {
      // Clocks of two machines differ: nothing was sent later than now.
      for (let n = Math.min(calls, perMinute); n > 0; n--) window.take(Math.min(lastAtMs, clock.now()));
    }
    windows.set(key, { api, region, window });
    const made = createLimiter({
      window,
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
    sent() {
      const nowMs = clock.now();
      const togetherMs = windows.size > MOST_IN_DETAIL ? WINDOW_MS : TOGETHER_MS;
      const own = [...windows.values()].flatMap(({ api, region, window }) =>
        window.counted(nowMs, togetherMs).map((sent) => ({ api, region, ...sent })),
      );
      const unused = before.filter(({ api, region, lastAtMs }) => {
        return !windows.has(`${api} ${region}`) && lastAtMs + WINDOW_MS > nowMs;
      });
      return [...own, ...unused];
    },
  };
}
