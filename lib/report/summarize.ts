import type { StopCode } from '../codes.ts';
import type { Mode } from '../policy/policy.ts';
import { counted } from '../text.ts';
import {
  type Audit,
  type CallCounts,
  type Child,
  type Continuation,
  NO_NOTICE_COUNTS,
  type NoticeCounts,
  type Outcome,
  type Proof,
  type Report,
  type SkippedPlace,
  TAG_ENDS,
  type TagEnd,
  type Trigger,
  type UndoAccount,
} from './report.ts';
import type { Totals } from './totals.ts';

/** Everything a report says. */
export interface RunFacts {
  readonly runId: string;
  readonly parentRunId?: string;
  readonly policy: { readonly name: string; readonly digest: string };
  readonly trigger: Trigger;
  readonly mode: Mode;
  /** Left out: the run ended before there was a plan. */
  readonly planDigest?: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly seen: number;
  readonly selected: number;
  /** Resources whose tags could not be seen. */
  readonly unseen?: number;
  readonly skipped?: readonly SkippedPlace[];
  readonly totals: Totals;
  readonly calls: CallCounts & { readonly untagLowerBound: number };
  readonly proof: Proof;
  readonly audit: Audit | null;
  /** Why the run did not go its whole way. */
  readonly stop?: RunStop;
  readonly warnings: readonly string[];
  readonly children?: readonly Child[];
  readonly continuation?: Continuation;
  readonly undo?: UndoAccount;
  /** Tags that are kept for their notice. */
  readonly noticed?: number;
  readonly notices?: NoticeCounts;
}

/** Why a run did not go its whole way: `refused` before anything was removed, `failed`, or `cut` short by time. */
export interface RunStop {
  readonly kind: 'refused' | 'failed' | 'cut';
  readonly code: StopCode;
  /** One sentence. */
  readonly reason: string;
}

/** The totals of a run that has no book: nothing was planned, or it is a dry run and nothing has an end. */
export function plannedOnly(planned: number): Totals {
  return {
    tags: { planned, ...(Object.fromEntries(TAG_ENDS.map((end) => [end, 0])) as Record<TagEnd, number>) },
    resourcesChanged: 0,
    resourcesFailed: 0,
    resourcesLeft: 0,
    removedByKey: {},
    removedByKeyCut: 0,
    failures: [],
    failuresCut: 0,
  };
}

/** Puts the report of a run together; the outcome follows from the facts. */
export function summarizeRun(facts: RunFacts): Report {
  const { totals, proof } = facts;
  return {
    runId: facts.runId,
    parentRunId: facts.parentRunId ?? null,
    policy: { name: facts.policy.name, digest: facts.policy.digest },
    trigger: facts.trigger,
    mode: facts.mode,
    outcome: decideOutcome(facts),
    reason: explainOutcome(facts),
    ...codeOf(facts),
    planDigest: facts.planDigest ?? null,
    startedAt: new Date(facts.startedAtMs).toISOString(),
    endedAt: new Date(facts.endedAtMs).toISOString(),
    durationMs: facts.endedAtMs - facts.startedAtMs,
    resources: {
      seen: facts.seen,
      selected: facts.selected,
      changed: totals.resourcesChanged,
      failed: totals.resourcesFailed,
    },
    unseen: facts.unseen ?? 0,
    skipped: facts.skipped ?? [],
    tags: totals.tags,
    noticed: facts.noticed ?? 0,
    notices: facts.notices ?? NO_NOTICE_COUNTS,
    calls: facts.calls,
    removedByKey: totals.removedByKey,
    ...(totals.removedByKeyCut > 0 && { removedByKeyCut: totals.removedByKeyCut }),
    failures: totals.failures,
    ...(totals.failuresCut > 0 && { failuresCut: totals.failuresCut }),
    // Nobody can say what became of tags that nobody saw.
    proof: facts.unseen ? { ...proof, verified: false } : proof,
    audit: facts.audit,
    children: facts.children ?? [],
    continuation: facts.continuation ?? null,
    warnings: facts.warnings,
    ...(facts.undo !== undefined && { undo: facts.undo }),
  };
}

/**
 * `failure`: something must be looked at before the next run (a difference without explanation, a stop for
 * cause, or nothing but failures). `partial`: some tags are left, for which another run may do.
 */
function decideOutcome({ stop, proof, totals, continuation }: RunFacts): Outcome {
  const { tags } = totals;
  if (stop?.kind === 'refused') return 'refused';
  if (stop?.kind === 'failed' || proof.unexplained > 0) return 'failure';
  const done = tags.removed + (tags.restored ?? 0);
  if (tags.failed > 0 && done === 0) return 'failure';
  const left = tags.failed + tags.notReached + proof.lost > 0;
  return left || stop !== undefined || continuation !== undefined ? 'partial' : 'success';
}

/** Every failure has a code, also where nothing stopped the run. */
function codeOf(facts: RunFacts): Pick<Report, 'code'> {
  if (facts.stop !== undefined) return { code: facts.stop.code };
  if (facts.proof.unexplained > 0) return { code: 'UNEXPLAINED' };
  return decideOutcome(facts) === 'failure' ? { code: 'TAGS_FAILED' } : {};
}

function explainOutcome({ stop, proof, totals, continuation, children = [] }: RunFacts): string {
  const { failed, notReached } = totals.tags;
  const sentences: string[] = [];
  if (stop !== undefined) sentences.push(stop.reason);
  if (proof.unexplained > 0) {
    sentences.push(
      `${counted(proof.unexplained, 'difference')} between before and after ${are(proof.unexplained)} unexplained: ${proof.differences?.slice(0, 3).join(', ') ?? ''}.`,
    );
  }
  if (proof.lost > 0) {
    sentences.push(
      `${counted(proof.lost, 'kept tag')} ${are(proof.lost)} gone from resources that a request had touched.`,
    );
  }
  if (failed > 0 && stop?.kind !== 'failed') {
    const cause = totals.failures[0];
    const first = cause === undefined ? '' : `; the first because of ${cause.code}`;
    sentences.push(`${counted(failed, 'tag')} failed${first}.`);
  }
  if (children.length > 0) {
    const invocations = new Set(children.map((child) => child.runId)).size;
    sentences.push(
      `${counted(totals.tags.planned, 'tag')} of ${counted(children.length, 'region')} handed over to ${counted(invocations, 'invocation')}.`,
    );
  }
  if (continuation !== undefined) {
    const what = notReached === 0 ? 'What cannot be read yet is' : `${counted(notReached, 'tag')}`;
    sentences.push(`${what} handed over to task ${continuation.taskId}.`);
  }
  return sentences.join(' ');
}

function are(n: number): string {
  return n === 1 ? 'is' : 'are';
}
