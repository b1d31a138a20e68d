import { createPutting } from '../apply/putting.ts';
import { bucketsIn } from '../audit/policy-record.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { Batch } from '../batch/types.ts';
import { type Book, createBook } from '../change/book.ts';
import { type ChangeTable, createChangeTable } from '../change/table.ts';
import { CleanupError } from '../errors.ts';
import type { Mode, Pace } from '../policy/policy.ts';
import type { AuditLog } from '../ports.ts';
import { proveRestored } from '../proof/restored.ts';
import { NOTHING_PROVED, type Report, type Trigger, type UndoAccount } from '../report/report.ts';
import { plannedOnly } from '../report/summarize.ts';
import { resourceKey, type TagKey } from '../resource.ts';
import { type Collected, collectRemovals } from '../undo/collect.ts';
import { mayPut, narrowCollected, type UndoPart } from '../undo/narrow.ts';
import { planPuts } from '../undo/plan-puts.ts';
import { buildUndoPlan, keepPlanned, type UndoPlan } from '../undo/undo-plan.ts';
import { type CarriedOut, carryOut } from './carry-out.ts';
import { notHandedOver } from './continuation.ts';
import { HAND_OVER_MS } from './hand-over.ts';
import { lookAtAll } from './look-at-all.ts';
import { findNewerRemovals, type NewerRemovals } from './newer-removals.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { type Findings, openSession, runSession, type Session, type SessionStart } from './session.ts';
import { readTrustedRun, type TrustedRun, type WantedAttempts } from './trusted-run.ts';

/** Which run to undo, and who asks. */
export interface UndoRequest {
  /** The run whose removals are put back; the runs under it belong to it. */
  readonly undo: string;
  /** `dry-run` tells what would be put back, and what not and why. */
  readonly mode: Mode;
  readonly trigger: Trigger;
  readonly runId: string;
  /** Attempts of the run to take although nothing vouches for them (see `readTrustedRun`). */
  readonly attempts?: WantedAttempts | undefined;
  /** Which part of it; left out: all. */
  readonly part?: UndoPart;
  /** Keys of Kubernetes that may be put back, one by one. */
  readonly allowKeys?: readonly TagKey[];
  /** Keys that come back first, in this order. */
  readonly first?: readonly TagKey[];
  /** Of each API's quota; default 0.5. */
  readonly share?: number;
  /** Exactly this, where it was looked at before. */
  readonly plan?: UndoPlan;
  /** Given: gets the plan that a dry run comes to. */
  readonly onPlan?: (plan: UndoPlan, batches: readonly Batch[]) => void;
  /** Where the run's records are read; default: where those of the undo are written. */
  readonly records?: AuditLog;
}

/** An undo has no policy of its own to say how fast it may go. */
const CONCURRENCY = 8;
const DEFAULT_SHARE = 0.5;

/** Nor to say how many resources go first; the default of a policy. */
const CANARY = 20;

/** The most tags that an undo names one by one. */
const MAX_LEFT_NAMED = 1000;

/**
 * Puts back what a run removed, where the key is still absent and the resource still there.
 *
 * Everything is taken from the journal; the report says of each tag that was left why. Nothing is
 * ever overwritten, no resource gets more than 20 tags, and what is about to be put back is in the journal
 * first. Doing it twice is doing it once.
 *
 * @throws {CleanupError} nothing started: `AUDIT_UNAVAILABLE` when the log cannot be read or there is none,
 *   or its records do not prove each other, `RUN_NOT_FOUND` when it holds nothing of the run, `INVALID_REQUEST` when that ran in another account.
 */
export async function runUndo(request: UndoRequest, ports: RunPorts, options: RunOptions): Promise<Report> {
  const trusted = await readTrustedRun(
    request.undo,
    { ...ports, audit: request.records ?? ports.audit },
    request.attempts,
  );
  const { records } = trusted;
  const pace = { share: request.share ?? DEFAULT_SHARE, concurrency: CONCURRENCY };
  refuseOtherAccount(records, request.undo, options.accountId);
  const first = records.find((record) => record.event_name === 'run_started') ?? records[0]!;
  const start: SessionStart = {
    runId: request.runId,
    policy: { name: first.policy_name ?? '', digest: first.config_hash ?? '' },
    trigger: request.trigger,
    mode: request.mode,
    pace,
    undoOf: request.undo,
    buckets: trusted.attempts.flatMap((attempt) => bucketsIn(attempt.records)),
  };
  const session = openSession(start, ports, leaveTimeToHandOver(ports, options));
  session.warnings.push(...trusted.warnings);
  return await runSession(session, start, () => undo(session, request, trusted, pace));
}

function refuseOtherAccount(
  records: readonly AuditRecord[],
  runId: string,
  accountId: string | undefined,
): void {
  if (accountId === undefined) return;
  const other = records.find(({ account_id }) => account_id !== undefined && account_id !== accountId);
  if (other === undefined) return;
  throw new CleanupError(
    'INVALID_REQUEST',
    `Run ${runId} removed tags in account ${other.account_id}, and this one works in account ${accountId}. Nothing was put back; use the credentials and the records of one account.`,
  );
}

