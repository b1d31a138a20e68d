import { describe, expect, it } from 'vitest';
import { summarizeRuns } from '../../../lib/audit/history.ts';
import { dropRepeats, matchesQuery, readRecord } from '../../../lib/audit/query.ts';
import { readReportOf } from '../../../lib/audit/read-report.ts';
import { createRecorder } from '../../../lib/audit/recorder.ts';
import { reportFields } from '../../../lib/audit/run-record.ts';
import type { Report } from '../../../lib/report/report.ts';
import { anAuditRecord, aReport } from '../../support/audit-builders.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const NO_BATCHES = { total: 0, failed: 0 };

describe('reportFields', () => {
  it('flattens the report to the documented names', () => {
    const fields = reportFields(
      aReport({
        outcome: 'partial',
        reason: 'time ran out',
        tags: {
          planned: 9,
          removed: 3,
          absent: 1,
          stale: 1,
          vanished: 1,
          ended: 0,
          failed: 1,
          notReached: 2,
        },
      }),
      { total: 4, failed: 1 },
    );

    expect(fields).toMatchObject({
      level: 'WARN',
      message:
        'Run ended, partial: 3 of 9 planned tags removed from 2 resources (1 absent, 1 stale, 1 vanished, 1 failed, 2 not reached): time ran out',
      trigger_type: 'timer',
      trigger_name: 'nightly',
      policy_name: 'strip-ci-markers',
      config_hash: 'sha256:aa',
      plan_digest: 'sha256:bb',
      dry_run: 'false',
      outcome: 'partial',
      start_time: '2026-01-01T00:00:00.000Z',
      end_time: '2026-01-01T00:00:02.000Z',
      duration_ms: '2000',
      resources_scanned: '10',
      resources_matched: '4',
      resources_changed: '2',
      resources_skipped: '8',
      resources_failed: '0',
      tags_planned: '9',
      tags_removed: '3',
      tags_absent: '1',
      tags_stale: '1',
      tags_vanished: '1',
      tags_failed: '1',
      tags_not_reached: '2',
      tags_removed_by_key: '{"ci-run":2,"tmp":1}',
      batches_total: '4',
      batches_failed: '1',
      api_calls: '5',
      api_retries: '0',
      proof_verified: 'true',
      proof_foreign: '0',
      proof_unexplained: '0',
    });
  });

  it.each<[string, Partial<Report>, string, RegExp]>([
    ['a dry run', { mode: 'dry-run' }, 'INFO', /^Run ended, dry run, success: 3 tags to remove from 4 of 10/],
    ['a refusal', { outcome: 'refused', reason: 'maxTags is 2' }, 'WARN', /^Run refused: maxTags is 2$/],
    ['a failure', { outcome: 'failure' }, 'ERROR', /^Run ended, failure/],
  ])('says in one sentence what came of %s', (_, report, level, message) => {
    const fields = reportFields(aReport(report), NO_BATCHES);

    expect(fields.level).toBe(level);
    expect(fields.message).toMatch(message);
  });

  it('keeps the keys with the largest counts where the table is too long, and says that it was cut', () => {
    const removedByKey = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`key-${i}`, i]));

    const fields = reportFields(aReport({ removedByKey }), NO_BATCHES);

    const table = JSON.parse(fields.tags_removed_by_key ?? '') as Record<string, number>;
    expect(Buffer.byteLength(fields.tags_removed_by_key ?? '')).toBeLessThanOrEqual(16_384);
    expect(Object.keys(table)[0]).toBe('key-2999');
    expect(Math.min(...Object.values(table))).toBe(3_000 - Object.keys(table).length);
    expect(fields.truncated).toBe('true');
  });

  it('takes secrets out of reasons and failures', () => {
    const secret = 'LTAI5tEXAMPLEexample1234';
    const failure = {
      region: 'cn-hangzhou',
      resourceType: 'ContainerGroup',
      resourceId: 'eci-1',
      keys: ['a'],
      code: 'Forbidden.RAM',
      message: `key ${secret}`,
    } as const;

    const fields = reportFields(aReport({ reason: `with ${secret}`, failures: [failure] }), NO_BATCHES);

    expect(JSON.stringify(fields)).not.toContain(secret);
    expect(fields.error_code).toBe('Forbidden.RAM');
  });
});

