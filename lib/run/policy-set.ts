import { LimitExceededError } from '../errors.ts';
import type { Inventory, Narrowing } from '../inventory/inventory.ts';
import { isAbovePercent, PERCENT_FROM_RESOURCES } from '../plan/limits.ts';
import { inScope } from '../plan/scope.ts';
import type { Plan } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import type { CallCounts } from '../report/report.ts';
import { compareText, type ResourceRef, resourceKey, type TagKey } from '../resource.ts';
import { type PlannedCleanup, planCleanup } from './cleanup.ts';
import { readForRun } from './observe.ts';
import type { CleanupRequest, RunOptions, RunPorts, SharedReading } from './request.ts';
import { openSession } from './session.ts';
import { partOfReading, policyOfAll } from './set-reading.ts';

/** Several policies judged on one reading. */
export interface PlannedSet {
  /** In the order of the policies. */
  readonly parts: readonly PlannedPart[];
  readonly claims: readonly Claim[];
  /** What the reading cost. */
  readonly calls: CallCounts;
  readonly inventory: Inventory;
  /** Resources that lose a tag by one policy or another. */
  readonly resources: number;
  /** Why the set could not be applied as a whole, though each policy could by itself; left out: it could. */
  readonly refusal?: LimitExceededError;
}

/** One policy of a set, and its part of the reading. */
export interface PlannedPart {
  readonly policy: Policy;
  readonly planned: PlannedCleanup;
  readonly reading: SharedReading;
}

/** Tags of one key that several policies would remove; the first of them does. */
export interface Claim {
  readonly key: TagKey;
  readonly policies: readonly string[];
  readonly tags: number;
  readonly example: ResourceRef;
}

/**
 * Reads once what any of the policies can touch, and gives each its own part.
 *
 * @throws {CleanupError} code `INVALID_REQUEST` when the narrowing reaches outside every policy's scope.
 * @throws {EciError} of kind `fatal`.
 */
async function readForSet(
  policies: readonly Policy[],
  narrowing: Narrowing,
  asked: Pick<CleanupRequest, 'trigger' | 'runId'>,
  ports: RunPorts,
  options: RunOptions,
): Promise<{
  readonly partOf: (policy: Policy) => SharedReading;
  readonly whole: SharedReading;
  readonly calls: CallCounts;
}> {
  const all = policyOfAll(policies);
  const session = openSession({ ...asked, policy: all, mode: 'dry-run', pace: all.pace }, ports, options);
  const observedAtMs = ports.clock.now();
  const inventory = await readForRun(session, all, narrowing);
  const { list, untag, tag, retries, throttled } = session.eci.counts;
  return {
    partOf: (policy) => ({ inventory: partOfReading(inventory, policy, all), observedAtMs }),
    whole: { inventory, observedAtMs },
    calls: { list, untag, tag, retries, throttled },
  };
}

/**
 * Plans a set of policies on one reading, each with its own limits, and the set with what they come to together.
 *
 * @throws {CleanupError} and {EciError} as `planCleanup` does.
 */
export async function planPolicySet(
  policies: readonly Policy[],
  request: Pick<CleanupRequest, 'narrowing' | 'trigger' | 'runId'>,
  ports: RunPorts,
  options: RunOptions,
): Promise<PlannedSet> {
  const { partOf, whole, calls } = await readForSet(policies, request.narrowing, request, ports, options);
  const parts: PlannedPart[] = [];
  for (const policy of policies) {
    const reading = partOf(policy);
    const planned = await planCleanup({ ...request, policy, mode: 'dry-run', reading }, ports, options);
    parts.push({ policy, planned, reading });
  }
  const plans = parts.map(({ planned }) => planned.plan);
  const refusal = overNight(parts);
  return {
    parts,
    claims: findClaims(plans),
    calls,
    inventory: whole.inventory,
    resources: changedBy(plans).size,
    ...(refusal && { refusal }),
  };
}

/** Tags that more than one plan removes, by key and by who claims them; most tags first. */
export function findClaims(plans: readonly Pick<Plan, 'policy' | 'removals'>[]): readonly Claim[] {
  const claimants = new Map<string, number[]>();
  for (const [at, { removals }] of plans.entries()) {
    for (const removal of removals) {
      for (const { key } of removal.tags) {
        const name = `${resourceKey(removal)}\n${key}`;
        const others = claimants.get(name);
        if (others === undefined) claimants.set(name, [at]);
        else others.push(at);
      }
    }
  }
  const claims = new Map<string, Claim>();
  for (const [name, by] of claimants) {
    if (by.length < 2) continue;
    const cut = name.indexOf('\n');
    const key = name.slice(cut + 1);
    const [region = '', type, id = ''] = name.slice(0, cut).split('/');
    const policies = by.map((at) => plans[at]!.policy.name);
    const about = `${policies.join('\n')}\n\n${key}`;
    const known = claims.get(about);
    const example = known?.example ?? { region, type: type as ResourceRef['type'], id };
    claims.set(about, { key, policies, tags: (known?.tags ?? 0) + 1, example });
  }
  return [...claims.values()].sort((a, b) => b.tags - a.tags || compareText(a.key, b.key));
}

/**
 * Holds what all plans of a night change together against each policy's `maxPercent`: no policy's scope may lose more than
 * it allows, whoever removes it.
 *
 * @returns why not; nothing where it may.
 */
export function overNight(parts: readonly PlannedPart[]): LimitExceededError | undefined {
  if (parts.length < 2) return undefined;
  const changed = changedBy(parts.map(({ planned }) => planned.plan));
  for (const { policy, planned } of parts) {
    const { plan, inventory } = planned;
    const { maxPercent } = policy.limits;
    const seen = inventory.resourcesSeen;
    if (plan.removals.length === 0 || seen < PERCENT_FROM_RESOURCES) continue;
    let losing = 0;
    for (const one of inventory.resources) {
      if (changed.has(resourceKey(one)) && inScope(policy.scope, one) === true) losing += 1;
    }
    if (!isAbovePercent(losing, seen, maxPercent)) continue;
    return new LimitExceededError(
      'maxPercent',
      maxPercent,
      losing,
      `The policies together would change ${losing} of the ${seen} resources in the scope of ${policy.name}, and its limits.maxPercent of ${maxPercent} holds for the night as a whole. Nothing was removed; apply fewer policies at once, or raise the limit if this is meant.`,
    );
  }
  return undefined;
}

function changedBy(plans: readonly Pick<Plan, 'removals'>[]): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const { removals } of plans) for (const removal of removals) changed.add(resourceKey(removal));
  return changed;
}
