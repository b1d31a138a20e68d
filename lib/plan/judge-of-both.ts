import type { Judge } from './types.ts';

/**
 * A judge that takes only what two policies take: a plan's own, and the one that bears its name today. What is told of
 * a tag is what the first says, or the second where that keeps it.
 */
export function createJudgeOfBoth(first: Judge, second: Judge): Judge {
  return {
    decide: (resource) => {
      const others = second.decide(resource);
      return first.decide(resource).map((decision, at) => {
        const other = others[at];
        return decision.verdict === 'remove' && other?.verdict === 'keep' ? other : decision;
      });
    },
    removals: (resource) => {
      const both = new Set(second.removals(resource).map(({ key }) => key));
      return first.removals(resource).filter(({ key }) => both.has(key));
    },
    isFree: (resource, key) => first.isFree(resource, key) && second.isFree(resource, key),
    selects: (resource) => {
      const [one, other] = [first.selects(resource), second.selects(resource)];
      if (one === false || other === false) return false;
      return one === true && other === true ? true : one === true ? other : one;
    },
  };
}