describe('summarizeRuns', () => {
  it('tells a completed run from its summary, and an interrupted one from its start', async () => {
    const log = createMemoryLog();
    const clock = virtualClock();
    const start = {
      policy: { name: 'p', digest: 'sha256:aa' },
      trigger: { type: 'cli', name: 'me' },
      mode: 'apply',
    } as const;
    const killed = createRecorder({ log, runId: 'run-2', identity: {}, clock });
    const whole = createRecorder({ log, runId: 'run-1', parentRunId: 'run-0', identity: {}, clock });
    await whole.runStarted(start);
    await whole.runCompleted(aReport({ runId: 'run-1', parentRunId: 'run-0' }));
    clock.advance(1_000);
    await killed.runStarted(start);

    const runs = summarizeRuns(log.kept);

    expect(runs).toMatchObject([
      { runId: 'run-2', outcome: 'unfinished', triggerType: 'cli', startedAt: '2026-01-01T00:00:01.000Z' },
      {
        runId: 'run-1',
        parentRunId: 'run-0',
        outcome: 'success',
        durationMs: 2000,
        tags: { planned: 3, removed: 3, failed: 0 },
        resources: { seen: 10, changed: 2 },
        removedByKey: { 'ci-run': 2, tmp: 1 },
        proof: { verified: true },
      },
    ]);
  });

  it('takes the latest summary of a run that was started again under its id', () => {
    const runs = summarizeRuns([
      anAuditRecord({
        event_name: 'run_completed',
        attempt_id: '1',
        event_time: '2026-01-01T00:00:01.000Z',
        outcome: 'failure',
      }),
      anAuditRecord({
        event_name: 'run_completed',
        attempt_id: '2',
        event_time: '2026-01-01T00:00:02.000Z',
        outcome: 'success',
      }),
    ]);

    expect(runs.map((run) => run.outcome)).toEqual(['success']);
  });
});

describe('summarizeRuns of a run that was started again', () => {
  const start = (attempt: string, at: number, dryRun = false) =>
    anAuditRecord({
      event_name: 'run_started',
      attempt_id: attempt,
      event_time: `2026-01-01T00:0${at}:00.000Z`,
      dry_run: String(dryRun),
      policy_name: 'p',
    });
  const end = (attempt: string, at: number, fields: Readonly<Record<string, string>>) =>
    anAuditRecord({
      event_name: 'run_completed',
      attempt_id: attempt,
      event_time: `2026-01-01T00:0${at}:30.000Z`,
      start_time: `2026-01-01T00:0${at}:00.000Z`,
      dry_run: 'false',
      policy_name: 'p',
      ...fields,
    });
  const batch = (attempt: string, index: number, removed: number) =>
    anAuditRecord({
      event_name: 'batch_completed',
      event_id: `run-1:b${index}:1`,
      attempt_id: attempt,
      region: 'cn-hangzhou',
      resource_type: 'ContainerGroup',
      resource_ids: `["eci-${index}"]`,
      tags_removed: String(removed),
    });

  it('is not whitewashed by a later dry run', () => {
    const [run] = summarizeRuns([
      start('a', 1),
      end('a', 1, { outcome: 'failure', tags_planned: '9', tags_removed: '4', tags_failed: '5' }),
      start('b', 2, true),
      end('b', 2, { outcome: 'success', dry_run: 'true', tags_planned: '0' }),
    ]);

    expect(run).toMatchObject({
      outcome: 'failure',
      dryRun: false,
      tags: { planned: 9, removed: 4, failed: 5 },
      attempts: [{ outcome: 'failure' }, { outcome: 'success', dryRun: true }],
    });
  });

  it('sums what a killed attempt and an honest retry removed', () => {
    const [run] = summarizeRuns([
      start('a', 1),
      batch('a', 0, 600),
      batch('a', 1, 482),
      start('b', 2),
      end('b', 2, { outcome: 'success', tags_planned: '0', tags_removed: '0' }),
    ]);

    expect(run).toMatchObject({
      outcome: 'success',
      startedAt: '2026-01-01T00:01:00.000Z',
      tags: { planned: 1082, removed: 1082 },
      resources: { changed: 2 },
      attempts: [{ outcome: 'unfinished', tags: { removed: 1082 } }, { outcome: 'success' }],
    });
  });

  it('tells the worst of two ends that one attempt cannot have', () => {
    const [run] = summarizeRuns([
      start('a', 1),
      end('a', 1, { outcome: 'failure', tags_removed: '7' }),
      end('a', 1, { outcome: 'success', tags_removed: '0' }),
    ]);

    expect(run).toMatchObject({ outcome: 'failure', tags: { removed: 7 } });
  });
});

