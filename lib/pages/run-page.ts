import type { Attempt } from '../audit/attempts.ts';
import { readBatches, readJournal } from '../audit/decode.ts';
import { type RunSummary, summarizeRuns } from '../audit/history.ts';
import { readReportOf } from '../audit/read-report.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { End } from '../change/ends.ts';
import { CleanupError } from '../errors.ts';
import { type Report, TAG_ENDS } from '../report/report.ts';
import { compareText, resourceKey } from '../resource.ts';
import { summarizeFamily } from '../run/family.ts';
import type { TrustedRun } from '../run/trusted-run.ts';
import { safeText } from '../text.ts';
import type { Language } from '../words/words.ts';
import type { CommandLine, RunPage } from './model.ts';
import { writeTagRows } from './tag-rows.ts';
import { timelineOf } from './timeline.ts';

/** A run as its records prove it, and what the page says beside it. */
export interface RunPageSource {
  readonly run: TrustedRun;
  /** The line that undoes it. */
  readonly undo: CommandLine;
  readonly language: Language;
  readonly version: string;
}

/** What the page of a run shows: the run and those that went on with its work, told as one. */
export function runPage({ run, undo, language, version }: RunPageSource): RunPage {
  const { attempts } = run;
  const records = attempts.flatMap((attempt) => attempt.records);
  const reports = attempts.flatMap(({ ends }) => ends.flatMap((end) => readReportOf(end) ?? []));
  const summaries = summarizeRuns(records);
  const first = summaries.find(({ runId }) => runId === run.runId) ?? summaries.at(-1)!;
  const family = summarizeFamily(
    first,
    summaries.filter((one) => one !== first),
  );
  const journal = readAnnounced(records, first);
  const changed = family.tags.removed + family.tags.restored;
  const planned = first.outcome === 'unfinished' ? announcedBy(attempts) : family.tags.planned;
  const [start] = records;
  const last = reports.find(({ runId }) => runId === run.runId) ?? reports[0];
  const endedAt = endOf(attempts);
  return {
    kind: 'run',
    language,
    version,
    runId: safeText(run.runId),
    ...(first.undoOf && { undoOf: safeText(first.undoOf) }),
    isDryRun: first.dryRun,
    outcome: family.outcome,
    reason: safeText(first.reason),
    ...(first.code !== undefined && { code: safeText(first.code) }),
    policy: { name: safeText(first.policyName), digest: first.policyDigest },
    ...(first.planDigest && { planDigest: first.planDigest }),
    trigger: safeText(`${first.triggerType} ${first.triggerName}`.trim()),
    actor: safeText(first.actor),
    accountId: safeText(start?.account_id ?? ''),
    startedAt: first.startedAt,
    ...(endedAt !== undefined && { endedAt }),
    durationMs: family.durationMs,
    planned,
    resources: {
      seen: first.resources.seen,
      changed: sum(summaries, ({ resources }) => resources.changed),
      failed: sum(summaries, ({ resources }) => resources.failed),
    },
    ends: first.dryRun ? [] : endsOf(reports, family.tags, planned, changed),
    calls: callsOf(reports, records),
    ...timelinePart(records),
    byKey: byKey(summaries),
    failures: failuresOf(reports),
    failuresCut: sum(reports, ({ failuresCut = 0 }) => failuresCut),
    ...proofOf(reports),
    records: countRecords(records),
    isSigned: run.isSigned,
    aside: run.aside.map(({ eventId, why }) => safeText(`${eventId}: ${why}`)),
    attempts: attempts.map(attemptRow),
    warnings: [...run.warnings, ...(last?.warnings ?? []), ...journal.warnings].map(safeText),
    list: journal.list,
    undo: undoOf(first, changed, journal.valuesKept),
    commands: [undo],
  };
}

function timelinePart(records: readonly AuditRecord[]): Pick<RunPage, 'timeline'> {
  const timeline = timelineOf(records);
  return timeline === undefined ? {} : { timeline };
}

function undoOf(first: RunSummary, changed: number, valuesKept: boolean): RunPage['undo'] {
  if (first.undoOf !== undefined && first.undoOf !== '') return 'isUndo';
  if (first.dryRun || (changed === 0 && first.outcome !== 'unfinished')) return 'nothing';
  return valuesKept ? 'possible' : 'keysOnly';
}

/** What was announced, as far as its records can be read. */
function readAnnounced(records: readonly AuditRecord[], { undoOf }: RunSummary) {
  const list = writeTagRows();
  const name = undoOf ? 'restores_planned' : 'removals_planned';
  try {
    const { announced, valuesKept } = readJournal(
      records.filter(({ dry_run }) => dry_run !== 'true'),
      name,
    );
    const latest = new Map(announced.map((entry) => [resourceKey(entry), entry]));
    for (const entry of latest.values()) {
      const tags = entry.tags.map(({ key, value = NOT_KEPT, rule }) => ({
        key,
        value,
        fate: { goes: true, ...(rule !== undefined && { label: rule }) },
      }));
      list.add(entry, '', tags);
    }
    return { list: list.close(), valuesKept, warnings: [] };
  } catch (error) {
    if (!(error instanceof CleanupError)) throw error;
    return { list: writeTagRows().close(), valuesKept: true, warnings: [error.message] };
  }
}

