import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../../emulator/identities.ts';
import { startEmulator } from '../../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../../emulator/sls/state.ts';
import { makeApprovalRecord } from '../../../lib/audit/approval-record.ts';
import { EVENT_NAMES } from '../../../lib/audit/record.ts';
import { createRecorder } from '../../../lib/audit/recorder.ts';
import { createSigner } from '../../../lib/audit/sign.ts';
import { createSlsLog } from '../../../lib/cloud/log/sls-log.ts';
import { aBatchFact, aJournalEntry, aReport } from '../../support/audit-builders.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

const IDENTITY = {
  service_version: '1.2.3',
  request_id: 'r',
  function_name: 'f',
  function_version: '1',
  function_qualifier: 'q',
  account_id: '1',
  actor: 'acs:ram::1:role/tagsweep',
};

const index = JSON.parse(readFileSync('deploy/log-index.json', 'utf8')) as {
  readonly keys: Readonly<Record<string, { readonly type: string }>>;
};

/** The names in one column of the tables of a page. */
function namesIn(page: string, column: number): readonly string[] {
  return readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((row) =>
      [...(row.split('|')[column] ?? '').matchAll(/`([a-z_]+)`/g)].map((match) => match[1] ?? ''),
    );
}

/** The names in the field table, and those of the report. */
function documentedFields(): ReadonlySet<string> {
  const names = [...namesIn('docs/audit.md', 1), ...namesIn('docs/report.md', 2)];
  return new Set(names.filter((name) => !isEventName(name)));
}

function isEventName(name: string): boolean {
  return EVENT_NAMES.some((one) => one === name);
}

/** Records that together have every field. */
async function writtenFields(): Promise<ReadonlySet<string>> {
  const log = createMemoryLog();
  const failure = {
    region: 'r',
    resourceType: 'ImageCache',
    resourceId: 'i',
    keys: ['k'],
    code: 'c',
    message: 'm',
  } as const;
  for (const undoOf of [undefined, 'run-0']) {
    const recorder = createRecorder({
      log,
      runId: 'run-1',
      parentRunId: 'run-0',
      identity: IDENTITY,
      clock: virtualClock(),
      signer: createSigner(KEY),
    });
    await recorder.runStarted({
      policy: { name: 'p', digest: 'd', ...(undoOf === undefined && { document: { version: 1 } }) },
      trigger: { type: 'timer', name: 't' },
      mode: 'apply',
      ...(undoOf !== undefined && { undoOf }),
    });
    await recorder.journal(undoOf === undefined ? 'removals_planned' : 'restores_planned', [
      aJournalEntry({ tags: [{ key: 'ci-run', value: '81', rule: 'remove[0]' }] }),
    ]);
    const told = { grace: '7d', due_time: '2026-01-08T00:00:00.000Z' };
    await recorder.journal('removal_noticed', [aJournalEntry()], 'values', told);
    await recorder.journal('notice_withdrawn', [aJournalEntry()]);
    const ids = Array.from({ length: 100 }, (_, i) => `eci-${'x'.repeat(100)}${i}`);
    const keys = Array.from({ length: 20 }, (_, i) => `${'字'.repeat(150)}${i}`);
    await recorder.batchCompleted(
      aBatchFact({
        apiName: undoOf === undefined ? 'UntagResources' : 'TagResources',
        ids,
        keys,
        outcome: 'failure',
        errorCode: 'c',
        errorMessage: 'm',
        errorType: 'throttled',
      }),
    );
    await recorder.runCompleted(
      aReport({
        reason: 'why',
        failures: [failure],
        code: 'TIME',
        skipped: [{ region: 'r', code: 'c', why: 'w' }],
        warnings: ['w'],
        children: [{ region: 'r', runId: 'c' }],
        continuation: { taskId: 't', hop: 1 },
      }),
      ['run-1-all-h1'],
    );
  }
  const approval = {
    digest: 'sha256:00',
    actor: 'acs:ram::1:user/a',
    accountId: '1',
    atMs: 0,
    untilMs: 1,
    id: 'approval-1',
    identity: IDENTITY,
  };
  await log.write([makeApprovalRecord(approval, createSigner(KEY))]);
  return new Set(log.kept.flatMap((record) => Object.keys(record)));
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

describe('fields of the records', () => {
  it('are all indexed, and nothing else is', async () => {
    expect(sorted(Object.keys(index.keys))).toEqual(sorted(await writtenFields()));
  });

  it('are all documented, and nothing else is', async () => {
    expect(sorted(documentedFields())).toEqual(sorted(await writtenFields()));
  });

  it('are counted as numbers where they are numbers', async () => {
    const log = createMemoryLog();
    const recorder = createRecorder({ log, runId: 'r', identity: IDENTITY, clock: virtualClock() });
    await recorder.batchCompleted(aBatchFact());
    await recorder.runCompleted(aReport());

    for (const record of log.kept) {
      for (const [name, value] of Object.entries(record)) {
        if (index.keys[name]?.type === 'long') expect(value).toMatch(/^\d+$/);
      }
    }
  });

  it('are found through that index by what history, verify and undo ask for', async () => {
    const nowMs = Date.UTC(2026, 0, 1, 1);
    const emulator = await startEmulator({ now: () => nowMs });
    const store = emulator.sls.projects
      .get(DEFAULT_LOGSTORE.project)
      ?.logstores.get(DEFAULT_LOGSTORE.logstore);
    if (store !== undefined) store.index = index as never;
    emulator.sls.settings.requireIndex = true;
    const clock = virtualClock(nowMs);
    const log = createSlsLog({
      ...DEFAULT_LOGSTORE,
      endpoint: emulator.url,
      credentials: async () => DEFAULT_IDENTITY,
      clock,
      chance: () => 0.5,
    });
    const runId = 'timer:nightly/2026-01-01T00:00:00Z';
    const recorder = createRecorder({ log, runId, parentRunId: 'Run "0"\\', identity: IDENTITY, clock });
    await recorder.journal('removals_planned', [aJournalEntry()]);
    await recorder.runCompleted(aReport());

    expect(await log.read({ runId })).toHaveLength(2);
    expect(await log.read({ runId: 'Run "0"\\', family: true })).toHaveLength(2);
    expect(await log.read({ eventNames: ['run_started', 'run_completed'] })).toHaveLength(1);
    await emulator.close();
  });
});
