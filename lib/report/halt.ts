/** Why a run sends nothing more. */
export interface Halt {
  /**
   * `time` and `throttled` leave work for another run; after the others something must be looked at by
   * a person first.
   */
  readonly cause: 'time' | 'throttled' | 'budget' | 'fatal' | 'journal' | 'canary' | 'gate';
  /** One sentence. */
  readonly reason: string;
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
