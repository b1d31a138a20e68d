import type { Inventory, Narrowing } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/read.ts';
import { createIsFree, type IsFree } from '../plan/free-pairs.ts';
import { createJudge } from '../plan/judge.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Judge, Plan } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import { policyWarnings } from '../policy/warnings.ts';
import type { Session } from './session.ts';

/** What was seen, and what the policy makes of it. */
export interface Observed {
  readonly inventory: Inventory;
  readonly judge: Judge;
  readonly plan: Plan;
  readonly isFree: IsFree;
  /** Resources that the policy selects. */
  readonly selected: number;
  readonly observedAtMs: number;
}

/** Pauses before resources that were named, and are not listed yet, are asked for again. */
const LISTING_PAUSES_MS = [2000, 4000, 8000, 15_000, 30_000, 60_000] as const;

/**
 * Reads the inventory and makes the plan; the same for a dry run and an apply.
 *
 * @param awaitListed - whether resources that the request names may not be listed yet (an event tells of a
 *   creation before the list does): they are asked for again with growing pauses within the time left.
 * @throws {EciError} of kind `fatal`; whatever else goes wrong leaves the inventory incomplete.
 */
export async function observe(
  session: Session,
  policy: Policy,
  narrowing: Narrowing,
  awaitListed: boolean,
): Promise<Observed> {
  const { clock } = session.ports;
  const judge = createJudge(policy, session.startedAtMs);
  session.warnings.push(...policyWarnings(policy, session.startedAtMs));
  const observedAtMs = clock.now();
  const inventory = await readListed(session, policy, narrowing, awaitListed);
  if (inventory.complete && inventory.resourcesSeen === 0) session.warnings.push(suspicious(narrowing));
  session.options.onProgress?.({ step: 'plan', done: 0, text: 'Planning' });
  const { accountId } = session.options;
  const plan = buildPlan({
    policy,
    judge,
    inventory,
    createdAt: new Date(clock.now()).toISOString(),
    ...(accountId !== undefined && { accountId }),
  });
  return {
    inventory,
    judge,
    plan,
    isFree: createIsFree(judge, inventory.resources),
    selected: inventory.resources.reduce((sum, one) => sum + (judge.selects(one) === true ? 1 : 0), 0),
    observedAtMs,
  };
}

async function readListed(
  session: Session,
  policy: Policy,
  narrowing: Narrowing,
  awaitListed: boolean,
): Promise<Inventory> {
  let inventory = await read(session, policy, narrowing);
  if (!awaitListed) return inventory;
  for (const pauseMs of LISTING_PAUSES_MS) {
    if (!inventory.complete || inventory.resourcesSeen >= (narrowing.resourceIds?.length ?? 0)) break;
    if (session.time.leftMs() <= pauseMs) break;
    await session.ports.clock.sleep(pauseMs);
    inventory = await read(session, policy, narrowing);
  }
  return inventory;
}

async function read(session: Session, policy: Policy, narrowing: Narrowing): Promise<Inventory> {
  const { clock } = session.ports;
  return await readInventory(
    session.eci,
    { policy, narrowing },
    {
      clock,
      concurrency: policy.pace.concurrency,
      onProgress: ({ done, text }) => session.options.onProgress?.({ step: 'inventory', done, text }),
    },
  );
}

function suspicious(narrowing: Narrowing): string {
  const what =
    narrowing.resourceIds === undefined ? 'No resource at all was' : 'None of the named resources was';
  return `${what} seen in scope. Is that so? An identity without permission to list sees an empty list, not an error.`;
}
