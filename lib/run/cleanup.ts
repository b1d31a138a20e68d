import type { LowerBound } from '../batch/types.ts';
import { createBook } from '../change/book.ts';
import { type ChangeTable, createChangeTable } from '../change/table.ts';
import type { CleanupError } from '../errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { narrowScope } from '../inventory/scope.ts';
import type { Judge, Plan } from '../plan/types.ts';
import type { Mode } from '../policy/policy.ts';
import { type CallCounts, NOTHING_PROVED, type Report } from '../report/report.ts';
import { plannedOnly } from '../report/summarize.ts';
import { type Totals, totalsOf } from '../report/totals.ts';
import { admitPlan } from './admit.ts';
import { requireApproval } from './approval.ts';
import { carryOut } from './carry-out.ts';
import { limitsWithin } from './chain.ts';
import { shouldFanOut, startRegions } from './fan-out.ts';
import { goOn, HAND_OVER_MS } from './hand-over.ts';
import { mustWait, withMissing } from './look-later.ts';
import { countWaiting, type KnownNotices, keepNotices, noticedBefore } from './notice.ts';
import { type Observed, observe } from './observe.ts';
import { lookForOthers, tellOverlap } from './overlap.ts';
import { requireUndo } from './readiness.ts';
import { removalWork } from './removal.ts';
import type { CleanupRequest, RunOptions, RunPorts } from './request.ts';
import { type Findings, openSession, runSession, type Session, type SessionStart } from './session.ts';
import { checkSpent, limitsAfter, readSpent } from './spent.ts';
import { isRefusal, stopOf } from './stop.ts';
import { tellingOf, tellRemovedBy } from './telling.ts';

/** A plan, and what a reader should know of it. */
export interface PlannedCleanup {
  readonly plan: Plan;
  /** By which it was made: says of every tag why it stays. */
  readonly judge: Judge;
  /** Why no fewer calls are possible. */
  readonly lowerBound: LowerBound;
  readonly inventory: Inventory;
  /** Resources that the policy selects. */
  readonly selected: number;
  readonly calls: CallCounts;
  /** Tags that the policy takes, and that stay since their notice is not over, or not given yet. */
  readonly noticed: number;
  /** What was announced, where the policy announces what it removes: its judge says which tags wait, and until when. */
  readonly known?: KnownNotices;
  readonly warnings: readonly string[];
  /** Why the plan could not be applied as it is; left out: it could. */
  readonly refusal?: CleanupError;
}

/**
 * Reads and plans, and writes nothing anywhere.
 *
 * @throws {CleanupError} code `INVALID_REQUEST` when the request reaches outside the policy's scope.
 * @throws {EciError} of kind `fatal`.
 */
export async function planCleanup(
  request: CleanupRequest,
  ports: RunPorts,
  options: RunOptions,
): Promise<PlannedCleanup> {
  const session = openSession(startOf(request), ports, options);
  const { inventory, plan, judge, lowerBound, selected, isFree, known } = await observe(
    session,
    request.policy,
    request.narrowing,
    { shared: request.reading },
  );
  const { list, untag, tag, retries, throttled } = session.eci.counts;
  const found = {
    plan,
    judge,
    lowerBound,
    inventory,
    selected,
    calls: { list, untag, tag, retries, throttled },
    noticed: countWaiting(inventory, known),
    ...(known !== undefined && { known }),
    warnings: session.warnings,
  };
  try {
    // A plan may be looked at where there is no log store.
    const { formBody } = ports;
    admitPlan(plan, { ...request, mode: 'dry-run', audit: null, isFree, formBody, gaps: inventory.gaps });
    return found;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ...found, refusal: error };
  }
}

/**
 * The whole run: inventory, plan, limits, journal, removal, proof, report.
 *
 * A dry run is the same up to the gate. Whatever goes wrong after the start ends in a report that
 * balances, and in a `run_completed` record.
 *
 * @throws {CleanupError} code `INVALID_REQUEST`, nothing started, when the request reaches outside the
 *   policy's scope.
 */
export async function runCleanup(
  asked: CleanupRequest,
  ports: RunPorts,
  options: RunOptions,
): Promise<Report> {
  if (asked.refusal === undefined) narrowScope(asked.policy, asked.narrowing);
  const request = withinAllowance(asked);
  const start = startOf(request);
  const own = withoutHeirs(ports, request);
  const session = openSession(start, own, leaveTimeToHandOver(own, options));
  return await runSession(session, start, async () => {
    if (request.refusal !== undefined) throw request.refusal;
    const { created, policy, narrowing, reading: shared } = request;
    const mayWait = mustWait(session, request);
    const noticedBeforeMs = noticedBefore(request, session);
    const observed = await observe(session, policy, narrowing, { created, mayWait, shared, noticedBeforeMs });
    const findings = await applyObserved(session, request, observed);
    return await withMissing(session, request, observed, findings);
  });
}

