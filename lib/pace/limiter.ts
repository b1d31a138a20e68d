import type { Clock } from '../clock.ts';
import type { Tracker } from './tracker.ts';
import type { Window } from './window.ts';

/** Lets calls of one API to one region go, in the order in which they asked. */
export interface Limiter {
  /** Runs `send` when its turn has come; rejects, without calling it, with the reason of a stop. */
  schedule<T>(send: () => Promise<T>): Promise<T>;
  /** Refuses everything that waits, and whatever comes later. Calls in flight go on. */
  stop(reason: unknown): void;
}

export interface LimiterOptions {
  readonly window: Window;
  readonly tracker: Tracker;
  readonly clock: Clock;
  /** Whether an error says that the quota refused the call. */
  readonly isThrottle: (error: unknown) => boolean;
  /** Bounds the calls in flight: starts what it is given when there is room. */
  readonly slots: (start: () => Promise<void>) => Promise<void>;
  /** Nothing is sent from this instant on, and what cannot be sent before it is refused at once. */
  readonly deadlineAtMs: number;
  /** The reason of a refusal at the deadline. */
  readonly tooLate: () => unknown;
}

interface Waiter {
  readonly send: () => Promise<void>;
  readonly refuse: (reason: unknown) => void;
}

/**
 * One queue, and one loop that serves its head: waits for the pace, then for a slot, and looks at the pace
 * again before it sends, since a throttle may have come in between.
 *
 * A call is counted in the instant in which it is sent, never before: calls that were counted early and held
 * up could leave together, and pass the promise of the window.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { window, tracker, clock, slots, deadlineAtMs } = options;
  const queue = createQueue<Waiter>();
  let serving = false;
  let stopped: { readonly reason: unknown } | undefined;
  let alarm: AbortController | undefined;

  const readyAtMs = (nowMs: number) => window.readyAtMs(tracker.readyAtMs(nowMs));

  const refuseAll = (reason: unknown) => {
    for (let waiter = queue.take(); waiter !== undefined; waiter = queue.take()) waiter.refuse(reason);
  };

  const waitForPace = async () => {
    while (!queue.isEmpty) {
      const nowMs = clock.now();
      const atMs = readyAtMs(nowMs);
      if (atMs >= deadlineAtMs) return refuseAll(options.tooLate());
      const waitMs = atMs - nowMs;
      if (waitMs <= 0) return;
      alarm = new AbortController();
      // An alarm ends the sleep early; either way the pace is looked at again.
      await clock.sleep(waitMs, alarm.signal).catch(() => undefined);
      alarm = undefined;
    }
  };

  /** Sends the head of the queue if the pace still allows it; resolves as soon as it has left. */
  const sendNext = () =>
    new Promise<void>((left) => {
      void slots(async () => {
        const nowMs = clock.now();
        const waiter = readyAtMs(nowMs) > nowMs || nowMs >= deadlineAtMs ? undefined : queue.take();
        const sent = waiter?.send();
        left();
        await sent;
      });
    });

  const serve = async () => {
    serving = true;
    while (!queue.isEmpty) {
      await waitForPace();
      if (!queue.isEmpty) await sendNext();
    }
    serving = false;
  };

  const answered = (sentAtMs: number, throttled: boolean) => {
    const nowMs = clock.now();
    const before = readyAtMs(nowMs);
    tracker.answered(nowMs, sentAtMs, throttled);
    if (readyAtMs(nowMs) < before) alarm?.abort();
  };

  const attempt = async <T>(send: () => Promise<T>): Promise<T> => {
    const sentAtMs = clock.now();
    window.take(sentAtMs);
    tracker.sent(sentAtMs);
    try {
      const answer = await send();
      answered(sentAtMs, false);
      return answer;
    } catch (error) {
      answered(sentAtMs, options.isThrottle(error));
      throw error;
    }
  };

  return {
    schedule: (send) =>
      new Promise((resolve, reject) => {
        if (stopped !== undefined) return reject(stopped.reason);
        queue.add({ refuse: reject, send: () => attempt(send).then(resolve, reject) });
        if (!serving) void serve();
      }),
    stop(reason) {
      stopped ??= { reason };
      refuseAll(reason);
      alarm?.abort();
    },
  };
}

interface Link<T> {
  readonly item: T;
  next?: Link<T>;
}

/** First in, first out; a chain, so that nothing that waits is ever moved. */
function createQueue<T>() {
  let first: Link<T> | undefined;
  let last: Link<T> | undefined;
  return {
    get isEmpty() {
      return first === undefined;
    },
    add(item: T) {
      const link: Link<T> = { item };
      if (first === undefined) first = link;
      else last!.next = link;
      last = link;
    },
    take(): T | undefined {
      const item = first?.item;
      first = first?.next;
      return item;
    },
  };
}
