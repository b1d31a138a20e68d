import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { CleanupError } from '../errors.ts';
import type { AuditLog } from '../ports.ts';
import { describeError } from '../redact.ts';
import type { Report } from '../report/report.ts';
import { encodeJson } from '../text.ts';
import { batchFields } from './batch-record.ts';
import { createBuffer } from './buffer.ts';
import { chainAfter, EMPTY_CHAIN, hashAll, hashRecord, isChained, linkFields } from './chain.ts';
import type { BatchFact, JournalEntry, StartFact } from './facts.ts';
import { type JournalChunk, splitJournal } from './journal.ts';
import { createJournalQueue, type JournalOrder } from './journal-queue.ts';
import { makeRecord } from './make-record.ts';
import { policyFields } from './policy-record.ts';
import type { AuditRecord, EventName, JournalName } from './record.ts';
import { reportFields, startFields } from './run-record.ts';
import type { Signer } from './sign.ts';

/** Journal records go out together up to this size, so that a million resources are never in memory twice. */
const JOURNAL_WRITE_BYTES = 2_000_000;

export interface RecorderOptions {
  readonly log: AuditLog;
  readonly runId: string;
  readonly parentRunId?: string;
  /** Of this execution of the run; default: by chance. */
  readonly attemptId?: string;
  /** Signs each record; left out: they are not signed. */
  readonly signer?: Signer | undefined;
  /** Fields that every record carries, such as `service_version`, `request_id`, `account_id`, `actor`. */
  readonly identity: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Sees each record once, before it is written, so that a copy exists even when it cannot be. */
  readonly echo?: (record: AuditRecord) => void;
}

/** Writes down what one run does. */
export interface Recorder {
  /** Never rejects: a log that cannot be written stops the run at its journal. */
  runStarted(fact: StartFact): Promise<void>;
  /**
   * Resolves once all that is about to be changed is kept; only then may it be changed. May be called
   * once per wave, and while another is under way; `keep` is the policy's `journal`, `fields` go into each record.
   *
   * @throws {CleanupError} code `AUDIT_UNAVAILABLE`; then nothing that the entries name may be changed.
   */
  journal(
    name: JournalName,
    entries: readonly JournalEntry[],
    keep?: 'values' | 'keys',
    fields?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Never rejects; see `failure`. */
  batchCompleted(fact: BatchFact): Promise<void>;
  /**
   * Writes all that waits, and the summary last. Never rejects; see `failure`.
   *
   * @param heirs - run ids that were asked to go on with the work.
   */
  runCompleted(report: Report, heirs?: Iterable<string>): Promise<void>;
  /** Writes all that waits. Never rejects. */
  flush(): Promise<void>;
  /** Records made so far, less those that could not be kept. */
  readonly records: number;
  /** Of those, how many wait to be written; after the end none, unless they could not be. */
  readonly waiting: number;
  /** What kept records from being written, even if a later write succeeded; `undefined`: nothing did. */
  readonly failure: CleanupError | undefined;
  /** Of this execution of the run. */
  readonly attemptId: string;
}

/**
 * Makes the recorder of one run.
 *
 * Records are written in the order in which they were made; `batch_completed` waits until there are 20,
 * or 64 KB, or 5 s have passed at the next call, and no timer runs in between.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { log, clock, echo } = options;
  const context = {
    runId: options.runId,
    parentRunId: options.parentRunId,
    attemptId: options.attemptId ?? randomBytes(8).toString('hex'),
    identity: options.identity,
  };
  const buffer = createBuffer(log, clock);
  const batches = { total: 0, failed: 0 };
  let undoOf: string | undefined;
  /** What every record says of the run, once it is known. */
  let ofRun: Readonly<Record<string, string>> = {};
  let chain = EMPTY_CHAIN;
  const batchHashes = new Set<string>();
  let made = 0;
  let chunks = 0;
  let journaled = 0;
  let failure: unknown;

  const make = (name: EventName, idTail: string, fields: Readonly<Record<string, string>>): AuditRecord => {
    const id = `${options.runId}:${idTail}`;
    const own = isChained(name) ? linkFields(chain) : {};
    const plain = makeRecord(context, { name, id, atMs: clock.now() }, { ...ofRun, ...fields, ...own });
    const record = options.signer?.sign(plain) ?? plain;
    if (isChained(name)) chain = chainAfter(chain, record);
    if (name === 'batch_completed') batchHashes.add(hashRecord(record));
    made += 1;
    try {
      echo?.(record);
    } catch (error) {
      failure = error;
    }
    return record;
  };

  /** For records that tell what was done: a run goes on without them, and says so. */
  const remember = (
    name: EventName,
    idTail: string,
    fields: () => Readonly<Record<string, string>>,
  ): void => {
    try {
      buffer.add(make(name, idTail, fields()));
    } catch (error) {
      failure = error;
    }
  };

