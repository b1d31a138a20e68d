import { compareText } from '../resource.ts';
import { number, parseArray } from './decode.ts';
import type { AuditRecord } from './record.ts';

/** One execution of a run: a run that is started again under its id has several. */
export interface AttemptSummary {
  readonly attemptId: string;
  readonly dryRun: boolean;
  /** `unfinished`: it began, and no summary was written (still running, killed, or the log was out of reach). */
  readonly outcome: 'success' | 'partial' | 'failure' | 'refused' | 'unfinished';
  readonly reason: string;
  /** Why it stopped, where it did not go its whole way. */
  readonly code?: string;
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
  /** Of one without end: what its batch records tell, where they were read. */
  readonly tags: {
    readonly planned: number;
    readonly removed: number;
    readonly restored: number;
    readonly failed: number;
    readonly notReached: number;
  };
  readonly proof: { readonly verified: boolean; readonly foreign: number; readonly unexplained: number };
}

/** One run as its records tell it, all of its attempts together. */
export interface RunSummary extends Omit<AttemptSummary, 'attemptId'> {
  readonly runId: string;
  readonly parentRunId?: string;
  /** The run that this one put back. */
  readonly undoOf?: string;
  readonly policyName: string;
  readonly policyDigest: string;
  readonly triggerType: string;
  readonly triggerName: string;
  /** Who acted, as the cloud calls it; empty where it is not known. */
  readonly actor: string;
  readonly removedByKey: Readonly<Record<string, number>>;
  readonly planDigest?: string;
  /** The runs that it started, one a region. */
  readonly children: readonly { readonly runId: string }[];
  /** The invocation that it handed its rest to. */
  readonly continuation?: { readonly hop: number };
  /** Oldest first; a run that was started once has one. */
  readonly attempts: readonly AttemptSummary[];
}

/** Records of one attempt. */
interface AttemptRecords {
  readonly attemptId: string;
  start?: AuditRecord;
  /** More than one only where somebody else wrote into the log. */
  readonly ends: AuditRecord[];
  readonly batches: AuditRecord[];
}

/**
 * One summary per run that has a `run_started` or a `run_completed` record, newest first.
 *
 * A run that was started again under its id is told by all of its attempts: what they removed is summed, and what was
 * left counts at the last. A dry run changes nothing of what is told of an apply, whatever id it was given.
 */
export function summarizeRuns(records: readonly AuditRecord[]): readonly RunSummary[] {
  const runs = new Map<string, Map<string, AttemptRecords>>();
  for (const record of records) {
    const { run_id: runId, attempt_id: attemptId = '' } = record;
    const attempts = runs.get(runId) ?? new Map<string, AttemptRecords>();
    runs.set(runId, attempts);
    const attempt = attempts.get(attemptId) ?? { attemptId, ends: [], batches: [] };
    attempts.set(attemptId, attempt);
    if (record.event_name === 'run_started') attempt.start ??= record;
    else if (record.event_name === 'run_completed') attempt.ends.push(record);
    else if (record.event_name === 'batch_completed') attempt.batches.push(record);
  }
  return [...runs.values()]
    .flatMap((attempts) => {
      const known = [...attempts.values()].filter(
        ({ start, ends }) => start !== undefined || ends.length > 0,
      );
      return known.length === 0 ? [] : [summarizeRun(known)];
    })
    .sort((a, b) => compareText(b.startedAt, a.startedAt) || compareText(a.runId, b.runId));
}

function summarizeRun(attempts: readonly AttemptRecords[]): RunSummary {
  const told = attempts
    .map((records) => ({ records, summary: summarizeAttempt(records) }))
    .sort((a, b) => compareText(a.summary.startedAt, b.summary.startedAt));
  const acting = told.filter(({ summary }) => !summary.dryRun);
  const counted = acting.length > 0 ? acting : told.slice(-1);
  const { records, summary } = counted.at(-1)!;
  const end = worstEnd(records);
  const record = (end ?? records.start) as AuditRecord;
  return {
    ...summarizeTogether(counted.map((one) => one.summary)),
    runId: record.run_id,
    ...(record.parent_run_id !== undefined && { parentRunId: record.parent_run_id }),
    ...(record.undo_of !== undefined && { undoOf: record.undo_of }),
    policyName: record.policy_name ?? '',
    policyDigest: record.config_hash ?? '',
    triggerType: record.trigger_type ?? records.start?.trigger_type ?? '',
    triggerName: record.trigger_name ?? records.start?.trigger_name ?? '',
    actor: record.actor ?? '',
    dryRun: summary.dryRun,
    removedByKey: sumCounts(
      counted.flatMap((one) => one.records.ends.map((own) => readCounts(own.tags_removed_by_key))),
    ),
    ...(record.plan_digest !== undefined && { planDigest: record.plan_digest }),
    children: (parseArray(end?.children ?? '') ?? []).filter(isChild),
    ...readContinuation(end?.continuation),
    attempts: told.map((one) => one.summary),
  };
}

