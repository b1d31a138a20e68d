/** Time, passed in so that tests can move it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance, passed in so that tests can repeat it: a number in [0, 1). */
export type Chance = () => number;
