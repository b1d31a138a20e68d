import type { Brake } from '../report/halt.ts';
import type { Ledger } from '../report/ledger.ts';

/** Tags that may be refused before an undo asks itself whether it gets anywhere; the default of a policy. */
export const MAX_REFUSED = 10;

/** What an undo may spend on calls that are refused. */
export interface UndoBudget {
  /** Notes tags that a call could not put back; pulls the brake where most of them fail. */
  refuse(tags: number, cause: string): void;
}

/**
 * The error budget of an undo: it stops once more than `MAX_REFUSED` tags were refused and no more were put
 * back than that.
 *
 * A fixed number alone, as a policy has one for removals, would let a few resources that cannot be tagged
 * keep all others from getting theirs back, however often the undo is tried.
 *
 * @param ledger - here `removed` is what was put back.
 */
export function createUndoBudget(ledger: Pick<Ledger, 'count'>, brake: Brake): UndoBudget {
  let refused = 0;
  return {
    refuse(tags, cause) {
      refused += tags;
      const restored = ledger.count('removed');
      if (refused <= MAX_REFUSED || refused < restored) return;
      brake.pull({
        cause: 'budget',
        reason: `${refused} tags were refused, and ${restored} could be put back, so the undo stopped; the last cause: ${cause} Undo again for the rest once that is mended.`,
      });
    },
  };
}
