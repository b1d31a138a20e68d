import { createSentLog } from '../apply/context.ts';
import { remainingParts } from '../apply/parts.ts';
import { reconcile } from '../apply/reconcile.ts';
import { CleanupError } from '../errors.ts';
import { readByIds } from '../inventory/by-id.ts';
import { createIsFree } from '../plan/free-pairs.ts';
import { createJudge } from '../plan/judge.ts';
import { compareResources } from '../plan/order.ts';
import { requestLimits } from '../plan/request-limits.ts';
import type { Plan } from '../plan/types.ts';
import { verifyBatches } from '../plan/verify.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import type { Mode, Policy } from '../policy/policy.ts';
import { createLedger } from '../report/ledger.ts';
import { createRemovalIndex } from '../report/removal-index.ts';
import { NOTHING_PROVED, type Report, type Trigger } from '../report/report.ts';
import { plannedOnly } from '../report/summarize.ts';
import type { Resource } from '../resource.ts';
import { admitPlan } from './admit.ts';
import { type Admitted, carryOut } from './carry-out.ts';
import { notReached } from './cleanup.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { type Findings, openSession, runSession, type Session, type SessionStart } from './session.ts';
import { stopOf, stopUnread } from './stop.ts';

/** Which saved plan to apply, and who asks. */
export interface SavedPlanRequest {
  /** As `readPlanFile` gave it. */
  readonly plan: Plan;
  readonly mode: Mode;
  readonly trigger: Trigger;
  readonly runId: string;
  readonly parentRunId?: string;
}

/**
 * Applies a plan that was made and reviewed earlier: exactly that, or less.
 *
 * Everything it touches is read first. A tag whose value changed, or that its policy would not remove any
 * more from the resource as it is now, is `stale` and kept; a resource that is gone is `vanished`. A plan of
 * another account is refused.
 *
 * @throws {PolicyError} when the policy inside the plan cannot be read.
 * @throws {CleanupError} code `INVALID_PLAN_FILE` when the policy inside is not the one it was made with.
 */
export async function applySavedPlan(
  request: SavedPlanRequest,
  ports: RunPorts,
  options: RunOptions,
): Promise<Report> {
  const policy = policyOf(request.plan);
  const start: SessionStart = {
    runId: request.runId,
    ...(request.parentRunId !== undefined && { parentRunId: request.parentRunId }),
    policy: { name: policy.name, digest: policy.digest, document: policy.document },
    trigger: request.trigger,
    mode: request.mode,
    pace: policy.pace,
  };
  const session = openSession(start, ports, options);
  return await runSession(session, start, () => applyReviewed(session, request, policy));
}

/** The policy that a plan carries; its hash must be the one that the plan's digest covers. */
export function policyOf(plan: Plan): Policy {
  const policy = parsePolicyDocument(plan.policy.document, 'the policy in the plan');
  if (policy.digest === plan.policy.digest) return policy;
  throw new CleanupError(
    'INVALID_PLAN_FILE',
    `The policy inside the plan has the digest ${policy.digest}, not the ${plan.policy.digest} that it was made with: the file was edited, or written by another version. Make the plan again.`,
  );
}

async function applyReviewed(session: Session, request: SavedPlanRequest, policy: Policy): Promise<Findings> {
  const { plan, mode } = request;
  const index = createRemovalIndex(plan.removals);
  const found = {
    planDigest: plan.digest,
    seen: plan.inventory.resourcesSeen,
    selected: plan.removals.length,
    untagLowerBound: plan.calls.lowerBound,
    proof: NOTHING_PROVED,
  };
  try {
    refuseOtherAccount(plan, session.options.accountId);
    // Which pairs are free is asked of the live resources below, and again by the gate.
    admitPlan(plan, { policy, mode, audit: session.ports.audit, isFree: () => true, gaps: [] });
  } catch (error) {
    return { ...found, totals: notReached(mode, index), stop: stopOf(error) };
  }
  const { admitted, unread } = await lookAtAll(session, plan, policy, index);
  if (mode === 'dry-run') {
    warnOfDrift(session, admitted);
    return { ...found, totals: plannedOnly(index.slots) };
  }
  const done = await carryOut(session, admitted);
  return { ...found, ...done, ...(done.stop === undefined && unread !== undefined && { stop: unread }) };
}

function refuseOtherAccount(plan: Plan, accountId: string | undefined): void {
  if (plan.accountId === undefined || accountId === undefined || plan.accountId === accountId) return;
  throw new CleanupError(
    'PLAN_REFUSED',
    `The plan was made for account ${plan.accountId}, and this run works in account ${accountId}. Nothing was removed; use the credentials of that account, or make a plan for this one.`,
  );
}

/** Reads what the plan touches, ends what drifted, and keeps what is left of the batches. */
async function lookAtAll(
  session: Session,
  plan: Plan,
  policy: Policy,
  index: Admitted['index'],
): Promise<{ readonly admitted: Admitted; readonly unread?: Findings['stop'] }> {
  const judge = createJudge(policy, session.startedAtMs);
  const ledger = createLedger(index);
  const observedAtMs = session.ports.clock.now();
  const seen: Resource[] = [];
  const context = {
    index,
    ledger,
    sent: createSentLog(index),
    removableNow: (live: Resource) => new Set(judge.removals(live).map((tag) => tag.key)),
  };
  let read = 0;
  const result = await readByIds(plan.removals, {
    eci: session.eci,
    concurrency: policy.pace.concurrency,
    mayStart: session.time.mayStart,
    onRead: (ref, live) => {
      if (live !== undefined) seen.push(live);
      reconcile(context, index.find(ref.region, ref.type, ref.id), live, 'before');
      read += 1;
      session.options.onProgress?.({
        step: 'inventory',
        done: read,
        total: plan.removals.length,
        text: 'Looking at what the plan touches',
      });
    },
  });
  seen.sort(compareResources);
  const isFree = createIsFree(judge, seen);
  const unread = new Set(result.unread.map((ref) => index.find(ref.region, ref.type, ref.id)));
  const batches = plan.batches.flatMap((batch) => {
    const ids = batch.ids.filter((id) => !unread.has(index.find(batch.region, batch.type, id)));
    return remainingParts({ ...context, isFree }, { ...batch, ids });
  });
  verifyRest(plan, policy, { index, ledger, batches, isFree, unread });
  return {
    admitted: { policy, judge, index, ledger, batches, isFree, seen, observedAtMs },
    ...(unread.size > 0 && { unread: stopUnread(unread.size, result.error) }),
  };
}

/** Proves what is left of the batches, as the batches of a new plan are. */
function verifyRest(
  plan: Plan,
  policy: Policy,
  rest: Pick<Admitted, 'index' | 'ledger' | 'batches' | 'isFree'> & { readonly unread: ReadonlySet<number> },
): void {
  const removals = plan.removals.flatMap((removal, position) => {
    if (rest.unread.has(position)) return [];
    const first = rest.index.firstSlot(position);
    const tags = removal.tags.filter((_, at) => rest.ledger.endOf(first + at) === undefined);
    return tags.length === 0 ? [] : [{ ...removal, tags }];
  });
  verifyBatches({
    removals,
    batches: rest.batches,
    isFree: rest.isFree,
    limits: requestLimits(policy.batch),
  });
}

function warnOfDrift(session: Session, { ledger, index }: Admitted): void {
  const drifted = index.slots - ledger.open();
  if (drifted === 0) return;
  session.warnings.push(
    `Of the ${index.slots} planned tags ${ledger.count('stale')} changed since and would be kept, ${ledger.count('absent')} are gone, and ${ledger.count('vanished')} are of resources that are gone.`,
  );
}
