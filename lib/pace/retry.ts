import type { Chance } from '../clock.ts';
import type { EciErrorKind } from '../errors.ts';

interface Patience {
  /** The failure of this kind, of one call, that is the last. */
  readonly tries: number;
  readonly baseMs: number;
  readonly capMs: number;
}

const ONCE: Patience = { tries: 1, baseMs: 0, capMs: 0 };

/**
 * How patient a call is with each kind of failure.
 *
 * A throttled call waits in the queue of its API anyway, at the pace that the throttle has lowered, so its
 * own delay is short and its tries are many. A busy resource is in a moving state, which takes seconds.
 */
const PATIENCE: Readonly<Record<EciErrorKind, Patience>> = {
  throttled: { tries: 12, baseMs: 250, capMs: 10_000 },
  busy: { tries: 4, baseMs: 1_000, capMs: 8_000 },
  unavailable: { tries: 6, baseMs: 300, capMs: 10_000 },
  unanswered: { tries: 5, baseMs: 200, capMs: 5_000 },
  gone: ONCE,
  rejected: ONCE,
  fatal: ONCE,
};

/** How long to wait after failure number `tries` of this kind, full jitter; undefined: do not try again. */
export function retryDelayMs(kind: EciErrorKind, tries: number, chance: Chance): number | undefined {
  const { tries: most, baseMs, capMs } = PATIENCE[kind];
  if (tries >= most) return undefined;
  return Math.floor(chance() * Math.min(capMs, baseMs * 2 ** (tries - 1)));
}

/** What a run may spend on retries, over all its calls. */
export interface RetryBudget {
  /** Takes one retry, if there is one. */
  take(): boolean;
  /** A call that succeeded earns one retry. */
  earn(): void;
}

/** How many more retries than successes a run may make. */
export const RETRY_RESERVE = 200;

/** At most one retry for each success, and a reserve: a service that is down is not stormed. */
export function createRetryBudget(reserve = RETRY_RESERVE): RetryBudget {
  let left = reserve;
  return {
    take() {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    earn() {
      left = Math.min(reserve, left + 1);
    },
  };
}
