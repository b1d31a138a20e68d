import { planBatches } from '../batch/batch.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Policy } from '../policy/policy.ts';
import type { Resource } from '../resource.ts';
import { coverGroups, type PlannedResource } from './cover-groups.ts';
import { planDigest } from './digest.ts';
import { compareResources, isInOrder, tagsInOrder } from './order.ts';
import { requestLimits } from './request-limits.ts';
import type { Judge, Plan, Removal } from './types.ts';

export interface PlanSource {
  readonly policy: Policy;
  /** Of the same policy, at the instant of the run. */
  readonly judge: Judge;
  readonly inventory: Inventory;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly accountId?: string;
  /** How long the search for fewer requests may go on; left out: not at all beyond the quick methods. */
  readonly planBudgetMs?: number;
  /** Milliseconds since the search began, for the budget. */
  readonly elapsedMs?: () => number;
}

/**
 * Freezes what the policy says of an inventory: which tags go, and in which requests.
 *
 * The same policy, inventory and account give the same removals and digest. A plan of an incomplete
 * inventory says so, and must not be applied.
 */
export function buildPlan(source: PlanSource): Plan {
  const { policy, judge, inventory, createdAt, accountId } = source;
  const planned = plannedResources(inventory.resources, judge);
  const removals = planned.map((one) => one.removal);
  const { batches, lowerBound } = planBatches(
    coverGroups(planned, judge),
    requestLimits(policy.batch),
    searchOptions(source),
  );
  const account = accountId === undefined ? {} : { accountId };
  return {
    formatVersion: 1,
    ...account,
    createdAt,
    policy: { name: policy.name, digest: policy.digest, document: policy.document },
    inventory: {
      complete: inventory.complete,
      regions: inventory.regions,
      resourcesSeen: inventory.resourcesSeen,
    },
    removals,
    batches,
    calls: { untag: batches.length, lowerBound: lowerBound.requests },
    digest: planDigest({ ...account, policyDigest: policy.digest, removals }),
  };
}

function plannedResources(resources: readonly Resource[], judge: Judge): readonly PlannedResource[] {
  const sorted = isInOrder(resources, compareResources) ? resources : [...resources].sort(compareResources);
  const planned: PlannedResource[] = [];
  for (const resource of sorted) {
    const tags = judge.removals(resource);
    if (tags.length > 0) {
      planned.push({ resource, removal: removalOf(resource, tags) });
    }
  }
  return planned;
}

function removalOf(resource: Resource, tags: Removal['tags']): Removal {
  return {
    region: resource.region,
    resourceType: resource.type,
    resourceId: resource.id,
    tags: tagsInOrder(tags),
  };
}

function searchOptions({ planBudgetMs, elapsedMs }: PlanSource) {
  return {
    ...(planBudgetMs === undefined ? {} : { budgetMs: planBudgetMs }),
    ...(elapsedMs === undefined ? {} : { elapsedMs }),
  };
}
