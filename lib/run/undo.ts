import { createPutting } from '../apply/putting.ts';
import type { AuditRecord } from '../audit/record.ts';
import { type Book, createBook } from '../change/book.ts';
import { createChangeTable } from '../change/table.ts';
import { CleanupError } from '../errors.ts';
import type { Mode } from '../policy/policy.ts';
import type { AuditLog } from '../ports.ts';
import { proveRestored } from '../proof/restored.ts';
import { NOTHING_PROVED, type Report, type Trigger, type UndoAccount } from '../report/report.ts';
import { plannedOnly } from '../report/summarize.ts';
import { collectRemovals } from '../undo/collect.ts';
import { planPuts } from '../undo/plan-puts.ts';
import { carryOut } from './carry-out.ts';
import { lookAtAll } from './look-at-all.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { type Findings, openSession, runSession, type Session, type SessionStart } from './session.ts';
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
  const table = createChangeTable(collected.changes, 'put');
  const book = createBook(table, { namesLeft: MAX_LEFT_NAMED });
  if (table.slots === 0)
    session.warnings.push(`Run ${request.undo} announced no removal, so there is nothing to put back.`);
  const direction = createPutting({
    book,
    wasAsked: (slot) => collected.asked[slot] === true,
    isValueKept: (slot) => collected.valueKept[slot] === true,
  });
  const looked = await lookAtAll(
    session,
    { book, direction },
    { ...PACE, text: 'Looking at what was removed' },
  );
  for (const row of looked.unread) {
    for (const slot of book.openOf(row))
      book.end(slot, 'notReached', 'The resource could not be read; undo again for it.');
  }
  const restorable = book.open();
  const { batches } = planPuts(book);
  const found = {
    ...(looked.stop !== undefined && { stop: looked.stop }),
    seen: table.rows.length,
    selected: table.rows.length,
    untagLowerBound: 0,
    proof: NOTHING_PROVED,
  };
  if (request.mode === 'dry-run')
    return { ...found, totals: plannedOnly(table.slots), undo: accountOf(request, book, restorable) };
  const done = await carryOut(session, {
    book,
    direction,
    batches,
    canary: CANARY,
    pace: PACE,
    journal: 'values',
    seen: looked.seen,
    isFree: () => false,
    unprotected: [],
    readAtMs: looked.readAtMs,
    prove: proveRestored,
    text: 'Putting tags back',
  });
  return { ...found, ...done, undo: accountOf(request, book, restorable) };
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
