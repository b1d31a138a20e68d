import { REPORT_PARTS } from '../report/parts.ts';
import { type Report, reportSchema } from '../report/report.ts';
import type { AuditRecord } from './record.ts';

/**
 * The report that a `run_completed` record carries; what has no field (how many records, what an undo left) is not in
 * it. Nothing where the record was cut, or is of another version.
 */
export function readReportOf(record: AuditRecord): Report | undefined {
  const report: Record<string, unknown> = {
    mode: record.dry_run === 'true' ? 'dry-run' : 'apply',
    parentRunId: null,
    planDigest: null,
    reason: '',
    audit: null,
    continuation: null,
    removedByKey: {},
    failures: [],
    children: [],
    warnings: [],
    trigger: { name: '' },
    tags: { removed: 0 },
  };
  for (const { path, field } of REPORT_PARTS) {
    const text = field === undefined ? undefined : (record[field] ?? record[UNDO_FIELDS[field] ?? '']);
    if (text !== undefined) setAt(report, path.split('.'), text);
  }
  return reportSchema.safeParse(report).data;
}

/** In the record of an undo. */
const UNDO_FIELDS: Readonly<Record<string, string>> = { tags_removed_by_key: 'tags_restored_by_key' };

const TEXTS: ReadonlySet<string> = new Set([
  'runId',
  'parentRunId',
  'name',
  'digest',
  'type',
  'outcome',
  'reason',
  'code',
  'planDigest',
  'startedAt',
  'endedAt',
]);

function setAt(target: Record<string, unknown>, path: readonly string[], text: string): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    target[name] = TEXTS.has(name) ? text : parse(text);
    return;
  }
  const inner = (target[name] ?? {}) as Record<string, unknown>;
  target[name] = inner;
  setAt(inner, rest, text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
