import type { Inventory } from '../../lib/inventory/inventory.ts';
import { createJudge } from '../../lib/plan/judge.ts';
import { buildPlan } from '../../lib/plan/plan.ts';
import type { Plan } from '../../lib/plan/types.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { compareText, type Resource } from '../../lib/resource.ts';
import { aPolicy } from './builders.ts';

export { aRemoval } from './removals.ts';

/** The instant of the plans of tests. */
export const PLANNED_AT_MS = Date.UTC(2026, 5, 1);

/** A complete inventory of these resources. */
export function anInventory(resources: readonly Resource[], part: Partial<Inventory> = {}): Inventory {
  return {
    complete: true,
    regions: [...new Set(resources.map((one) => one.region))].sort(compareText),
    resources,
    resourcesSeen: resources.length,
    seenByRegion: new Map(
      resources.map(({ region }) => [region, resources.filter((one) => one.region === region).length]),
    ),
    gaps: [],
    skipped: [],
    unseen: 0,
    warnings: [],
    readings: [],
    ...part,
  };
}

/** The plan that a policy makes of these resources. */
export function aPlan(resources: readonly Resource[], policy: Policy = aPolicy()): Plan {
  return buildPlan({
    policy,
    judge: createJudge(policy, PLANNED_AT_MS),
    inventory: anInventory(resources),
    createdAt: new Date(PLANNED_AT_MS).toISOString(),
  });
}
