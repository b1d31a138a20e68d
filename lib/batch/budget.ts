/** How long the planner may look for a better plan after it has a good one. */
export interface PlanOptions {
  /** Milliseconds for improvement; default 0, which makes the plan the same every time. */
  readonly budgetMs?: number;
  /** Milliseconds since any fixed instant; needed for a budget. */
  readonly elapsedMs?: () => number;
}

/** Says when the time for improvement is over. */
export interface Budget {
  readonly halted: () => boolean;
  /** A part of the time that is left now; `share` of 1 is all of it. */
  readonly part: (share: number) => Budget;
}

/** No time at all, whatever the clock says. */
export const NO_BUDGET: Budget = { halted: () => true, part: () => NO_BUDGET };

/** Starts to count the time for improvement. */
export function startBudget({ budgetMs = 0, elapsedMs }: PlanOptions): Budget {
  if (elapsedMs === undefined || budgetMs <= 0) return NO_BUDGET;
  return budgetUntil(elapsedMs, elapsedMs() + budgetMs);
}

function budgetUntil(elapsedMs: () => number, endMs: number): Budget {
  return {
    halted: () => elapsedMs() >= endMs,
    part(share) {
      const now = elapsedMs();
      return budgetUntil(elapsedMs, now + Math.max(0, endMs - now) * share);
    },
  };
}
