import { remainingParts } from '../apply/parts.ts';
import type { RequestLimits } from '../batch/types.ts';
import { createBook } from '../change/book.ts';
import { type ChangeTable, createChangeTable } from '../change/table.ts';
import { CleanupError } from '../errors.ts';
import { createIsFree } from '../plan/free-pairs.ts';
import { createJudge } from '../plan/judge.ts';
import { createJudgeOfBoth } from '../plan/judge-of-both.ts';
import { checkLimits } from '../plan/limits.ts';
import { compareResources } from '../plan/order.ts';
import { requestLimits } from '../plan/request-limits.ts';
import type { Judge, Plan } from '../plan/types.ts';
import { verifyBatches } from '../plan/verify.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import type { Mode, Policy } from '../policy/policy.ts';
import { NOTHING_PROVED, type Report, type Trigger } from '../report/report.ts';
import { plannedOnly } from '../report/summarize.ts';
import { admitPlan } from './admit.ts';
import { requireApproval } from './approval.ts';
import { carryOut } from './carry-out.ts';
import { notReached } from './cleanup.ts';
import { lookAtAll } from './look-at-all.ts';
import { knowNotices } from './notice.ts';
import { tellOverlap } from './overlap.ts';
import { requireUndo } from './readiness.ts';
import { type Admitted, removalWork, removingBy } from './removal.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { type Findings, openSession, runSession, type Session, type SessionStart } from './session.ts';
import { checkSpent, readSpent, stricterDay } from './spent.ts';
import { stopOf } from './stop.ts';
import { tellingOf, tellRemovedBy } from './telling.ts';

/** Which saved plan to apply, and who asks. */
export interface SavedPlanRequest {
  /** As `readPlanFile` gave it. */
  readonly plan: Plan;
  /** Today's policy of the plan's name, where there is one: what it keeps is kept. */
  readonly today?: Policy;
  readonly mode: Mode;
  readonly trigger: Trigger;
  readonly runId: string;
  readonly parentRunId?: string;
}

/**
 * Applies a plan that was made and reviewed earlier: exactly that, or less.
 *
 * Everything it touches is read first. A tag whose value changed, or that its policy, or today's policy of that name,
 * would not remove any more from the resource as it is now, is `stale` and kept; a resource that is gone is
 * `vanished`. A plan of another account, or one that was made too long ago, is refused.
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
    buckets: policy.scope.buckets,
    telling: tellingOf({ ...request, policy }),
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
  const table = createChangeTable(plan.removals);
  const found = {
    planDigest: plan.digest,
    seen: plan.inventory.resourcesSeen,
    selected: plan.removals.length,
    untagLowerBound: plan.calls.lowerBound,
    proof: NOTHING_PROVED,
  };
  try {
    refuseOtherAccount(plan, session.options.accountId);
    refuseExpired(plan, session.startedAtMs);
    if (request.today !== undefined) checkLimits(plan, request.today.limits);
    // Which pairs are free is asked of the live resources below, and again by the gate.
    const { audit, formBody } = session.ports;
    admitPlan(plan, { policy, mode, audit, isFree: () => true, formBody, gaps: [] });
    await refuseSpent(session, request, policy);
    await requireApproval(session, policy, mode, plan);
    if (request.today !== undefined) await requireApproval(session, request.today, mode, plan);
    await requireUndo(session, policy, mode, table.slots);
  } catch (error) {
    return { ...found, totals: notReached(mode, table), stop: stopOf(error) };
  }
  const { admitted, stop } = await lookAtPlanned(session, request, policy, table);
  if (mode === 'dry-run') {
    warnOfDrift(session, admitted);
    return { ...found, totals: plannedOnly(table.slots) };
  }
  const done = await carryOut(session, removalWork(session, admitted));
  await tellOverlap(session, { ...request, policy }, admitted.book);
  await tellRemovedBy(session, policy, tellingOf({ ...request, policy }), admitted);
  return { ...found, ...done, ...(done.stop === undefined && stop !== undefined && { stop }) };
}

/**
 * A plan that was reviewed long ago was reviewed for other resources.
 *
 * @throws {CleanupError} code `PLAN_REFUSED` past its `expiresAt`.
 */
