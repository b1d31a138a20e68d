import { compareRemovals } from './order.ts';
import type { Plan, Removal, RemovalTag } from './types.ts';

/** What two plans have in common, and what only one of them removes; counts are in tags. */
export interface PlanDiff {
  readonly onlyA: readonly Removal[];
  readonly onlyB: readonly Removal[];
  readonly both: number;
}

/**
 * Compares what two plans remove, tag by tag. Which rule asked for it makes no difference; a tag seen with
 * two values, in plans of different instants, is in each plan alone.
 */
export function diffPlans(a: Pick<Plan, 'removals'>, b: Pick<Plan, 'removals'>): PlanDiff {
  const onlyA: Removal[] = [];
  const onlyB: Removal[] = [];
  let both = 0;
  let atB = 0;
  for (const removal of a.removals) {
    while (atB < b.removals.length && compareRemovals(b.removals[atB]!, removal) < 0) {
      onlyB.push(b.removals[atB]!);
      atB += 1;
    }
    const other = b.removals[atB];
    if (other === undefined || compareRemovals(other, removal) !== 0) {
      onlyA.push(removal);
      continue;
    }
    atB += 1;
    const tagsOfA = tagsOnlyIn(removal, other);
    both += removal.tags.length - tagsOfA.length;
    pushPart(onlyA, removal, tagsOfA);
    pushPart(onlyB, other, tagsOnlyIn(other, removal));
  }
  return { onlyA, onlyB: [...onlyB, ...b.removals.slice(atB)], both };
}

function tagsOnlyIn(removal: Removal, other: Removal): readonly RemovalTag[] {
  return removal.tags.filter(
    (tag) => !other.tags.some((one) => one.key === tag.key && one.value === tag.value),
  );
}

function pushPart(list: Removal[], removal: Removal, tags: readonly RemovalTag[]): void {
  if (tags.length > 0) {
    list.push(tags.length === removal.tags.length ? removal : { ...removal, tags });
  }
}
