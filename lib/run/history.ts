import { type RunSummary, summarizeRuns } from '../audit/history.ts';
import { CleanupError } from '../errors.ts';
import { type FamilySummary, summarizeFamily } from './family.ts';
import type { RunPorts } from './request.ts';

/** One run with those that it started, or that went on with its work; newest first, as the runs are. */
export interface RunFamily {
  readonly run: RunSummary;
  /** In the order of their starts. */
  readonly children: readonly RunSummary[];
  readonly whole: FamilySummary;
}

/**
 * Reads from the log which runs there were: outcome, counts, who and what started them.
 *
 * A run whose parent is not among those read stands by itself.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when there is no log, or it cannot be read.
 */
export async function readHistory(
  ports: Pick<RunPorts, 'audit'>,
  window: { readonly fromMs?: number; readonly toMs?: number } = {},
): Promise<readonly RunFamily[]> {
  if (ports.audit === null) {
    throw new CleanupError(
      'AUDIT_UNAVAILABLE',
      'There is no history: no log store is set. Set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE, or TAGSWEEP_LOG_FILE.',
    );
  }
  const records = await ports.audit.read({ ...window, eventNames: ['run_started', 'run_completed'] });
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
