import type { TimeLeft } from '../clock.ts';
import type { StopCode } from '../codes.ts';

/** Why a run sends nothing more. */
export interface Halt {
  /** What it means is in the table of codes. */
  readonly code: StopCode;
  /** One sentence. */
  readonly reason: string;
}

/** That no time is left for more; `what` goes on after the verb: `before all requests were sent.` */
export function outOfTime(time: TimeLeft, what: string): Halt {
  return time.wasInterrupted?.() === true
    ? { code: 'INTERRUPTED', reason: `It was interrupted ${what}` }
    : { code: 'TIME', reason: `The time ended ${what}` };
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
