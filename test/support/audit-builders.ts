import type { BatchFact, JournalEntry } from '../../lib/audit/facts.ts';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { NO_NOTICE_COUNTS, NOTHING_PROVED, type Report } from '../../lib/report/report.ts';

/** A record of a made-up run; say only what matters. */
export function anAuditRecord(fields: Readonly<Record<string, string>> = {}): AuditRecord {
  const runId = fields.run_id ?? 'run-1';
  return {
    schema_version: '2',
    event_name: 'run_started',
    event_id: `${runId}:start`,
    event_time: '2026-01-01T00:00:00.000Z',
    run_id: runId,
    ...fields,
  } as AuditRecord;
}

/** One resource that loses `ci-run`. */
export function aJournalEntry(entry: Partial<JournalEntry> = {}): JournalEntry {
  return {
    region: 'cn-hangzhou',
    type: 'ContainerGroup',
    id: 'eci-1',
    tags: [{ key: 'ci-run', value: '81' }],
    ...entry,
  };
}

/** A request that removed one tag. */
export function aBatchFact(fact: Partial<BatchFact> = {}): BatchFact {
  return {
    index: 0,
    attempt: 1,
    apiName: 'UntagResources',
    region: 'cn-hangzhou',
    type: 'ContainerGroup',
    ids: ['eci-1'],
    keys: ['ci-run'],
    outcome: 'success',
    tagsChanged: 1,
    durationMs: 120,
    requestId: '1E6F2B4C-0B5A-4C1D-9E2F-7A8B9C0D1E2F',
    httpStatus: 200,
    ...fact,
  };
}

/** The report of an apply that did all it planned. */
export function aReport(report: Partial<Report> = {}): Report {
  return {
    runId: 'run-1',
    parentRunId: null,
    policy: { name: 'strip-ci-markers', digest: 'sha256:aa' },
    trigger: { type: 'timer', name: 'nightly' },
    mode: 'apply',
    outcome: 'success',
    reason: '',
    planDigest: 'sha256:bb',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:02.000Z',
    durationMs: 2000,
    resources: { seen: 10, selected: 4, changed: 2, failed: 0 },
    tags: { planned: 3, removed: 3, absent: 0, stale: 0, vanished: 0, ended: 0, failed: 0, notReached: 0 },
    calls: { list: 4, untag: 1, tag: 0, retries: 0, throttled: 0, untagLowerBound: 1 },
    removedByKey: { 'ci-run': 2, tmp: 1 },
    failures: [],
    proof: { ...NOTHING_PROVED, verified: true },
    audit: null,
    children: [],
    continuation: null,
    warnings: [],
    unseen: 0,
    skipped: [],
    noticed: 0,
    notices: NO_NOTICE_COUNTS,
    ...report,
  };
}