export function refuseExpired(plan: Plan, nowMs: number): void {
  if (nowMs <= Date.parse(plan.expiresAt)) return;
  throw new CleanupError(
    'PLAN_REFUSED',
    `The plan was made at ${plan.createdAt}, and could be applied until ${plan.expiresAt} (limits.planAge). Nothing was removed; make it again.`,
  );
}

/**
 * A plan that was reviewed counts towards its policy's day like any other run.
 *
 * @throws {CleanupError} codes `LIMIT_EXCEEDED`, and `AUDIT_UNAVAILABLE` where the day cannot be read.
 */
async function refuseSpent(session: Session, request: SavedPlanRequest, policy: Policy): Promise<void> {
  const limits = stricterDay(policy.limits, request.today?.limits);
  const spent = await readSpent(session, { ...request, policy: { ...policy, limits } });
  checkSpent(session, limits, spent, request.plan);
}

function refuseOtherAccount(plan: Plan, accountId: string | undefined): void {
  if (plan.accountId === undefined || accountId === undefined || plan.accountId === accountId) return;
  throw new CleanupError(
    'PLAN_REFUSED',
    `The plan was made for account ${plan.accountId}, and this run works in account ${accountId}. Nothing was removed; use the credentials of that account, or make a plan for this one.`,
  );
}

/** Reads what the plan touches, ends what drifted, and keeps what is left of the batches. */
async function lookAtPlanned(
  session: Session,
  { plan, today }: SavedPlanRequest,
  policy: Policy,
  table: ChangeTable,
): Promise<{ readonly admitted: Admitted; readonly stop?: Findings['stop'] }> {
  const own = await judgeOf(session, policy);
  const judge = today === undefined ? own : createJudgeOfBoth(own, await judgeOf(session, today));
  const book = createBook(table);
  const observedAtMs = session.ports.clock.now();
  const toRead = { book, direction: removingBy({ policy, judge, book, isFree: () => false }) };
  const looked = await lookAtAll(session, toRead, {
    concurrency: policy.pace.concurrency,
    text: 'Looking at what the plan touches',
  });
  const seen = [...looked.seen].sort(compareResources);
  const isFree = createIsFree(judge, seen);
  const { unread, stop } = looked;
  const direction = removingBy({ policy, judge, book, isFree });
  const batches = plan.batches.flatMap((batch) => {
    const ids = batch.ids.filter((id) => !unread.has(table.find(batch.region, batch.type, id)));
    return remainingParts({ book, direction }, { ...batch, ids });
  });
  const admitted = { policy, judge, book, batches, isFree, seen, observedAtMs };
  verifyRest(plan, admitted, unread, requestLimits(policy.batch, session.ports.formBody));
  return { admitted, ...(stop !== undefined && { stop }) };
}

/** A policy's judge, which takes only what was announced where the policy says so. */
async function judgeOf({ ports, options, startedAtMs, warnings }: Session, policy: Policy): Promise<Judge> {
  const judge = createJudge(policy, startedAtMs);
  const now = { asOfMs: startedAtMs, accountId: options.accountId };
  const known = await knowNotices(ports, policy, judge, now, (warning) => warnings.push(warning));
  return known?.judge ?? judge;
}

/** Proves what is left of the batches, as the batches of a new plan are. */
function verifyRest(
  plan: Plan,
  { book, batches, isFree }: Admitted,
  unread: ReadonlySet<number>,
  limits: RequestLimits,
): void {
  const removals = plan.removals.flatMap((removal, row) => {
    if (unread.has(row)) return [];
    const first = book.table.firstSlot(row);
    const tags = removal.tags.filter((_, at) => book.endOf(first + at) === undefined);
    return tags.length === 0 ? [] : [{ ...removal, tags }];
  });
  verifyBatches({ removals, batches, isFree, limits });
}

function warnOfDrift(session: Session, { book }: Admitted): void {
  const drifted = book.planned - book.open();
  if (drifted === 0) return;
  session.warnings.push(
    `Of the ${book.planned} planned tags ${book.count('stale')} changed since and would be kept, ${book.count('absent')} are gone, and ${book.count('vanished')} are of resources that are gone.`,
  );
}
