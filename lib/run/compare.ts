import type { Inventory } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/read.ts';
import { meterEci } from '../pace/meter.ts';
import { diffPlans, type PlanDiff } from '../plan/diff.ts';
import { createJudge } from '../plan/judge.ts';
import { buildPlan } from '../plan/plan.ts';
import { inScope } from '../plan/scope.ts';
import type { Plan } from '../plan/types.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';
import type { RunOptions, RunPorts } from './request.ts';

/** Two policies held against one and the same inventory. */
export interface Comparison {
  readonly a: Plan;
  readonly b: Plan;
  readonly diff: PlanDiff;
  readonly inventory: Inventory;
}

/**
 * Plans two policies on the same inventory, read once, and tells the plans apart; changes nothing.
 *
 * @throws {EciError} of kind `fatal`; whatever else goes wrong leaves the inventory incomplete.
 */
export async function comparePolicies(
  a: Policy,
  b: Policy,
  ports: Pick<RunPorts, 'eci' | 'clock' | 'chance'>,
  options: Pick<RunOptions, 'onProgress'>,
): Promise<Comparison> {
  const { clock, chance } = ports;
  const pace = {
    share: Math.min(a.pace.share, b.pace.share),
    concurrency: Math.min(a.pace.concurrency, b.pace.concurrency),
  };
  const asOfMs = clock.now();
  const inventory = await readInventory(
    meterEci(ports.eci, { pace, clock, chance }),
    { policy: policyOfBoth(a, b), narrowing: {} },
    {
      clock,
      concurrency: pace.concurrency,
      onProgress: ({ done, text }) => options.onProgress?.({ step: 'inventory', done, text }),
    },
  );
  options.onProgress?.({ step: 'plan', done: 0, text: 'Planning' });
  const planA = planOn(a, inventory, asOfMs);
  const planB = planOn(b, inventory, asOfMs);
  return { a: planA, b: planB, diff: diffPlans(planA, planB), inventory };
}

/** A policy that could touch all that either can, so that the reading leaves nothing out. */
function policyOfBoth(a: Policy, b: Policy): Policy {
  const regions =
    a.scope.regions === 'all' || b.scope.regions === 'all'
      ? 'all'
      : [...new Set([...a.scope.regions, ...b.scope.regions])];
  const resourceTypes = [...new Set([...a.scope.resourceTypes, ...b.scope.resourceTypes])];
  return parsePolicyDocument(
    { version: 1, name: 'both', scope: { regions, resourceTypes }, remove: [{ key: '*' }] },
    'the policies together',
  );
}

function planOn(policy: Policy, inventory: Inventory, asOfMs: number): Plan {
  const resources = inventory.resources.filter((resource) => inScope(policy.scope, resource) !== false);
  return buildPlan({
    policy,
    judge: createJudge(policy, asOfMs),
    inventory: { ...inventory, resources, resourcesSeen: resources.length },
    createdAt: new Date(asOfMs).toISOString(),
  });
}
