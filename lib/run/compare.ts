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

/** A policy as it was and as it is; one of them is missing where it is new, or was taken away. */
export interface PolicyChange {
  readonly name: string;
  readonly before?: Policy;
  readonly after?: Policy;
}

/** A change of a policy with both plans, and what differs between them: `onlyA` goes no more, `onlyB` goes now. */
export interface ComparedChange extends PolicyChange {
  readonly plans: { readonly before?: Plan; readonly after?: Plan };
  readonly diff: PlanDiff;
}

/** Changes of policies held against one and the same inventory. */
export interface Comparison {
  readonly changes: readonly ComparedChange[];
  readonly inventory: Inventory;
}

/** Reads what a policy can touch, and tells when it was looked at, epoch milliseconds. */
export type ReadOnce = (
  policy: Policy,
) => Promise<{ readonly inventory: Inventory; readonly asOfMs: number }>;

/**
 * Plans policies as they were and as they are on the same inventory, read once, and tells the plans apart; changes
 * nothing.
 *
 * @param changes at least one, each with at least one policy.
 * @throws {EciError} of kind `fatal`; whatever else goes wrong leaves the inventory incomplete.
 */
export async function compareChanges(
  changes: readonly PolicyChange[],
  read: ReadOnce,
  options: Pick<RunOptions, 'onProgress'> = {},
): Promise<Comparison> {
  const all = policyOfAll(changes.flatMap(({ before, after }) => [before, after].filter(isThere)));
  const { inventory, asOfMs } = await read(all);
  options.onProgress?.({ step: 'plan', done: 0, text: 'Planning' });
  const planOn = (policy: Policy | undefined): Plan | undefined =>
    policy &&
    buildPlan({
      policy,
      judge: createJudge(policy, asOfMs),
      inventory: partOfReading(inventory, policy, all),
      createdAt: new Date(asOfMs).toISOString(),
    });
  return {
    inventory,
    changes: changes.map((change) => {
      const before = planOn(change.before);
      const after = planOn(change.after);
      const diff = diffPlans(before ?? NOTHING, after ?? NOTHING);
      return { ...change, plans: { ...(before && { before }), ...(after && { after }) }, diff };
    }),
  };
}

/** Reads today's inventory from ECI, for `compareChanges`. */
export function readToday(
  ports: Pick<RunPorts, 'eci' | 'clock' | 'chance'>,
  options: Pick<RunOptions, 'onProgress'> = {},
): ReadOnce {
  const { clock, chance } = ports;
  return async (policy) => {
    const { pace } = policy;
    const asOfMs = clock.now();
    const inventory = await readInventory(
      meterEci(ports.eci, { pace, clock, chance }),
      { policy, narrowing: {} },
      {
        clock,
        concurrency: pace.concurrency,
        onProgress: ({ done, text }) => options.onProgress?.({ step: 'inventory', done, text }),
      },
    );
    return { inventory, asOfMs };
  };
}

const NOTHING: Pick<Plan, 'removals'> = { removals: [] };

function isThere(policy: Policy | undefined): policy is Policy {
  return policy !== undefined;
}
