import type { Aside } from '../audit/attempts.ts';
import { type RunSummary, summarizeRuns } from '../audit/history.ts';
import type { AuditRecord } from '../audit/record.ts';
import { CleanupError } from '../errors.ts';
import type { AuditLog } from '../ports.ts';
import type { TagKey } from '../resource.ts';
import { type FamilySummary, summarizeFamily } from './family.ts';
import type { RunPorts } from './request.ts';
import { keepSigned } from './trusted-run.ts';

/** One run with those that it started, or that went on with its work; newest first, as the runs are. */
export interface RunFamily {
  readonly run: RunSummary;
  /** In the order of their starts. */
  readonly children: readonly RunSummary[];
  readonly whole: FamilySummary;
}

/** The runs of a log. */
export interface History {
  readonly families: readonly RunFamily[];
  /** `checked`: only what a holder of the key wrote is told; `unchecked`: signed, and there is no key to check with. */
  readonly signatures: 'checked' | 'unchecked' | 'none';
  /** Records that were left aside, since nobody with the key wrote them. */
  readonly aside: readonly Aside[];
}

/** Which runs are asked for. */
export interface HistoryQuery {
  /** Epoch milliseconds, half-open. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Only runs that asked for a change of this resource. */
  readonly resourceId?: string;
  /** Only runs that asked for a change of this key. */
  readonly key?: TagKey;
  readonly policy?: string;
  /** How many of the newest families are looked at closely, where they have no end; default all. */
  readonly limit?: number;
}

/**
 * Reads from the log which runs there were: outcome, counts, who and what started them.
 *
 * A run whose parent is not among those read stands by itself. One that has no end is told by what its batch records
 * say that it did.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when there is no log, or it cannot be read.
 */
export async function readHistory(
  ports: Pick<RunPorts, 'audit' | 'signer'>,
  query: HistoryQuery = {},
): Promise<History> {
  const { audit } = ports;
  if (audit === null) {
    throw new CleanupError(
      'AUDIT_UNAVAILABLE',
      'There is no history: no log store is set. Set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE, or TAGSWEEP_LOG_FILE.',
    );
  }
  const { fromMs, toMs, limit = Number.POSITIVE_INFINITY } = query;
  const window = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) };
  const read = await audit.read({ ...window, eventNames: ['run_started', 'run_completed'] });
  const { own, aside } = keepSigned(read, ports.signer);
  const meant = await runsThatAskedFor(audit, ports, query, window);
  const families = familiesOf(own).filter(
    ({ run, children }) =>
      (query.policy === undefined || run.policyName === query.policy) &&
      (meant === undefined || [run, ...children].some(({ runId }) => meant.has(runId))),
  );
  const shown = families.slice(0, limit);
  const told = await Promise.all(shown.map((family) => tellWithoutEnd(family, own, audit, ports)));
  return {
    families: [...told, ...families.slice(told.length)],
    signatures: ports.signer !== undefined ? 'checked' : isSigned(read) ? 'unchecked' : 'none',
    aside,
  };
}

function isSigned(records: readonly AuditRecord[]): boolean {
  return records.length > 0 && records.every(({ signature }) => signature !== undefined);
}

function familiesOf(records: readonly AuditRecord[]): readonly RunFamily[] {
  const runs = summarizeRuns(records);
  const known = new Set(runs.map((run) => run.runId));
  const isChild = (run: RunSummary): boolean =>
    run.parentRunId !== undefined && run.parentRunId !== run.runId && known.has(run.parentRunId);
  return runs
    .filter((run) => !isChild(run))
    .map((run) => {
      const children = runs.filter((other) => isChild(other) && other.parentRunId === run.runId).reverse();
      return { run, children, whole: summarizeFamily(run, children) };
    });
}

/** The runs whose requests named a resource or a key; nothing: that was not asked. */
async function runsThatAskedFor(
  audit: AuditLog,
  ports: Pick<RunPorts, 'signer'>,
  { resourceId, key }: HistoryQuery,
  window: { readonly fromMs?: number; readonly toMs?: number },
): Promise<ReadonlySet<string> | undefined> {
  if (resourceId === undefined && key === undefined) return undefined;
  const batches = await audit.read({
    ...window,
    eventNames: ['batch_completed'],
    ...(resourceId !== undefined && { resourceId }),
    ...(key !== undefined && { tagKey: key }),
  });
  return new Set(keepSigned(batches, ports.signer).own.map(({ run_id }) => run_id));
}

/** What a run without end did is told by its batch records, which are read for it alone. */
async function tellWithoutEnd(
  family: RunFamily,
  records: readonly AuditRecord[],
  audit: AuditLog,
  ports: Pick<RunPorts, 'signer'>,
): Promise<RunFamily> {
  const members = [family.run, ...family.children];
  const open = members.filter(({ attempts }) =>
    attempts.some(({ outcome, dryRun }) => outcome === 'unfinished' && !dryRun),
  );
  if (open.length === 0) return family;
  const batches = await Promise.all(
    open.map(({ runId }) => audit.read({ runId, eventNames: ['batch_completed'] })),
  );
  const ids = new Set(members.map(({ runId }) => runId));
  const own = records.filter(({ run_id }) => ids.has(run_id));
  const all = [...own, ...keepSigned(batches.flat(), ports.signer).own];
  return familiesOf(all).find(({ run }) => run.runId === family.run.runId) ?? family;
}
