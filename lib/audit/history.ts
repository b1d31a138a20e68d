import { compareText } from '../resource.ts';
import { number, parseArray } from './decode.ts';
import type { AuditRecord } from './record.ts';

/** One run as its records tell it. */
export interface RunSummary {
  readonly runId: string;
  readonly parentRunId?: string;
  /** The run that this one put back. */
  readonly undoOf?: string;
  readonly policyName: string;
  readonly policyDigest: string;
  readonly triggerType: string;
  readonly triggerName: string;
  readonly dryRun: boolean;
  /** `unfinished`: it began, and no summary was written (still running, killed, or the log was out of reach). */
  readonly outcome: 'success' | 'partial' | 'failure' | 'refused' | 'unfinished';
  readonly reason: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly durationMs: number;
  readonly resources: {
    readonly seen: number;
    readonly selected: number;
    readonly changed: number;
    readonly failed: number;
  };
  readonly tags: {
    readonly planned: number;
    readonly removed: number;
    readonly restored: number;
    readonly failed: number;
    readonly notReached: number;
  };
  readonly removedByKey: Readonly<Record<string, number>>;
  readonly planDigest?: string;
  readonly proof: { readonly verified: boolean; readonly foreign: number; readonly unexplained: number };
  /** The runs that it started, one a region. */
  readonly children: readonly { readonly runId: string }[];
  /** The invocation that it handed its rest to. */
  readonly continuation?: { readonly hop: number };
}

/**
 * One summary per run that has a `run_started` or a `run_completed` record, newest first. A run that was
 * started again under its id is told by its latest summary.
 */
export function summarizeRuns(records: readonly AuditRecord[]): readonly RunSummary[] {
  const started = new Map<string, AuditRecord>();
  const completed = new Map<string, AuditRecord>();
  for (const record of records) {
    if (record.event_name === 'run_started' && !started.has(record.run_id))
      started.set(record.run_id, record);
    if (record.event_name !== 'run_completed') continue;
    const before = completed.get(record.run_id);
    if (before === undefined || before.event_time <= record.event_time) completed.set(record.run_id, record);
  }
  const ids = new Set([...started.keys(), ...completed.keys()]);
  return [...ids]
    .map((id) => summarize(started.get(id), completed.get(id)))
    .sort((a, b) => compareText(b.startedAt, a.startedAt) || compareText(a.runId, b.runId));
}

function summarize(start: AuditRecord | undefined, end: AuditRecord | undefined): RunSummary {
  const record = (end ?? start) as AuditRecord;
  return {
    runId: record.run_id,
    ...(record.parent_run_id !== undefined && { parentRunId: record.parent_run_id }),
    ...(record.undo_of !== undefined && { undoOf: record.undo_of }),
    policyName: record.policy_name ?? '',
    policyDigest: record.config_hash ?? '',
    triggerType: record.trigger_type ?? '',
    triggerName: record.trigger_name ?? '',
    dryRun: record.dry_run === 'true',
    outcome: readOutcome(end?.outcome),
    reason: record.reason ?? '',
    startedAt: record.start_time ?? start?.event_time ?? record.event_time,
    ...(end?.end_time !== undefined && { endedAt: end.end_time }),
    durationMs: number(end?.duration_ms),
    resources: {
      seen: number(end?.resources_scanned),
      selected: number(end?.resources_matched),
      changed: number(end?.resources_changed),
      failed: number(end?.resources_failed),
    },
    tags: {
      planned: number(end?.tags_planned),
      removed: number(end?.tags_removed),
      restored: number(end?.tags_restored),
      failed: number(end?.tags_failed),
      notReached: number(end?.tags_not_reached),
    },
    removedByKey: readCounts(end?.tags_removed_by_key),
    ...(record.plan_digest !== undefined && { planDigest: record.plan_digest }),
    proof: {
      verified: end?.proof_verified === 'true',
      foreign: number(end?.proof_foreign),
      unexplained: number(end?.proof_unexplained),
    },
    children: (parseArray(end?.children ?? '') ?? []).filter(isChild),
    ...readContinuation(end?.continuation),
  };
}

function readOutcome(text: string | undefined): RunSummary['outcome'] {
  return text === 'success' || text === 'partial' || text === 'failure' || text === 'refused'
    ? text
    : 'unfinished';
}

function isChild(value: unknown): value is RunSummary['children'][number] {
  return typeof value === 'object' && value !== null && 'runId' in value && typeof value.runId === 'string';
}

function readContinuation(text: string | undefined): Pick<RunSummary, 'continuation'> {
  const value = parseObject(text);
  return Number.isInteger(value.hop) ? { continuation: { hop: Number(value.hop) } } : {};
}

function readCounts(text: string | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(parseObject(text)).map(([key, count]) => [key, number(String(count))]),
  );
}

/** Empty for what is no JSON object: a record that was cut still tells the rest. */
function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The ids of a run's family: its own, and those of the runs that name it as their parent; sorted. */
export function familyOf(records: readonly AuditRecord[], runId: string): readonly string[] {
  const ids = new Set<string>();
  for (const record of records) {
    if (record.run_id === runId || record.parent_run_id === runId) ids.add(record.run_id);
  }
  return [...ids].sort(compareText);
}
