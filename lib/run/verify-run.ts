import { readJournal } from '../audit/decode.ts';
import { bucketsIn } from '../audit/policy-record.ts';
import type { AuditRecord } from '../audit/record.ts';
import { type ChangeTable, createChangeTable } from '../change/table.ts';
import { PATIENCE_MS } from '../inventory/look-again.ts';
import { meterEci } from '../pace/meter.ts';
import { type AnnouncedTags, proveAnnounced } from '../proof/announced.ts';
import { createReader } from '../proof/reader.ts';
import { createWitness, readWitnessed } from '../proof/witness.ts';
import type { Proof } from '../report/report.ts';
import { collectRemovals } from '../undo/collect.ts';
import { createTimeLeft, recordReserveMs } from './deadline.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { readTrustedRun, trustedRecords, type WantedAttempts } from './trusted-run.ts';

/** What became of the tags that a run announced to remove. */
export interface RunVerification {
  readonly runId: string;
  readonly tags: AnnouncedTags;
  /**
   * `foreign`: changed by others since; `unexplained`: asked for, and there with its old value. The
   * journal tells of what was to go only, so other tags are not looked at.
   */
  readonly proof: Proof;
  /** What was left aside of the log, and why. */
  readonly warnings: readonly string[];
}

const PACE = { share: 0.5, concurrency: 8 } as const;

/**
 * Holds what a run announced, by the log, against what is there now. What an undo of the run put back is there by
 * right.
 *
 * What its requests removed may still show to a reader for a while: a run that wrote its last record less than a
 * minute ago is given that minute, within the time left, and looked at again after growing pauses.
 *
 * @throws {CleanupError} `AUDIT_UNAVAILABLE`, `RUN_NOT_FOUND`.
 */
export async function verifyRun(
  runId: string,
  ports: RunPorts,
  options: Pick<RunOptions, 'deadlineAtMs' | 'onProgress'>,
  attempts?: WantedAttempts,
): Promise<RunVerification> {
  const trusted = await readTrustedRun(runId, ports, attempts);
  const { records } = trusted;
  const { changes, asked, valueKept } = collectRemovals(records);
  const table = createChangeTable(changes);
  const restored = await readRestored(runId, ports, table);
  const { clock, chance } = ports;
  const { deadlineAtMs } = options;
  const calls =
    deadlineAtMs === undefined
      ? {}
      : { deadlineAtMs: deadlineAtMs - recordReserveMs(deadlineAtMs - clock.now()) };
  const buckets = new Set(trusted.attempts.flatMap((attempt) => bucketsIn(attempt.records)));
  const eci = meterEci(ports.eci, { pace: PACE, clock, chance, ...calls });
  const verification = await proveAnnounced({
    table,
    asked,
    valueKept,
    isRestored: (slot) => restored.has(slot),
    read: readWitnessed(createReader(eci, PACE.concurrency, buckets), createWitness(eci)),
    clock,
    time: createTimeLeft({ clock, ...(deadlineAtMs !== undefined && { deadlineAtMs }) }),
    settledAtMs: lastOf(records) + PATIENCE_MS,
    onProgress: (done) =>
      options.onProgress?.({ step: 'verify', done, total: table.rows.length, text: 'Reading again' }),
  });
  return { runId, ...verification, warnings: trusted.warnings };
}

function lastOf(records: readonly AuditRecord[]): number {
  return records.reduce((last, { event_time }) => Math.max(last, Date.parse(event_time)), 0);
}

/** The slots of what undos of a run announced to put back. */
async function readRestored(
  runId: string,
  ports: RunPorts,
  table: ChangeTable,
): Promise<ReadonlySet<number>> {
  const records = trustedRecords((await ports.audit?.read({ undoOf: runId })) ?? [], ports.signer);
  const { announced } = readJournal(records, 'restores_planned');
  return new Set(
    announced.flatMap(({ region, type, id, tags }) => {
      const row = table.find(region, type, id);
      return tags.map(({ key }) => table.slotOf(row, key));
    }),
  );
}