async function undo(
  session: Session,
  request: UndoRequest,
  trusted: TrustedRun,
  pace: Pace,
): Promise<Findings> {
  const collected = meantBy(request, collectRemovals(trusted.records));
  const newer = await findNewerRemovals(trusted, collected.changes, {
    ...session.ports,
    audit: request.records ?? session.ports.audit,
  });
  session.warnings.push(...newer.warnings);
  const table = createChangeTable(collected.changes, 'put');
  const book = createBook(table, { namesLeft: MAX_LEFT_NAMED });
  if (table.slots === 0)
    session.warnings.push(
      request.part === undefined && request.plan === undefined
        ? `Run ${request.undo} announced no removal, so there is nothing to put back.`
        : `Run ${request.undo} removed nothing of what was asked for.`,
    );
  const direction = createPutting({
    book,
    wasAsked: (slot) => collected.asked[slot] === true,
    isValueKept: (slot) => collected.valueKept[slot] === true,
    mayPut: (key) => mayPut(key, request.allowKeys ?? []),
    superseded: supersededBy(table, newer),
  });
  const looked = await lookAtAll(
    session,
    { book, direction },
    { ...pace, text: 'Looking at what was removed' },
  );
  for (const row of looked.unread) {
    for (const slot of book.openOf(row))
      book.end(slot, 'notReached', 'The resource could not be read; undo again for it.');
  }
  const restorable = book.open();
  const batches = planPuts(book, { first: request.first, formBody: session.ports.formBody });
  const found = {
    ...(looked.stop !== undefined && { stop: looked.stop }),
    seen: table.rows.length,
    selected: table.rows.length,
    untagLowerBound: 0,
    proof: NOTHING_PROVED,
  };
  if (request.mode === 'dry-run') {
    request.onPlan?.(planOf(request, book, session), batches);
    return { ...found, totals: plannedOnly(table.slots), undo: accountOf(request, book, restorable) };
  }
  const done = await carryOut(session, {
    book,
    direction,
    batches,
    canary: CANARY,
    pace,
    journal: 'values',
    seen: looked.seen,
    unprotected: [],
    readAtMs: looked.readAtMs,
    prove: proveRestored,
    text: 'Putting tags back',
  });
  const onward = await handOver(session, request, done);
  return { ...found, ...done, ...onward, undo: accountOf(request, book, restorable) };
}

/** What the request names of what was removed. */
function meantBy({ part = {}, plan }: UndoRequest, collected: Collected): Collected {
  const own = plan === undefined ? collected : keepPlanned(collected, plan);
  return narrowCollected(own, part);
}

/** What a later run took again is not put back with an older value. */
function supersededBy(
  { rows, firstSlot }: ChangeTable,
  { byTag }: NewerRemovals,
): (slot: number) => string | undefined {
  const whys = new Map<number, string>();
  if (byTag.size === 0) return () => undefined;
  for (const [row, change] of rows.entries()) {
    for (const [at, { key }] of change.tags.entries()) {
      const newer = byTag.get(`${resourceKey(change)} ${key}`);
      if (newer === undefined) continue;
      const value = newer.value === undefined ? '' : `, with the value ${JSON.stringify(newer.value)}`;
      whys.set(
        firstSlot(row) + at,
        `The later run ${newer.runId} took it again${value}: undo that one for it.`,
      );
    }
  }
  return (slot) => whys.get(slot);
}

function planOf({ undo: undoOf }: UndoRequest, book: Book, { ports, options }: Session): UndoPlan {
  const puts = book.table.rows.flatMap((change, row) => {
    const first = book.table.firstSlot(row);
    const tags = book.openOf(row).map((slot) => change.tags[slot - first]!);
    return tags.length === 0 ? [] : [{ ...change, tags }];
  });
  return buildUndoPlan(undoOf, puts, { nowMs: ports.clock.now(), accountId: options.accountId });
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

/**
 * Asks the function to go on with an undo that time cut short: for the same undo again, which puts back what is still
 * absent. One that got nothing done ends instead.
 */
async function handOver(
  session: Session,
  { undo: undoOf, mode }: UndoRequest,
  { stop, totals }: CarriedOut,
): Promise<Pick<Findings, 'continuation' | 'stop'>> {
  const { invoker } = session.ports;
  const restored = totals.tags.restored ?? 0;
  if (invoker === undefined || stop?.kind !== 'cut' || restored === 0 || totals.tags.notReached === 0)
    return {};
  const taskId = `t-undo-${session.runId}`;
  try {
    await invoker.submit({ undo: undoOf, mode }, taskId);
    return { continuation: { taskId, hop: 1 } };
  } catch (error) {
    return { stop: notHandedOver(error) };
  }
}

function accountOf(request: UndoRequest, { table, left }: Book, restorable: number): UndoAccount {
  return {
    of: request.undo,
    restorable,
    left: left.named.map(({ row, key, why }) => {
      const { region, type, id } = table.rows[row]!;
      return { region, resourceType: type, resourceId: id, key, why };
    }),
    ...(left.cut > 0 && { leftCut: left.cut }),
  };
}