/** What was approved is one plan: the rest of it is another one, which nobody approved, so that nobody goes on with it. */
function withoutHeirs(ports: RunPorts, { policy }: CleanupRequest): RunPorts {
  if (policy.approval === undefined) return ports;
  const { invoker: _nobody, ...own } = ports;
  return own;
}

/** A request under what its family left of the policy's limits. */
function withinAllowance(request: CleanupRequest): CleanupRequest {
  const { policy, chain } = request;
  return { ...request, policy: { ...policy, limits: limitsWithin(policy.limits, chain?.allowance) } };
}

/** Of a short time the hand-over takes no more than this part. */
const HAND_OVER_PART = 0.2;

function leaveTimeToHandOver(ports: RunPorts, options: RunOptions): RunOptions {
  if (ports.invoker === undefined || options.deadlineAtMs === undefined) return options;
  const wholeMs = options.deadlineAtMs - ports.clock.now();
  return {
    ...options,
    deadlineAtMs: options.deadlineAtMs - Math.min(HAND_OVER_MS, wholeMs * HAND_OVER_PART),
  };
}

async function applyObserved(session: Session, asked: CleanupRequest, observed: Observed): Promise<Findings> {
  const { plan, inventory, isFree } = observed;
  const table = createChangeTable(plan.removals);
  let found: Omit<Findings, 'totals'> = {
    planDigest: plan.digest,
    seen: inventory.resourcesSeen,
    selected: observed.selected,
    unseen: inventory.unseen,
    skipped: inventory.skipped,
    untagLowerBound: plan.calls.lowerBound,
    proof: NOTHING_PROVED,
  };
  let request = asked;
  try {
    const { audit, formBody } = session.ports;
    await lookForOthers(session, asked);
    found = { ...found, ...(await keepNotices(session, asked, inventory, observed.known)) };
    const spent = await readSpent(session, asked);
    request = {
      ...asked,
      policy: { ...asked.policy, limits: limitsAfter(asked.policy.limits, spent, plan) },
    };
    checkSpent(session, request.policy.limits, spent, plan);
    admitPlan(plan, { ...request, audit, isFree, formBody, gaps: inventory.gaps });
    await requireApproval(session, request.policy, request.mode, plan);
    await requireUndo(session, request.policy, request.mode, table.slots);
  } catch (error) {
    return { ...found, totals: notReached(request.mode, table), stop: stopOf(error) };
  }
  if (request.mode === 'dry-run') return { ...found, totals: plannedOnly(table.slots) };
  if (shouldFanOut(session, request, plan, inventory.seenByRegion)) {
    const onward = await startRegions(session, request, plan, inventory.seenByRegion);
    if (onward !== undefined) return { ...found, totals: notReached(request.mode, table), ...onward };
  }
  const book = createBook(table);
  const admitted = {
    policy: request.policy,
    judge: observed.judge,
    book,
    batches: plan.batches,
    isFree,
    seen: inventory.resources,
    observedAtMs: observed.observedAtMs,
  };
  const done = await carryOut(session, removalWork(session, admitted));
  await tellOverlap(session, request, book);
  await tellRemovedBy(session, request.policy, tellingOf(request), { book, seen: inventory.resources });
  if (done.stop === undefined) return { ...found, ...done };
  return {
    ...found,
    ...done,
    ...(await goOn(session, request, { plan, book, ...done, stop: done.stop })),
  };
}

/** The totals of a plan of which nothing was begun. */
export function notReached(mode: Mode, table: ChangeTable): Totals {
  if (mode === 'dry-run') return plannedOnly(table.slots);
  const book = createBook(table);
  book.close();
  return totalsOf(book);
}

function startOf(request: CleanupRequest): SessionStart {
  return {
    runId: request.runId,
    ...(request.parentRunId !== undefined && { parentRunId: request.parentRunId }),
    policy: { name: request.policy.name, digest: request.policy.digest, document: request.policy.document },
    trigger: request.trigger,
    mode: request.mode,
    pace: request.policy.pace,
    buckets: request.policy.scope.buckets,
    sentBefore: request.chain?.sent,
    telling: tellingOf(request),
  };
}
