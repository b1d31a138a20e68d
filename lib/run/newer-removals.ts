import { type AttemptSummary, summarizeRuns } from '../audit/history.ts';
import type { Change } from '../change/table.ts';
import { CleanupError } from '../errors.ts';
import { compareText, resourceKey } from '../resource.ts';
import { collectRemovals } from '../undo/collect.ts';
import type { RunPorts } from './request.ts';
import { keepSigned, readTrustedRun, type TrustedRun } from './trusted-run.ts';

/** More later runs than this are not looked through: their journals may be as large as the inventory. */
const MAX_LATER_RUNS = 200;

/** A later run that took the same key from the same resource. */
export interface Newer {
  readonly runId: string;
  /** Left out where it was not kept. */
  readonly value?: string;
}

export interface NewerRemovals {
  /** By `region/type/id key`. */
  readonly byTag: ReadonlyMap<string, Newer>;
  readonly warnings: readonly string[];
}

/**
 * Whether an attempt may have taken a tag: an end of another one does not speak for one that was killed, and what failed
 * may have been done without an answer.
 */
function mayHaveTaken({ dryRun, outcome, tags }: AttemptSummary): boolean {
  return !dryRun && (outcome === 'unfinished' || tags.removed + tags.failed > 0);
}

/**
 * Looks through the runs that began after another one for removals of the same tags: what was taken last is what is to
 * come back, if anything, and an older value must not take its place.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when the log cannot be read.
 */
export async function findNewerRemovals(
  run: TrustedRun,
  changes: readonly Change[],
  ports: Pick<RunPorts, 'audit' | 'signer'>,
): Promise<NewerRemovals> {
  const [begun = ''] = run.attempts.map(({ startedAt }) => startedAt).sort(compareText);
  if (ports.audit === null || begun === '' || changes.length === 0) return { byTag: new Map(), warnings: [] };
  const records = await ports.audit.read({
    fromMs: Date.parse(begun),
    eventNames: ['run_started', 'run_completed'],
  });
  const family = new Set(run.attempts.map(({ runId }) => runId));
  const later = summarizeRuns(keepSigned(records, ports.signer).own).filter(
    ({ runId, startedAt, undoOf, attempts }) =>
      !family.has(runId) && startedAt > begun && undoOf === undefined && attempts.some(mayHaveTaken),
  );
  // The newest first: it is the one that counts.
  const roots = [...new Set(later.map(({ runId, parentRunId }) => parentRunId ?? runId))].filter(
    (id) => id !== run.runId,
  );
  const warnings: string[] = [];
  if (roots.length > MAX_LATER_RUNS) {
    warnings.push(
      `Of ${roots.length} later runs only the newest ${MAX_LATER_RUNS} were looked through: whether an older one of them took the same tags again cannot be told.`,
    );
  }
  const wanted = new Set(
    changes.flatMap((change) => change.tags.map(({ key }) => `${resourceKey(change)} ${key}`)),
  );
  const byTag = new Map<string, Newer>();
  for (const root of roots.slice(0, MAX_LATER_RUNS)) {
    const other = await readTrustedRun(root, ports, 'all').catch((error: unknown) => {
      if (!(error instanceof CleanupError)) throw error;
      warnings.push(`Whether the later run ${root} took the same tags cannot be told: ${error.message}`);
    });
    if (other === undefined) continue;
    const { changes: taken, asked, valueKept } = collectRemovals(other.records);
    let slot = 0;
    for (const change of taken) {
      for (const { key, value } of change.tags) {
        const at = slot++;
        const name = `${resourceKey(change)} ${key}`;
        if (!asked[at] || !wanted.has(name) || byTag.has(name)) continue;
        byTag.set(name, { runId: root, ...(valueKept[at] && { value }) });
      }
    }
  }
  return { byTag, warnings };
}
