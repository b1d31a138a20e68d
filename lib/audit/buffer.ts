import type { Clock } from '../clock.ts';
import type { AuditLog } from '../ports.ts';
import { type AuditRecord, recordBytes } from './record.ts';

/** When waiting records are written. */
const FLUSH_BYTES = 65_536;
const FLUSH_RECORDS = 20;
const FLUSH_AGE_MS = 5_000;

/** How long a failed write keeps the next one waiting, so that a dead store does not slow each batch. */
const PAUSE_AFTER_FAILURE_MS = 5_000;

/** While less than this waits, nobody waits for a write: a slow store does not slow the removal. */
const UNHURRIED_BYTES = 1_048_576;

/** What may wait while the store cannot be reached; the oldest go first. */
const MAX_WAITING_BYTES = 4_194_304;

/** Records on their way to a log, in order; no timer runs in between, so that nothing outlives the run. */
export interface RecordBuffer {
  add(record: AuditRecord): void;
  /**
   * Sees to it that what waits is written if it is much, or old. Never rejects. Resolves at once, unless the
   * store cannot keep up: then once there is room again.
   */
  flushIfDue(): Promise<void>;
  /** Writes what waits. Never rejects: what could not be written waits for the next time. */
  flush(): Promise<void>;
  /** Writes what waits and then these, in order; rejects when these could not be written. */
  writeNow(records: readonly AuditRecord[]): Promise<void>;
  readonly waiting: number;
  /** Records given up because the store could not be reached for too long. */
  readonly lost: number;
  /** The latest failed write; stays although a later one succeeds. */
  readonly failure: unknown;
}

/** Buffers records before `log`. Writes never overlap, whoever starts them. */
export function createBuffer(log: AuditLog, clock: Clock): RecordBuffer {
  let waiting: AuditRecord[] = [];
  let bytes = 0;
  let oldestAtMs = 0;
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  let lost = 0;
  let failure: unknown;
  let tail: Promise<void> = Promise.resolve();

  const add = (record: AuditRecord): void => {
    if (waiting.length === 0) oldestAtMs = clock.now();
    waiting.push(record);
    bytes += recordBytes(record);
    while (bytes > MAX_WAITING_BYTES && waiting.length > 1) {
      bytes -= recordBytes(waiting.shift() as AuditRecord);
      lost += 1;
    }
  };

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  };

  /** Takes all that waits; puts it back, before what came since, when it cannot be written. */
  const writeWaiting = async (more: readonly AuditRecord[]): Promise<void> => {
    const taken = waiting;
    waiting = [];
    bytes = 0;
    if (taken.length + more.length === 0) return;
    try {
      await log.write([...taken, ...more]);
    } catch (error) {
      failure = error;
      pausedUntilMs = clock.now() + PAUSE_AFTER_FAILURE_MS;
      const since = waiting;
      waiting = [];
      bytes = 0;
      for (const record of [...taken, ...since]) add(record);
      throw error;
    }
  };

  /** A flush whose turn has not come: it will take what was added since, too. */
  let coming: Promise<void> | undefined;
  const flush = (): Promise<void> => {
    coming ??= inTurn(() => {
      coming = undefined;
      return writeWaiting([]);
    }).catch(() => undefined);
    return coming;
  };

  return {
    add,
    flush,
    flushIfDue: async () => {
      const now = clock.now();
      const much = waiting.length >= FLUSH_RECORDS || bytes >= FLUSH_BYTES;
      const old = waiting.length > 0 && now - oldestAtMs >= FLUSH_AGE_MS;
      if ((!much && !old) || now < pausedUntilMs) return;
      const written = flush();
      if (bytes >= UNHURRIED_BYTES) await written;
    },
    writeNow: (records) => inTurn(() => writeWaiting(records)),
    get waiting() {
      return waiting.length;
    },
    get lost() {
      return lost;
    },
    get failure() {
      return failure;
    },
  };
}
