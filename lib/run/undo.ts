import type { AuditRecord } from '../audit/record.ts';
import { CleanupError } from '../errors.ts';
import { readByIds } from '../inventory/by-id.ts';
import type { Mode } from '../policy/policy.ts';
import type { AuditLog } from '../ports.ts';
import { createBrake } from '../report/halt.ts';
import { createLedger, type LedgerTotals } from '../report/ledger.ts';
import { createRemovalIndex } from '../report/removal-index.ts';
import {
  type LeftTag,
  NOTHING_PROVED,
  type Report,
  type Trigger,
  type UndoAccount,
} from '../report/report.ts';
import { plannedOnly } from '../report/summarize.ts';
import { createUndoBudget } from '../undo/budget.ts';
import { collectRemovals } from '../undo/collect.ts';
import { decideRestores, MAX_LEFT_NAMED, note, type UndoBook } from '../undo/decide.ts';
import { type RestoreContext, restoreAll } from '../undo/restore.ts';
import { verifyRestores } from '../undo/verify.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { type Findings, openSession, runSession, type Session, type SessionStart } from './session.ts';
import { stopFrom, stopUnread } from './stop.ts';
import { readTrustedRun, type WantedAttempts } from './trusted-run.ts';

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
  /** Where the run's records are read; default: where those of the undo are written. */
  readonly records?: AuditLog;
}

/** An undo has no policy of its own to say how fast it may go. */
const PACE = { share: 0.5, concurrency: 8 } as const;

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
  refuseOtherAccount(records, request.undo, options.accountId);
  const first = records.find((record) => record.event_name === 'run_started') ?? records[0]!;
  const start: SessionStart = {
    runId: request.runId,
    policy: { name: first.policy_name ?? '', digest: first.config_hash ?? '' },
    trigger: request.trigger,
    mode: request.mode,
    pace: PACE,
    undoOf: request.undo,
  };
  const session = openSession(start, ports, options);
  session.warnings.push(...trusted.warnings);
  return await runSession(session, start, () => undo(session, request, records));
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
  records: readonly AuditRecord[],
): Promise<Findings> {
  const collected = collectRemovals(records);
  const index = createRemovalIndex(collected.removals);
  const left: LeftTag[] = [];
  const book: UndoBook = { index, ledger: createLedger(index), collected, left };
  if (index.slots === 0)
    session.warnings.push(`Run ${request.undo} announced no removal, so there is nothing to put back.`);
  const readAtMs = new Float64Array(index.removals.length);
  const { unread, error } = await readByIds(collected.removals, {
    eci: session.eci,
    concurrency: PACE.concurrency,
    mayStart: session.time.mayStart,
    onRead: (ref, live) => {
      const position = index.find(ref.region, ref.type, ref.id);
      readAtMs[position] = session.ports.clock.now();
      decideRestores(book, position, live);
    },
  });
  for (const ref of unread) leaveUnread(book, index.find(ref.region, ref.type, ref.id));
  const restorable = book.ledger.open();
  const unreadStop = unread.length === 0 ? {} : { stop: stopUnread(unread.length, error) };
  const found = {
    ...unreadStop,
    seen: index.removals.length,
    selected: index.removals.length,
    untagLowerBound: 0,
    proof: NOTHING_PROVED,
  };
  if (request.mode === 'dry-run')
    return { ...found, totals: plannedOnly(index.slots), undo: accountOf(request, book, restorable) };
  const brake = createBrake();
  await restoreAll(contextOf(session, book, readAtMs, brake));
  const proof = await verifyRestores({
    book,
    eci: session.eci,
    concurrency: PACE.concurrency,
    clock: session.ports.clock,
    time: session.time,
  });
  noteUnreached(book);
  return {
    ...found,
    totals: asRestored(book.ledger.totals()),
    proof,
    undo: accountOf(request, book, restorable),
    ...(brake.pulled !== undefined && { stop: stopFrom(brake.pulled) }),
  };
}

function contextOf(
  session: Session,
  book: UndoBook,
  readAtMs: Float64Array,
  brake: RestoreContext['brake'],
): RestoreContext {
  const { recorder } = session;
  let requests = 0;
  return {
    book,
    eci: session.eci,
    journal: {
      plan: (entries) => recorder.journal('restores_planned', entries),
      batch: (fact) =>
        recorder.batchCompleted({ index: requests++, attempt: 1, apiName: 'TagResources', ...fact }),
    },
    clock: session.ports.clock,
    time: session.time,
    brake,
    budget: createUndoBudget(book.ledger, brake),
    concurrency: PACE.concurrency,
    readAtMs,
    onEnded: (done) =>
      session.options.onProgress?.({
        step: 'apply',
        done,
        total: book.index.slots,
        text: 'Putting tags back',
      }),
  };
}

function leaveUnread(book: UndoBook, position: number): void {
  const first = book.index.firstSlot(position);
  for (const at of book.index.removals[position]!.tags.keys()) {
    if (book.ledger.endOf(first + at) !== undefined) continue;
    book.ledger.end(first + at, 'notReached');
    note(book, position, at, 'The resource could not be read; undo again for it.');
  }
}

/** Ends what was not reached, and says so of each. */
function noteUnreached(book: UndoBook): void {
  for (const [position, { tags }] of book.index.removals.entries()) {
    const first = book.index.firstSlot(position);
    for (const at of tags.keys()) {
      if (book.ledger.endOf(first + at) !== undefined) continue;
      book.ledger.end(first + at, 'notReached');
      note(book, position, at, 'It was not reached; undo again for it.');
    }
  }
}

function accountOf(request: UndoRequest, { left }: UndoBook, restorable: number): UndoAccount {
  const cut = left.length - MAX_LEFT_NAMED;
  return {
    of: request.undo,
    restorable,
    left: left.slice(0, MAX_LEFT_NAMED),
    ...(cut > 0 && { leftCut: cut }),
  };
}

/** In the book of an undo what was `removed` was put back. */
function asRestored(totals: LedgerTotals): LedgerTotals {
  const { removed, ...others } = totals.tags;
  return { ...totals, tags: { ...others, removed: 0, restored: removed } };
}
