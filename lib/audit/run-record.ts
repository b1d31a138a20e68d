import { redactSecrets } from '../redact.ts';
import { type Report, TAG_ENDS, type TagEnd } from '../report/report.ts';
import { encodeJson } from '../text.ts';
import { encodeCounts, encodeList } from './bounded.ts';
import type { StartFact } from './facts.ts';

/** Largest JSON text of one field; also what SQL reads of a field with the index of docs/audit.md. */
const MAX_FIELD_BYTES = 16_384;

/** The field of each end. */
const END_FIELD: Readonly<Record<TagEnd, string>> = {
  removed: 'tags_removed',
  absent: 'tags_absent',
  stale: 'tags_stale',
  vanished: 'tags_vanished',
  failed: 'tags_failed',
  notReached: 'tags_not_reached',
};

/** The fields of `run_started`. */
export function startFields(fact: StartFact): Readonly<Record<string, string>> {
  const dryRun = fact.mode === 'dry-run';
  const what = fact.undoOf === undefined ? `policy ${fact.policy.name}` : `undo of run ${fact.undoOf}`;
  return {
    level: 'INFO',
    message:
      `Run started: ${what}${dryRun ? ', dry run' : ''}, by ${fact.trigger.type} ${fact.trigger.name}`.trimEnd(),
    trigger_type: fact.trigger.type,
    trigger_name: fact.trigger.name,
    policy_name: fact.policy.name,
    config_hash: fact.policy.digest,
    dry_run: String(dryRun),
    undo_of: fact.undoOf ?? '',
  };
}

/** Requests of the run, as the recorder counted them. */
export interface BatchCounts {
  readonly total: number;
  readonly failed: number;
}

/**
 * The fields of `run_completed`: the report, flattened. Lists that are too long for a field are cut, and
 * then `truncated` is `true`; every count is of the whole run.
 *
 * What an undo put back is `tags_restored`, and it has no `tags_removed`, so that sums of that stay true.
 */
export function reportFields(
  report: Report,
  batches: BatchCounts,
  undoOf?: string,
): Readonly<Record<string, string>> {
  const undo = undoOf !== undefined;
  const byKey = encodeCounts(report.removedByKey, MAX_FIELD_BYTES);
  const failures = encodeList(report.failures.map(redactFailure), MAX_FIELD_BYTES);
  const { resources, tags, calls, proof } = report;
  const truncated = byKey.truncated || failures.truncated || report.failuresCut !== undefined;
  return {
    level: levelOf(report),
    message: sentence(report, undoOf),
    undo_of: undoOf ?? '',
    ...(report.parentRunId !== null && { parent_run_id: report.parentRunId }),
    trigger_type: report.trigger.type,
    trigger_name: report.trigger.name,
    policy_name: report.policy.name,
    config_hash: report.policy.digest,
    plan_digest: report.planDigest ?? '',
    dry_run: String(report.mode === 'dry-run'),
    outcome: report.outcome,
    reason: redactSecrets(report.reason),
    start_time: report.startedAt,
    end_time: report.endedAt,
    duration_ms: whole(report.durationMs),
    resources_scanned: whole(resources.seen),
    resources_matched: whole(resources.selected),
    resources_changed: whole(resources.changed),
    resources_skipped: whole(Math.max(0, resources.seen - resources.changed - resources.failed)),
    resources_failed: whole(resources.failed),
    tags_planned: whole(tags.planned),
    ...Object.fromEntries(TAG_ENDS.map((end) => [END_FIELD[end], whole(tags[end])])),
    ...(undo && { tags_removed: '', tags_restored: whole(tags.restored ?? 0) }),
    [undo ? 'tags_restored_by_key' : 'tags_removed_by_key']: byKey.json,
    batches_total: whole(batches.total),
    batches_failed: whole(batches.failed),
    batches_lower_bound: whole(calls.untagLowerBound),
    api_calls: whole(calls.list + calls.untag),
    api_calls_list: whole(calls.list),
    api_calls_untag: whole(calls.untag),
    api_retries: whole(calls.retries),
    api_throttled: whole(calls.throttled),
    proof_verified: String(proof.verified),
    proof_foreign: whole(proof.foreign),
    proof_unexplained: whole(proof.unexplained),
    failures: report.failures.length === 0 ? '' : failures.json,
    error_code: report.failures[0]?.code ?? '',
    children: report.children.length === 0 ? '' : encodeList(report.children, MAX_FIELD_BYTES).json,
    continuation: report.continuation === null ? '' : encodeJson(report.continuation),
    warnings: report.warnings.length === 0 ? '' : encodeList(report.warnings, MAX_FIELD_BYTES).json,
    truncated: truncated ? 'true' : '',
  };
}

function redactFailure(failure: Report['failures'][number]): unknown {
  return { ...failure, message: redactSecrets(failure.message) };
}

function levelOf(report: Report): string {
  if (report.outcome === 'success') return 'INFO';
  return report.outcome === 'failure' ? 'ERROR' : 'WARN';
}

function sentence(report: Report, undoOf: string | undefined): string {
  const { tags, resources } = report;
  const subject = undoOf === undefined ? 'Run' : `Undo of run ${undoOf}`;
  const [infinitive, participle] =
    undoOf === undefined ? ['remove from', 'removed from'] : ['put back on', 'put back on'];
  const reason = report.reason === '' ? '' : `: ${redactSecrets(report.reason)}`;
  if (report.outcome === 'refused') return `${subject} refused${reason}`;
  if (report.mode === 'dry-run') {
    return `${subject} ended, dry run, ${report.outcome}: ${tags.planned} tags to ${infinitive} ${resources.selected} of ${resources.seen} resources${reason}`;
  }
  const done = undoOf === undefined ? tags.removed : (tags.restored ?? 0);
  const rest = tags.planned === done ? '' : ` (${otherEnds(report)})`;
  return `${subject} ended, ${report.outcome}: ${done} of ${tags.planned} planned tags ${participle} ${resources.changed} resources${rest}${reason}`;
}

function otherEnds(report: Report): string {
  return TAG_ENDS.filter((end) => end !== 'removed' && report.tags[end] > 0)
    .map((end) => `${report.tags[end]} ${end === 'notReached' ? 'not reached' : end}`)
    .join(', ');
}

function whole(n: number): string {
  return String(Math.round(n));
}