describe('readReportOf', () => {
  it('gives back the report that a record carries', () => {
    const report = aReport({
      parentRunId: 'run-0',
      code: 'TIME',
      reason: 'time ran out: 12',
      failures: [
        {
          region: 'cn-hangzhou',
          resourceType: 'ImageCache',
          resourceId: 'imc-1',
          keys: ['7'],
          code: 'c',
          message: 'm',
        },
      ],
      children: [{ region: 'cn-beijing', runId: 'run-1-cn-beijing-h0' }],
      continuation: { taskId: 't', hop: 1 },
      warnings: ['w'],
    });
    const record = anAuditRecord({ ...reportFields(report, NO_BATCHES), event_name: 'run_completed' });

    expect(readReportOf(record)).toEqual(report);
    expect(readReportOf(anAuditRecord({ event_name: 'run_completed' }))).toBeUndefined();
  });
});

describe('dropRepeats', () => {
  it('drops a record written twice, and keeps different facts of one id', () => {
    const first = anAuditRecord({ event_id: 'r:plan:0', resources: '[1]' });
    const again = anAuditRecord({ event_id: 'r:plan:0', resources: '[2]' });

    expect(dropRepeats([first, again, { ...first }])).toEqual([first, again]);
  });
});

describe('matchesQuery', () => {
  const record = anAuditRecord({ run_id: 'run-1', parent_run_id: 'run-0', undo_of: 'run-9' });
  const atMs = Date.parse(record.event_time);

  it.each([
    ['its run', { runId: 'run-1' }, true],
    ['its run in other letters', { runId: 'RUN-1' }, false],
    ['its parent alone', { runId: 'run-0' }, false],
    ['its parent with family', { runId: 'run-0', family: true }, true],
    ['the run that it undoes', { undoOf: 'run-9' }, true],
    ['another that it does not undo', { undoOf: 'run-1' }, false],
    ['its event', { eventNames: ['run_started'] }, true],
    ['another event', { eventNames: ['run_completed'] }, false],
    ['no event at all', { eventNames: [] }, false],
    ['its instant as the beginning', { fromMs: atMs }, true],
    ['its instant as the end', { toMs: atMs }, false],
  ])('is asked for %s', (_, query, expected) => {
    expect(matchesQuery(record, query)).toBe(expected);
  });
});

describe('readRecord', () => {
  it('leaves out what the log store added', () => {
    const row = { ...anAuditRecord(), __time__: '1', __topic__: 't', '__tag__:x': 'y' };

    expect(readRecord(row)).toEqual(anAuditRecord());
  });

  it.each([null, 'x', [], {}, { ...anAuditRecord(), run_id: 7 }, { ...anAuditRecord(), event_time: 'soon' }])(
    'takes nothing that is no record: %j',
    (row) => {
      expect(readRecord(row)).toBeUndefined();
    },
  );
});
