import type { TimeLeft } from '../clock.ts';

/** Why a run sends nothing more. */
export interface Halt {
  /**
   * `time`, `interrupted` and `throttled` leave work for another run; after the others something must be looked at by
   * a person first.
   */
  readonly cause: 'time' | 'interrupted' | 'throttled' | 'budget' | 'fatal' | 'journal' | 'canary' | 'gate';
  /** One sentence. */
  readonly reason: string;
}

/** That no time is left for more; `what` goes on after the verb: `before all requests were sent.` */
export function outOfTime(time: TimeLeft, what: string): Halt {
  return time.wasInterrupted?.() === true
    ? { cause: 'interrupted', reason: `It was interrupted ${what}` }
    : { cause: 'time', reason: `The time ended ${what}` };
}

/** Remembers the first reason to stop. */
export interface Brake {
  pull(halt: Halt): void;
  readonly pulled: Halt | undefined;
}

export function createBrake(): Brake {
  let pulled: Halt | undefined;
  return {
    pull(halt) {
      pulled ??= halt;
    },
    get pulled() {
      return pulled;
    },
  };
}
