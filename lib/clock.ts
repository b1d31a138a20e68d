/** Time, passed in so that tests can move it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance, passed in so that tests can repeat it: a number in [0, 1). */
export type Chance = () => number;

/** How much of a run's time is left before it must turn to its records. */
export interface TimeLeft {
  /** Milliseconds in which work may still be done, never below 0; `Infinity` where nothing ends the run. */
  leftMs(): number;
  /** Whether one more call can be sent and answered. */
  mayStart(): boolean;
  /** Whether somebody asked for the end, rather than the clock. */
  wasInterrupted?(): boolean;
}
