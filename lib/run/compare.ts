import type { Inventory } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/read.ts';
import { meterEci } from '../pace/meter.ts';
import { diffPlans, type PlanDiff } from '../plan/diff.ts';
import { createJudge } from '../plan/judge.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Plan } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { partOfReading, policyOfAll } from './set-reading.ts';

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
  ports: Pick<RunPorts, 'eci' | 'clock' | 'chance' | 'formBody'>,
  options: Pick<RunOptions, 'onProgress'>,
): Promise<Comparison> {
  const { clock, chance } = ports;
  const all = policyOfAll([a, b]);
  const { pace } = all;
  const asOfMs = clock.now();
  const inventory = await readInventory(
    meterEci(ports.eci, { pace, clock, chance }),
    { policy: all, narrowing: {} },
    {
      clock,
      concurrency: pace.concurrency,
      onProgress: ({ done, text }) => options.onProgress?.({ step: 'inventory', done, text }),
    },
  );
  options.onProgress?.({ step: 'plan', done: 0, text: 'Planning' });
  const planOn = (policy: Policy): Plan =>
    buildPlan({
      policy,
      judge: createJudge(policy, asOfMs),
      inventory: partOfReading(inventory, policy, all),
      createdAt: new Date(asOfMs).toISOString(),
      formBody: ports.formBody,
    });
  const planA = planOn(a);
  const planB = planOn(b);
  return { a: planA, b: planB, diff: diffPlans(planA, planB), inventory };
}