/** Stands for a value that the journal does not hold. */
const NOT_KEPT = '…';

function announcedBy(attempts: readonly Attempt[]): number {
  return sum(attempts, ({ announced }) => announced);
}

/** Removed by all; failed and not reached as the family is left; the other ends as each report tells them. */
function endsOf(
  reports: readonly Report[],
  tags: RunSummary['tags'],
  planned: number,
  changed: number,
): RunPage['ends'] {
  if (reports.length === 0) return [{ end: 'removed' as const, tags: changed }];
  const counts: Record<End, number> = {
    restored: tags.restored,
    ...(Object.fromEntries(
      TAG_ENDS.map((end) => [end, sum(reports, (report) => report.tags[end])]),
    ) as Record<Exclude<End, 'restored'>, number>),
    removed: tags.removed,
    failed: tags.failed,
    notReached: tags.notReached,
  };
  const shown = (Object.entries(counts) as [End, number][]).filter(([, n]) => n > 0);
  return shown.length === 0 && planned === 0
    ? []
    : shown.map(([end, n]) => ({ end, tags: n })).sort((a, b) => b.tags - a.tags);
}

function callsOf(reports: readonly Report[], records: readonly AuditRecord[]): RunPage['calls'] {
  const counted = sum(reports, ({ calls }) => calls.untag + calls.tag);
  return {
    list: sum(reports, ({ calls }) => calls.list),
    // Of a run without end, what its records tell.
    change: reports.length > 0 ? counted : readBatches(records).length,
    retries: sum(reports, ({ calls }) => calls.retries),
    throttled: sum(reports, ({ calls }) => calls.throttled),
    lowerBound: reports[0]?.calls.untagLowerBound ?? 0,
  };
}

function byKey(summaries: readonly RunSummary[]): RunPage['byKey'] {
  const counts = new Map<string, number>();
  for (const { removedByKey } of summaries) {
    for (const [key, n] of Object.entries(removedByKey)) counts.set(key, (counts.get(key) ?? 0) + n);
  }
  return [...counts]
    .map(([key, tags]) => ({ label: safeText(key), tags, resources: tags }))
    .sort((a, b) => b.tags - a.tags || compareText(a.label, b.label));
}

/** What failed in one invocation was tried again by the next: the last word on a resource counts. */
function failuresOf(reports: readonly Report[]): RunPage['failures'] {
  const last = new Map<string, RunPage['failures'][number]>();
  for (const { failures } of reports) {
    for (const { region, resourceType, resourceId, keys, code, message, requestId = '' } of failures) {
      last.set(`${region} ${resourceType} ${resourceId} ${keys.join()}`, {
        region: safeText(region),
        type: resourceType,
        id: safeText(resourceId),
        keys: keys.map(safeText),
        code: safeText(code),
        message: safeText(message),
        requestId: safeText(requestId),
      });
    }
  }
  return [...last.values()];
}

function proofOf(reports: readonly Report[]): Pick<RunPage, 'proof'> {
  const applied = reports.filter(({ mode }) => mode === 'apply').map(({ proof }) => proof);
  if (applied.length === 0) return {};
  return {
    proof: {
      verified: applied.every(({ verified }) => verified),
      foreign: sum(applied, ({ foreign }) => foreign),
      lost: sum(applied, ({ lost }) => lost),
      unread: sum(applied, ({ unread }) => unread),
      unexplained: sum(applied, ({ unexplained }) => unexplained),
      differences: applied.flatMap(({ differences = [] }) => differences.map(safeText)),
    },
  };
}

function countRecords(records: readonly AuditRecord[]): RunPage['records'] {
  const counts = new Map<string, number>();
  for (const { event_name: name } of records) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count }));
}

function attemptRow(attempt: Attempt): RunPage['attempts'][number] {
  const [summary] = summarizeRuns(attempt.records);
  const tags = summary?.tags;
  return {
    runId: safeText(attempt.runId),
    attemptId: safeText(attempt.attemptId),
    startedAt: attempt.startedAt,
    outcome: summary?.outcome ?? 'unfinished',
    planned: tags?.planned ?? attempt.announced,
    changed: tags === undefined ? 0 : tags.removed + tags.restored,
    failed: tags?.failed ?? 0,
  };
}

function endOf(attempts: readonly Attempt[]): string | undefined {
  if (attempts.some(({ ends }) => ends.length === 0)) return undefined;
  return attempts
    .flatMap(({ ends }) => ends.map(({ end_time, event_time }) => end_time ?? event_time))
    .sort(compareText)
    .at(-1);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