  /** What could not be written is not of the chain; it may be there all the same, where only its answer was lost. */
  const writeJournal = async (records: readonly AuditRecord[], before: typeof chain): Promise<void> => {
    try {
      await buffer.writeNow(records);
      journaled += records.length;
    } catch (error) {
      chain = before;
      made -= records.length;
      throw asUnavailable(error);
    }
  };

  const makeJournal = (
    idTail: string,
    { name, fields: more }: JournalOrder,
    chunk: JournalChunk,
    before: typeof chain,
  ): AuditRecord => {
    try {
      const fields = { ...more, ...journalFields(name, chunk), chunk_index: String(chunks) };
      const record = make(name, idTail, fields);
      chunks += 1;
      return record;
    } catch (error) {
      chain = before;
      throw asUnavailable(error);
    }
  };

  const writeOrders = async (orders: readonly JournalOrder[]): Promise<void> => {
    let before = chain;
    let group: AuditRecord[] = [];
    let bytes = 0;
    for (const order of orders) {
      const { word } = JOURNALS[order.name];
      for (const chunk of splitJournal(order.entries, order.keep)) {
        group.push(makeJournal(`${word}:${chunks}`, order, chunk, before));
        bytes += chunk.resources.length;
        if (bytes < JOURNAL_WRITE_BYTES) continue;
        await writeJournal(group, before);
        before = chain;
        group = [];
        bytes = 0;
      }
    }
    if (group.length > 0) await writeJournal(group, before);
  };
  const journal = createJournalQueue(writeOrders);

  return {
    runStarted: async (fact) => {
      undoOf = fact.undoOf;
      ofRun = {
        policy_name: fact.policy.name,
        config_hash: fact.policy.digest,
        dry_run: String(fact.mode === 'dry-run'),
        undo_of: undoOf ?? '',
      };
      remember('run_started', 'start', () => startFields(fact));
      await buffer.flush();
      // Nobody waits for it: it goes with whatever is written next.
      for (const [part, fields] of policyFields(fact.policy).entries())
        remember('policy_recorded', `policy:${part}`, () => fields);
    },

    journal: (name, entries, keep = 'values', fields = {}) =>
      entries.length === 0 ? Promise.resolve() : journal({ name, entries, keep, fields }),

    batchCompleted: async (fact) => {
      batches.total += 1;
      if (fact.outcome !== 'success') batches.failed += 1;
      const parts = batchFields(fact);
      for (const [part, fields] of parts.entries()) {
        const tail = `b${fact.index}:${fact.attempt}${parts.length > 1 ? `:${part}` : ''}`;
        remember('batch_completed', tail, () => fields);
      }
      await buffer.flushIfDue();
    },

    runCompleted: async (report, heirs = []) => {
      remember('run_completed', 'run', () => ({
        ...reportFields(report, batches, undoOf),
        journal_records: String(journaled),
        chain_count: String(chain.count),
        chain_head: chain.head,
        batches_hash: hashAll(batchHashes),
        heirs: listOf(heirs),
      }));
      await buffer.flush();
    },

    flush: () => buffer.flush(),
    attemptId: context.attemptId,

    get records() {
      return made - buffer.lost;
    },
    get waiting() {
      return buffer.waiting;
    },
    get failure() {
      const first = buffer.failure ?? failure;
      return first === undefined ? undefined : asUnavailable(first);
    },
  };
}

function listOf(items: Iterable<string>): string {
  const all = [...items];
  return all.length === 0 ? '' : encodeJson(all);
}

/** Of each journal: a word for its ids, what its sentence says, and the field that counts its tags. */
const JOURNALS: Readonly<
  Record<JournalName, { readonly word: string; readonly says: string; readonly counts: string }>
> = {
  removals_planned: { word: 'plan', says: 'About to be removed from', counts: 'tags_planned' },
  restores_planned: { word: 'restore', says: 'About to be put back on', counts: 'tags_planned' },
  removal_noticed: { word: 'notice', says: 'Announced to go from', counts: 'notices_given' },
  notice_withdrawn: { word: 'withdraw', says: 'Not going any more from', counts: 'notices_withdrawn' },
};

function journalFields(
  name: JournalName,
  { tags_planned: tags, ...chunk }: JournalChunk,
): Readonly<Record<string, string>> {
  const { says, counts } = JOURNALS[name];
  return {
    ...chunk,
    [counts]: tags,
    level: 'INFO',
    message: `${says} ${chunk.resource_count} ${chunk.resource_type} in ${chunk.region}: ${tags} tags`,
  };
}

function asUnavailable(error: unknown): CleanupError {
  if (error instanceof CleanupError && error.code === 'AUDIT_UNAVAILABLE') return error;
  return new CleanupError(
    'AUDIT_UNAVAILABLE',
    `Audit records could not be written: ${describeError(error)}`,
    {
      cause: error,
    },
  );
}
