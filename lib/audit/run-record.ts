import { redactSecrets } from '../redact.ts';
import { REPORT_PARTS, valueAt } from '../report/parts.ts';
import { endInWords, type Report, TAG_ENDS } from '../report/report.ts';
import { encodeJson } from '../text.ts';
import { encodeCounts, encodeList } from './bounded.ts';
import type { StartFact } from './facts.ts';

/** Largest JSON text of one field; also what SQL reads of a field with the index of docs/audit.md. */
const MAX_FIELD_BYTES = 16_384;

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
  const { fields, isCut } = flatten(report);
  const { resources, tags, calls } = report;
  return {
    ...fields,
    ...(undoOf !== undefined && {
      tags_removed: '',
      tags_restored: whole(tags.restored ?? 0),
      tags_removed_by_key: '',
      tags_restored_by_key: fields.tags_removed_by_key ?? '',
    }),
    level: levelOf(report),
    message: sentence(report, undoOf),
    undo_of: undoOf ?? '',
    reason: redactSecrets(report.reason),
    dry_run: String(report.mode === 'dry-run'),
    resources_skipped: whole(Math.max(0, resources.seen - resources.changed - resources.failed)),
    batches_total: whole(batches.total),
    batches_failed: whole(batches.failed),
    api_calls: whole(calls.list + calls.untag + calls.tag),
    error_code: report.failures[0]?.code ?? '',
    truncated: isCut || report.failuresCut !== undefined ? 'true' : '',
  };
}

/** What of the report has a field, and whether a list was too long for its own. */
function flatten(report: Report): { readonly fields: Record<string, string>; readonly isCut: boolean } {
  const fields: Record<string, string> = {};
  let isCut = false;
  for (const part of REPORT_PARTS) {
    if (part.field === undefined) continue;
    const { text, truncated = false } = encode(valueAt(report, part));
    if (text !== '') fields[part.field] = text;
    isCut ||= truncated;
  }
  return { fields, isCut };
}

/** One part as a log store keeps it: text; lists and tables are JSON, and an empty list is left out. */
function encode(value: unknown): { readonly text: string; readonly truncated?: boolean } {
  if (value === undefined || value === null) return { text: '' };
  if (typeof value === 'number') return { text: whole(value) };
  if (typeof value !== 'object') return { text: String(value) };
  if (Array.isArray(value)) {
    const { json, truncated } = encodeList(value.map(withoutSecrets), MAX_FIELD_BYTES);
    return { text: value.length === 0 ? '' : json, truncated };
  }
  if (!isCounts(value)) return { text: encodeJson(value) };
  const { json, truncated } = encodeCounts(value, MAX_FIELD_BYTES);
  return { text: json, truncated };
}

function isCounts(value: object): value is Readonly<Record<string, number>> {
  return Object.values(value).every((one) => typeof one === 'number');
}

/** What the cloud or the network said may hold anything. */
function withoutSecrets(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const own = item as Readonly<Record<string, unknown>>;
  const texts = ['message', 'why'].filter((name) => typeof own[name] === 'string');
  return { ...own, ...Object.fromEntries(texts.map((name) => [name, redactSecrets(own[name] as string)])) };
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
    .map((end) => `${report.tags[end]} ${endInWords(end)}`)
    .join(', ');
}

function whole(n: number): string {
  return String(Math.round(n));
}
