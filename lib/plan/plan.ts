import { planBatches } from '../batch/batch.ts';
import type { LowerBound } from '../batch/types.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Policy } from '../policy/policy.ts';
import { withoutWords } from '../policy/without-words.ts';
import type { Resource } from '../resource.ts';
import { coverGroups } from './cover-groups.ts';
import { planDigest, planFileDigest } from './digest.ts';
import { compareResources, isInOrder } from './order.ts';
import { createRemovalTable, type RemovalTable } from './removal-table.ts';
import { requestLimits } from './request-limits.ts';
import type { Judge, Plan } from './types.ts';

export interface PlanSource {
  readonly policy: Policy;
  /** Of the same policy, at the instant of the run. */
  readonly judge: Judge;
  readonly inventory: Inventory;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly accountId?: string;
  /** Whether changes travel in a body; default in the URL. */
  readonly formBody?: boolean | undefined;
  /** The RAM user or role that makes it; left out: not known. */
  readonly madeBy?: string;
}

/**
 * Freezes what the policy says of an inventory: which tags go, and in which requests.
 *
 * The same policy, inventory and account give the same removals and digest. A plan of an incomplete
 * inventory says so, and must not be applied.
 */
export function buildPlan(source: PlanSource): Plan {
  return explainPlan(source).plan;
}

/** The same, with the reasons why no fewer requests are possible than the lower bound says. */
export function explainPlan(source: PlanSource): { readonly plan: Plan; readonly lowerBound: LowerBound } {
  const { policy, judge, inventory, createdAt, accountId, madeBy } = source;
  const requests = requestLimits(policy.batch, source.formBody);
  const table = tabulateRemovals(inventory.resources, judge);
  const removals = table.all();
  const { batches, lowerBound } = planBatches(coverGroups(table.planned(), judge), requests);
  const account = accountId === undefined ? {} : { accountId };
  const facts = {
    ...account,
    policyDigest: policy.digest,
    inventory: {
      complete: inventory.complete,
      regions: inventory.regions,
      resourcesSeen: inventory.resourcesSeen,
    },
    maxPercent: policy.limits.maxPercent,
    requests,
  };
  const unsealed = {
    formatVersion: 1,
    ...account,
    ...(madeBy !== undefined && { madeBy }),
    createdAt,
    expiresAt: expiryOf(createdAt, policy.limits.planAgeMs),
    policy: { name: policy.name, digest: policy.digest, document: withoutWords(policy.document) },
    inventory: facts.inventory,
    requests,
    removals,
    batches,
    calls: { untag: batches.length, lowerBound: lowerBound.requests },
    digest: planDigest(facts, removals),
  } as const;
  return { plan: { ...unsealed, fileDigest: planFileDigest(unsealed) }, lowerBound };
}

/** An instant that cannot be read stays what it is: then nothing says that the plan may still be applied. */
function expiryOf(createdAt: string, ageMs: number): string {
  const atMs = Date.parse(createdAt);
  return Number.isNaN(atMs) ? createdAt : new Date(atMs + ageMs).toISOString();
}

function tabulateRemovals(resources: readonly Resource[], judge: Judge): RemovalTable {
  const sorted = isInOrder(resources, compareResources) ? resources : [...resources].sort(compareResources);
  const table = createRemovalTable(sorted);
  for (const [position, resource] of sorted.entries()) {
    const tags = judge.removals(resource);
    if (tags.length > 0) {
      table.add(position, resource, tags);
    }
  }
  return table;
}
