import { createTracker } from '../../lib/pace/tracker.ts';
import { createWindow } from '../../lib/pace/window.ts';

/** Decides when the next call may go; learns from the answers. */
export interface Controller {
  readyAtMs(nowMs: number): number;
  sent(nowMs: number): void;
  answered(nowMs: number, sentAtMs: number, throttled: boolean): void;
}

export interface ControllerKind {
  readonly name: string;
  /** Instances that do not know of each other. */
  readonly clients: number;
  /** Requests in flight, of each. */
  readonly concurrency: number;
  create(perMinute: number, chance: () => number): Controller;
}

/** Eight workers; each that was throttled waits, with full jitter, while the others go on. */
const workers: ControllerKind = {
  name: '8 workers, backoff',
  clients: 1,
  concurrency: 8,
  create: (_perMinute, chance) => {
    const free: number[] = Array.from({ length: 8 }, () => 0);
    const tries = new Map<number, number>();
    let attempt = 0;
    return {
      readyAtMs: (nowMs) => Math.max(nowMs, Math.min(...free)),
      sent(nowMs) {
        free.splice(
          free.findIndex((at) => at <= nowMs),
          1,
        );
      },
      answered(nowMs, _sentAtMs, throttled) {
        attempt = throttled ? attempt + 1 : 0;
        tries.set(nowMs, attempt);
        free.push(throttled ? nowMs + chance() * Math.min(2000, 100 * 2 ** Math.min(attempt, 5)) : nowMs);
      },
    };
  },
};

/** Even gaps at a rate that `next` moves. */
function paced(
  startRate: number,
  onAnswer: (rate: number, nowMs: number, throttled: boolean, cutAtMs: number) => number,
) {
  let rate = startRate;
  let nextAtMs = 0;
  let cutAtMs = Number.NEGATIVE_INFINITY;
  return {
    readyAtMs: (nowMs: number) => Math.max(nowMs, nextAtMs),
    sent(nowMs: number) {
      nextAtMs = Math.max(nextAtMs, nowMs) + 1000 / rate;
    },
    answered(nowMs: number, sentAtMs: number, throttled: boolean) {
      if (throttled && sentAtMs <= cutAtMs) return;
      rate = onAnswer(rate, nowMs, throttled, cutAtMs);
      if (throttled) cutAtMs = nowMs;
    },
  };
}

/** Additive increase, multiplicative decrease of the rate: half a call a second more each second, half at a throttle. */
const aimd: ControllerKind = {
  name: 'AIMD',
  clients: 1,
  concurrency: 32,
  create: (perMinute) =>
    paced(perMinute / 60, (rate, _now, throttled) =>
      throttled ? Math.max(0.5, rate / 2) : rate + 0.5 / rate,
    ),
};

/** The shape of the adaptive mode of AWS SDKs: CUBIC, 0.7 at a throttle, at most twice the measured rate. */
const cubic: ControllerKind = {
  name: 'AWS adaptive (CUBIC)',
  clients: 1,
  concurrency: 32,
  create: (perMinute) => {
    let lastMax = perMinute / 60;
    let measured = 0;
    let bucketAt = 0;
    let inBucket = 0;
    let window = 0;
    let throttledAtMs = 0;
    let nextAtMs = 0;
    let rate = perMinute / 60;
    const measure = (nowMs: number) => {
      inBucket += 1;
      const bucket = Math.floor((nowMs / 1000) * 2) / 2;
      if (bucket <= bucketAt) return;
      measured = (inBucket / (bucket - bucketAt)) * 0.8 + measured * 0.2;
      inBucket = 0;
      bucketAt = bucket;
    };
    return {
      readyAtMs: (nowMs) => Math.max(nowMs, nextAtMs),
      sent(nowMs) {
        nextAtMs = Math.max(nextAtMs, nowMs) + 1000 / rate;
      },
      answered(nowMs, _sentAtMs, throttled) {
        measure(nowMs);
        let wanted: number;
        if (throttled) {
          lastMax = Math.min(rate, measured > 0 ? measured * 1.4 : rate);
          window = Math.cbrt((lastMax * 0.3) / 0.4);
          throttledAtMs = nowMs;
          wanted = lastMax * 0.7;
        } else {
          wanted = 0.4 * ((nowMs - throttledAtMs) / 1000 - window) ** 3 + lastMax;
        }
        rate = Math.max(0.5, Math.min(wanted, 2 * Math.max(measured, 0.5)));
      },
    };
  },
};

const ours: ControllerKind = {
  name: 'ours',
  clients: 1,
  concurrency: 8,
  create: (perMinute) => {
    const window = createWindow(perMinute);
    const tracker = createTracker(perMinute / 60);
    return {
      readyAtMs: (nowMs) => window.readyAtMs(tracker.readyAtMs(nowMs)),
      sent(nowMs) {
        window.take(nowMs);
        tracker.sent(nowMs);
      },
      answered: tracker.answered,
    };
  },
};

/** So many of a kind, that do not know of each other. */
export const several = (kind: ControllerKind, clients: number): ControllerKind => ({
  ...kind,
  name: `${kind.name}, ${clients} that do not know of each other`,
  clients,
});

export const ALL_CONTROLLERS: readonly ControllerKind[] = [workers, aimd, cubic, ours, several(ours, 3)];

/** Those that are also looked at for fairness. */
export const FAIR_CONTROLLERS: readonly ControllerKind[] = [aimd, cubic, ours];