/** What the attempts of one run came to: done by all, left by the last. */
function summarizeTogether(attempts: readonly AttemptSummary[]): Omit<AttemptSummary, 'attemptId'> {
  const { attemptId: _, ...last } = attempts.at(-1)!;
  const earlier = attempts.slice(0, -1);
  if (earlier.length === 0) return last;
  const sum = (of: (attempt: AttemptSummary) => number) => attempts.reduce((all, one) => all + of(one), 0);
  const done = earlier.reduce((all, { tags }) => all + tags.removed + tags.restored, 0);
  return {
    ...last,
    startedAt: attempts[0]!.startedAt,
    durationMs: sum(({ durationMs }) => durationMs),
    resources: { ...last.resources, changed: sum(({ resources }) => resources.changed) },
    tags: {
      planned: done + last.tags.planned,
      removed: sum(({ tags }) => tags.removed),
      restored: sum(({ tags }) => tags.restored),
      failed: last.tags.failed,
      notReached: last.tags.notReached,
    },
    proof: {
      verified: attempts.every(({ proof }) => proof.verified),
      foreign: sum(({ proof }) => proof.foreign),
      unexplained: sum(({ proof }) => proof.unexplained),
    },
  };
}

function summarizeAttempt(records: AttemptRecords): AttemptSummary {
  const { attemptId, start, batches } = records;
  const end = worstEnd(records);
  const record = (end ?? start) as AuditRecord;
  const done = {
    removed: sumOf(batches, 'tags_removed'),
    restored: sumOf(batches, 'tags_restored'),
  };
  return {
    attemptId,
    dryRun: record.dry_run === 'true',
    outcome: readOutcome(end?.outcome),
    reason: record.reason ?? '',
    ...(end?.stop_code !== undefined && { code: end.stop_code }),
    startedAt: record.start_time ?? start?.event_time ?? record.event_time,
    ...(end?.end_time !== undefined && { endedAt: end.end_time }),
    durationMs: number(end?.duration_ms),
    resources: {
      seen: number(end?.resources_scanned),
      selected: number(end?.resources_matched),
      changed: end === undefined ? changedIn(batches) : number(end.resources_changed),
      failed: number(end?.resources_failed),
    },
    tags:
      end === undefined
        ? { ...done, planned: done.removed + done.restored, failed: 0, notReached: 0 }
        : {
            planned: number(end.tags_planned),
            removed: number(end.tags_removed),
            restored: number(end.tags_restored),
            failed: number(end.tags_failed),
            notReached: number(end.tags_not_reached),
          },
    proof: {
      verified: end?.proof_verified === 'true',
      foreign: number(end?.proof_foreign),
      unexplained: number(end?.proof_unexplained),
    },
  };
}

const OUTCOMES = ['failure', 'refused', 'partial', 'success'] as const;

/** An attempt has one end; of several, the worst is told, so that none can make it look better. */
function worstEnd({ ends }: AttemptRecords): AuditRecord | undefined {
  const rank = (end: AuditRecord): number => OUTCOMES.indexOf(readOutcome(end.outcome) as 'success');
  return [...ends].sort((a, b) => rank(a) - rank(b))[0];
}

function sumOf(records: readonly AuditRecord[], field: string): number {
  return records.reduce((sum, record) => sum + number(record[field]), 0);
}

/** Resources of requests that changed something. */
function changedIn(batches: readonly AuditRecord[]): number {
  const done = batches.filter((batch) => number(batch.tags_removed ?? batch.tags_restored) > 0);
  return new Set(
    done.flatMap(({ region, resource_type, resource_ids }) =>
      (parseArray(resource_ids ?? '') ?? []).map((id) => `${region}/${resource_type}/${String(id)}`),
    ),
  ).size;
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

function sumCounts(tables: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const all = new Map<string, number>();
  for (const table of tables) {
    for (const [key, count] of Object.entries(table)) all.set(key, (all.get(key) ?? 0) + count);
  }
  return Object.fromEntries(all);
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
