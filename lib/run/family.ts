import type { RunSummary } from '../audit/history.ts';
import { nextMember } from '../audit/members.ts';

/** What a run and all that it started came to, told as one. */
export interface FamilySummary {
  /** Invocations that the records tell of, the first included. */
  readonly runs: number;
  /** `unfinished` as long as the records of one that was started do not tell its end. */
  readonly outcome: RunSummary['outcome'];
  /**
   * Planned by the first, which plans for all; removed and restored by all; failed and not reached at the end of each
   * chain, since what did not get done in between was tried again.
   */
  readonly tags: RunSummary['tags'];
  readonly unexplained: number;
  /** From the first start to the last end, milliseconds. */
  readonly durationMs: number;
}

/** Worst first: what a family is told to be is the worst that one of its chains ended with. */
const OUTCOMES = ['failure', 'refused', 'unfinished', 'partial', 'success'] as const;

/**
 * Tells a family as one run. An invocation that handed its work over is not its end, whatever its own outcome; but
 * a difference that nothing explains, or a hand-over of which no record tells, counts wherever it stands.
 */
export function summarizeFamily(first: RunSummary, children: readonly RunSummary[]): FamilySummary {
  const all = [first, ...children];
  const known = new Set(all.map(({ runId }) => runId));
  const isEnd = (run: RunSummary): boolean => successors(first, run).length === 0;
  const isLost = all.some((run) => successors(first, run).some((runId) => !known.has(runId)));
  const ends = all.filter(isEnd);
  const outcomes = new Set(
    all.filter((run) => isEnd(run) || isUnexplained(run)).map(({ outcome }) => outcome),
  );
  if (isLost) outcomes.add('unfinished');
  return {
    runs: all.length,
    outcome: OUTCOMES.find((outcome) => outcomes.has(outcome)) ?? 'unfinished',
    tags: {
      planned: first.tags.planned,
      removed: sum(all, ({ tags }) => tags.removed),
      restored: sum(all, ({ tags }) => tags.restored),
      failed: sum(ends, ({ tags }) => tags.failed),
      notReached: sum(ends, ({ tags }) => tags.notReached),
    },
    unexplained: sum(all, ({ proof }) => proof.unexplained),
    durationMs: spanMs(first, all),
  };
}

function isUnexplained(run: RunSummary): boolean {
  return run.proof.unexplained > 0;
}

/** The ids of the runs that go on with the work of one. */
function successors(first: RunSummary, run: RunSummary): readonly string[] {
  const ids = run.children.map(({ runId }) => runId);
  if (run.continuation === undefined) return ids;
  return [...ids, nextMember(run.runId, first.runId, run.continuation.hop)];
}

function spanMs(first: RunSummary, all: readonly RunSummary[]): number {
  const startMs = Date.parse(first.startedAt);
  const endMs = all.map(({ endedAt, startedAt }) => Date.parse(endedAt ?? startedAt));
  return Math.max(0, ...endMs.map((ms) => ms - startMs).filter(Number.isFinite));
}

function sum(runs: readonly RunSummary[], of: (run: RunSummary) => number): number {
  return runs.reduce((total, run) => total + of(run), 0);
}
