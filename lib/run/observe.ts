import { createHash } from 'node:crypto';
import { principalOf } from '../approval/principal.ts';
import type { LowerBound } from '../batch/types.ts';
import { CleanupError } from '../errors.ts';
import type { Inventory, Narrowing } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/read.ts';
import { casePairWarning } from '../plan/case-pairs.ts';
import { createIsFree, type IsFree } from '../plan/free-pairs.ts';
import { createJudge } from '../plan/judge.ts';
import { explainPlan } from '../plan/plan.ts';
import type { Judge, Plan } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import { policyWarnings } from '../policy/warnings.ts';
import type { ResourceRef } from '../resource.ts';
import { awaitListed } from './await-listed.ts';
import { type KnownNotices, knowNotices } from './notice.ts';
import type { SharedReading } from './request.ts';
import type { Session } from './session.ts';

/** What was seen, and what the policy makes of it. */
export interface Observed {
  readonly inventory: Inventory;
  readonly judge: Judge;
  readonly plan: Plan;
  readonly lowerBound: LowerBound;
  readonly isFree: IsFree;
  /** Resources that the policy selects. */
  readonly selected: number;
  readonly observedAtMs: number;
  /** Resources that an event named and that could not be read; `mayAppear`: it makes sense to ask for them again. */
  readonly missing: readonly ResourceRef[];
  readonly mayAppear: boolean;
  /** What was announced, where the policy announces what it removes. */
  readonly known?: KnownNotices;
}

/**
 * Reads the inventory and makes the plan; the same for a dry run and an apply.
 *
 * @param created - the resources that an event names, so that they may not be readable yet; only they are read.
 * @param mayWait - whether to wait for those that are not.
 * @param noticedBeforeMs - the instant that notices are measured against, epoch milliseconds; default: the run's beginning.
 * @param shared - what was read for several policies at once; left out: it is read now.
 * @throws {EciError} of kind `fatal`; whatever else goes wrong leaves the inventory incomplete.
 */
export async function observe(
  session: Session,
  policy: Policy,
  narrowing: Narrowing,
  {
    created,
    mayWait = true,
    shared,
    noticedBeforeMs = session.startedAtMs,
  }: {
    readonly created?: readonly ResourceRef[] | undefined;
    readonly mayWait?: boolean;
    readonly shared?: SharedReading | undefined;
    readonly noticedBeforeMs?: number;
  } = {},
): Promise<Observed> {
  const { clock } = session.ports;
  session.warnings.push(...policyWarnings(policy, session.startedAtMs));
  const observedAtMs = shared?.observedAtMs ?? clock.now();
  const readPart = async (part: Narrowing) => shared?.inventory ?? (await readForRun(session, policy, part));
  const { inventory, missing, mayAppear } =
    created === undefined
      ? { inventory: await readPart(narrowing), missing: [], mayAppear: false }
      : await awaitListed(session, created, mayWait, readPart);
  if (session.options.signal?.aborted) {
    throw new CleanupError('INTERRUPTED', 'It was interrupted while the inventory was read.');
  }
  session.warnings.push(...inventory.warnings);
  if (inventory.complete && inventory.resourcesSeen === 0) session.warnings.push(suspicious(narrowing));
  session.options.onProgress?.({ step: 'plan', done: 0, text: 'Planning' });
  const { accountId, identity } = session.options;
  const maker = principalOf(identity.actor);
  const { judge, known } = await judgeFor(session, policy, noticedBeforeMs);
  const { plan, lowerBound } = explainPlan({
    policy: session.habits.policy(policy),
    judge,
    inventory,
    createdAt: new Date(clock.now()).toISOString(),
    formBody: session.ports.formBody,
    ...(accountId !== undefined && { accountId }),
    ...(maker !== undefined && { madeBy: maker.name }),
  });
  const casePairs = casePairWarning(plan.removals, inventory.resources);
  if (casePairs !== undefined) session.warnings.push(casePairs);
  return {
    inventory,
    judge,
    plan,
    lowerBound,
    isFree: createIsFree(judge, inventory.resources),
    selected: inventory.resources.reduce((sum, one) => sum + (judge.selects(one) === true ? 1 : 0), 0),
    observedAtMs,
    missing,
    mayAppear,
    ...(known !== undefined && { known }),
  };
}

/** The policy's judge, which takes only what was announced where the policy says so. */
async function judgeFor(
  session: Session,
  policy: Policy,
  asOfMs: number,
): Promise<{ readonly judge: Judge; readonly known?: KnownNotices }> {
  const { ports, options, warnings } = session;
  const judge = session.habits.judge(createJudge(policy, session.startedAtMs));
  const now = { asOfMs, accountId: options.accountId };
  const known = await knowNotices(ports, policy, judge, now, (warning) => warnings.push(warning));
  return known === undefined ? { judge } : { judge: known.judge, known };
}

/** Reads what a policy can touch, as a run does: at its pace, told to whoever watches. */
export async function readForRun(session: Session, policy: Policy, narrowing: Narrowing): Promise<Inventory> {
  const { clock, tagRows } = session.ports;
  return await readInventory(
    session.eci,
    { policy, narrowing },
    {
      clock,
      concurrency: policy.pace.concurrency,
      plain: isPlainTurn(policy.limits.plainReadings, session.familyId),
      tagRows: (region) => tagRows === true || session.habits.tagRows(region),
      onProgress: ({ done, text }) => session.options.onProgress?.({ step: 'inventory', done, text }),
    },
  );
}

/**
 * Whether it is the turn of a run to read page by page: so many of all runs, told by the name of the first of its
 * family, so that all that go on with its work read alike.
 */
export function isPlainTurn(share: number | undefined, familyId: string): boolean {
  if (share === undefined) return false;
  const hash = createHash('sha256').update(familyId).digest();
  return hash.readUInt32BE(0) / 2 ** 32 < share;
}

function suspicious(narrowing: Narrowing): string {
  const what =
    narrowing.resourceIds === undefined ? 'No resource at all was' : 'None of the named resources was';
  return `${what} seen in scope. Is that so? An identity without permission to list sees an empty list, not an error.`;
}
