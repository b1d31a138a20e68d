import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAttempts } from '../../../lib/audit/attempts.ts';
import { readBatches, readJournal } from '../../../lib/audit/decode.ts';
import type { JournalEntry } from '../../../lib/audit/facts.ts';
import { type AuditRecord, MAX_RECORD_BYTES, recordBytes } from '../../../lib/audit/record.ts';
import { createRecorder, type Recorder } from '../../../lib/audit/recorder.ts';
import { aBatchFact, aJournalEntry, aReport } from '../../support/audit-builders.ts';
import { createMemoryLog, type MemoryLog } from '../../support/memory-log.ts';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts';

interface Scene {
  readonly log: MemoryLog;
  readonly clock: VirtualClock;
  readonly echoed: AuditRecord[];
  readonly recorder: Recorder;
}

function aScene(
  identity: Readonly<Record<string, string>> = { service_version: '1.2.3', request_id: 'req-1' },
): Scene {
  const log = createMemoryLog();
  const clock = virtualClock();
  const echoed: AuditRecord[] = [];
  const recorder = createRecorder({
    log,
    runId: 'run-1',
    attemptId: 'attempt-1',
    identity,
    clock,
    echo: (record) => echoed.push(record),
  });
  return { log, clock, echoed, recorder };
}

const START = {
  policy: { name: 'strip-ci-markers', digest: 'sha256:aa' },
  trigger: { type: 'timer', name: 'nightly' },
  mode: 'apply',
} as const;

const names = (records: readonly AuditRecord[]): readonly string[] =>
  records.map((record) => record.event_name);

describe('createRecorder', () => {
  it('writes the start at once, so that a killed run is known', async () => {
    const { log, recorder } = aScene();

    await recorder.runStarted(START);

    expect(log.kept).toEqual([
      {
        schema_version: '2',
        attempt_id: 'attempt-1',
        chain_index: '0',
        service_name: 'tagsweep',
        service_version: '1.2.3',
        request_id: 'req-1',
        event_name: 'run_started',
        event_id: 'run-1:start',
        event_time: '2026-01-01T00:00:00.000Z',
        run_id: 'run-1',
        level: 'INFO',
        message: 'Run started: policy strip-ci-markers, by timer nightly',
        trigger_type: 'timer',
        trigger_name: 'nightly',
        policy_name: 'strip-ci-markers',
        config_hash: 'sha256:aa',
        dry_run: 'false',
      },
    ]);
  });

  it('resolves a journal only once it is kept', async () => {
    const { log, recorder } = aScene();

    await recorder.journal('removals_planned', [aJournalEntry()]);

    expect(log.kept.map((record) => record.event_id)).toEqual(['run-1:plan:0']);
    expect(log.kept[0]?.resources).toBe('[{"id":"eci-1","tags":{"ci-run":"81"}}]');
  });

  it('rejects a journal that cannot be kept with AUDIT_UNAVAILABLE, whatever the log rejected with', async () => {
    const { clock, recorder, log } = aScene();
    log.failNext(1);

    await expect(recorder.journal('removals_planned', [aJournalEntry()])).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });

    const throwing = createRecorder({
      log: { ...log, write: () => Promise.reject(new TypeError('boom LTAI5tEXAMPLEexample1234')) },
      runId: 'run-2',
      identity: {},
      clock,
    });
    const rejection = throwing.journal('removals_planned', [aJournalEntry()]);
    await expect(rejection).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      message: expect.stringContaining('boom'),
    });
    await expect(rejection).rejects.not.toThrow(/LTAI/);
  });

  it('goes on counting journal records over the waves of a run', async () => {
    const { log, recorder } = aScene();

    await recorder.journal('removals_planned', [aJournalEntry()]);
    await recorder.journal('removals_planned', [aJournalEntry({ id: 'eci-2' })]);

    expect(log.kept.map((record) => record.event_id)).toEqual(['run-1:plan:0', 'run-1:plan:1']);
  });

  it('writes nothing for an empty journal', async () => {
    const { log, recorder } = aScene();

    await recorder.journal('removals_planned', []);

    expect(log.writes).toEqual([]);
  });

  it('keeps batch records until there are 20', async () => {
    const { log, recorder } = aScene();

    for (let index = 0; index < 19; index++) await recorder.batchCompleted(aBatchFact({ index }));
    expect(log.kept).toHaveLength(0);
    await recorder.batchCompleted(aBatchFact({ index: 19 }));

    expect(log.writes).toEqual([20]);
  });

  it('keeps batch records until 64 KB', async () => {
    const { log, recorder } = aScene();
    const resourceIds = Array.from({ length: 100 }, (_, i) => `eci-${'x'.repeat(60)}${i}`);

    for (let index = 0; index < 12; index++)
      await recorder.batchCompleted(aBatchFact({ index, ids: resourceIds }));

    expect(log.writes.length).toBeGreaterThan(0);
  });

  it('writes batch records older than 5 s at the next call', async () => {
    const { log, clock, recorder } = aScene();

    await recorder.batchCompleted(aBatchFact({ index: 0 }));
    clock.advance(4_999);
    await recorder.batchCompleted(aBatchFact({ index: 1 }));
    expect(log.writes).toEqual([]);
    clock.advance(1);
    await recorder.batchCompleted(aBatchFact({ index: 2 }));

    expect(log.writes).toEqual([3]);
    expect(clock.sleeping).toBe(0);
  });

  it('writes all that waits before the summary, which comes last and counts the batches', async () => {
    const { log, recorder } = aScene();
    await recorder.runStarted(START);
    await recorder.batchCompleted(aBatchFact({ index: 0 }));
    await recorder.batchCompleted(
      aBatchFact({ index: 1, outcome: 'failure', errorCode: 'Throttling', tagsChanged: 0 }),
    );

    await recorder.runCompleted(aReport());

    expect(names(log.kept)).toEqual(['run_started', 'batch_completed', 'batch_completed', 'run_completed']);
    expect(log.kept[3]).toMatchObject({ batches_total: '2', batches_failed: '1', tags_removed: '3' });
    expect(recorder.records).toBe(4);
    expect(recorder.failure).toBeUndefined();
  });

  it('never rejects for batch and summary records, remembers the failure, and writes them when it can', async () => {
    const { log, clock, echoed, recorder } = aScene();
    log.failNext(2);

    for (let index = 0; index < 20; index++) await recorder.batchCompleted(aBatchFact({ index }));
    await recorder.batchCompleted(aBatchFact({ index: 20 }));
    expect(recorder.failure).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    clock.advance(5_000);
    await recorder.batchCompleted(aBatchFact({ index: 21 }));
    expect(log.kept).toHaveLength(0);
    await recorder.runCompleted(aReport());

    expect(readBatches(log.kept).map((fact) => fact.index)).toEqual(Array.from({ length: 22 }, (_, i) => i));
    expect(names(log.kept).at(-1)).toBe('run_completed');
    expect(echoed).toHaveLength(23);
    expect(recorder.failure).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });

  it('waits 5 s after a failed write before it tries again, so that a dead store does not slow each batch', async () => {
    const { log, recorder } = aScene();
    let tries = 0;
    const counting = createRecorder({
      log: {
        ...log,
        write: async () => {
          tries += 1;
          throw new Error('down');
        },
      },
      runId: 'run-1',
      identity: {},
      clock: virtualClock(),
    });

    for (let index = 0; index < 100; index++) await counting.batchCompleted(aBatchFact({ index }));

    expect(tries).toBe(1);
    expect(recorder.failure).toBeUndefined();
  });

  it('gives up the oldest records when a dead store keeps too many waiting, and says how many are left', async () => {
    const { log, recorder } = aScene();
    log.failNext(Number.POSITIVE_INFINITY);
    const resourceIds = Array.from({ length: 100 }, (_, i) => `eci-${'x'.repeat(60)}${i}`);

    for (let index = 0; index < 1_000; index++)
      await recorder.batchCompleted(aBatchFact({ index, ids: resourceIds }));
    log.failNext(0);
    await recorder.runCompleted(aReport());

    expect(names(log.kept).at(-1)).toBe('run_completed');
    expect(log.kept.length).toBe(recorder.records);
    expect(recorder.records).toBeLessThan(1_001);
  });

  it('joins journals that wait for a slow store into one write, and chains them all the same', async () => {
    const { log, recorder } = aScene();
    await recorder.runStarted(START);

    await Promise.all(
      ['eci-1', 'eci-2', 'eci-3'].map((resourceId) =>
        recorder.journal('removals_planned', [aJournalEntry({ id: resourceId })]),
      ),
    );
    await recorder.runCompleted(aReport());

    expect(log.writes).toEqual([1, 3, 1]);
    const { attempts, aside } = readAttempts(log.kept, false);
    expect(aside).toEqual([]);
    expect(attempts).toMatchObject([{ state: 'ended', announced: 3, missing: 0 }]);
  });

  it('leaves a journal whose answer was lost out of the chain, since nothing that it names was changed', async () => {
    const { log, recorder } = aScene();
    await recorder.runStarted(START);
    await recorder.journal('removals_planned', [aJournalEntry()]);
    log.failNext(1, { stored: true });
    await expect(
      recorder.journal('removals_planned', [aJournalEntry({ id: 'eci-2' })]),
    ).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });

    await recorder.runCompleted(aReport());

    const { attempts, aside } = readAttempts(log.kept, false);
    expect(attempts).toMatchObject([{ state: 'ended', announced: 1 }]);
    expect(aside.map(({ eventId }) => eventId)).toEqual(['run-1:plan:1']);
  });

  it('writes the policy once, in pieces where it is long, and the rule of each tag', async () => {
    const { log, recorder } = aScene();
    const document = { version: 1, name: 'p', remove: [{ key: '🏷'.repeat(70_000) }] };
    const told = { ...document, description: 'is for those who wrote it' };
    await recorder.runStarted({ ...START, policy: { ...START.policy, document: told } });
    await recorder.journal('removals_planned', [
      aJournalEntry({
        tags: [
          { key: '7', value: 'a', rule: 'remove[1]' },
          { key: '10', value: 'b', rule: 'remove[0]' },
          { key: '__proto__', value: 'c', rule: 'remove[1]' },
        ],
      }),
      aJournalEntry({ id: 'eci-2', tags: [{ key: 'x', value: '', rule: 'remove[2]' }] }),
    ]);

    const policies = log.kept.filter(({ event_name }) => event_name === 'policy_recorded');
    expect(policies.length).toBeGreaterThan(1);
    expect(JSON.parse(policies.map(({ policy_document }) => policy_document).join(''))).toEqual(document);
    const { announced } = readJournal(log.kept, 'removals_planned');
    const rules = announced.map(({ id: resourceId, tags }) => [
      resourceId,
      ...tags.map(({ key, rule }) => `${key}=${rule}`).sort(),
    ]);
    expect(rules).toEqual([
      ['eci-1', '10=remove[0]', '7=remove[1]', '__proto__=remove[1]'],
      ['eci-2', 'x=remove[2]'],
    ]);
  });

  it('writes batch records that waited before the journal that follows them', async () => {
    const { log, recorder } = aScene();

    await recorder.batchCompleted(aBatchFact());
    await recorder.journal('removals_planned', [aJournalEntry()]);

    expect(names(log.kept)).toEqual(['batch_completed', 'removals_planned']);
  });

  it('keeps going when the echo fails, and remembers it', async () => {
    const log = createMemoryLog();
    const recorder = createRecorder({
      log,
      runId: 'run-1',
      identity: {},
      clock: virtualClock(),
      echo: () => {
        throw new Error('EPIPE');
      },
    });

    await recorder.runCompleted(aReport());

    expect(log.kept).toHaveLength(1);
    expect(recorder.failure).toMatchObject({ message: expect.stringContaining('EPIPE') });
  });

  it('never overlaps writes, and keeps the order of concurrent batches', async () => {
    let open = 0;
    let most = 0;
    const order: string[] = [];
    const recorder = createRecorder({
      log: {
        place: { file: 'x' },
        read: async () => [],
        write: async (records) => {
          open += 1;
          most = Math.max(most, open);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(...records.map((record) => record.event_id));
          open -= 1;
        },
      },
      runId: 'r',
      identity: {},
      clock: virtualClock(),
    });

    await Promise.all(
      Array.from({ length: 100 }, (_, index) => recorder.batchCompleted(aBatchFact({ index }))),
    );
    await recorder.flush();

    expect(most).toBe(1);
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => `r:b${index}:1`));
  });

  it('cuts a batch whose ids pass 8 KB into records whose counts add up', async () => {
    const { log, recorder } = aScene();
    const resourceIds = Array.from({ length: 300 }, (_, i) => `eci-${'x'.repeat(60)}${i}`);

    await recorder.batchCompleted(aBatchFact({ ids: resourceIds, tagsChanged: 600 }));
    await recorder.flush();

    const facts = readBatches(log.kept);
    expect(facts.length).toBeGreaterThan(1);
    expect(facts.flatMap((fact) => fact.ids)).toEqual(resourceIds);
    expect(facts.reduce((sum, fact) => sum + fact.tagsChanged, 0)).toBe(600);
    for (const record of log.kept)
      expect(Buffer.byteLength(record.resource_ids ?? '')).toBeLessThanOrEqual(8_192);
    expect(log.kept[1]?.event_id).toBe('run-1:b0:1:1');
  });

  it('takes secrets out of error messages and bounds them', async () => {
    const { log, recorder } = aScene();
    const errorMessage = `server string to sign is: GET&AccessKeyId%3DLTAI5tEXAMPLEexample1234 ${'é'.repeat(2_000)}`;

    await recorder.batchCompleted(
      aBatchFact({ outcome: 'failure', errorCode: 'SignatureDoesNotMatch', errorMessage }),
    );
    await recorder.batchCompleted(aBatchFact({ outcome: 'unknown', errorMessage: 'é'.repeat(2_000) }));
    await recorder.flush();

    expect(log.kept[0]?.error_message).toBe('server string to sign is: [redacted]');
    expect(Buffer.byteLength(log.kept[1]?.error_message ?? '')).toBeLessThanOrEqual(1_024);
  });

  it('counts what an undo put back as restored, never as removed', async () => {
    const { log, recorder } = aScene();
    await recorder.runStarted({ ...START, undoOf: 'run-0' });
    await recorder.journal('restores_planned', [aJournalEntry()]);

    await recorder.batchCompleted(aBatchFact({ apiName: 'TagResources' }));
    await recorder.runCompleted(aReport({ tags: { ...aReport().tags, removed: 0, restored: 3 } }));

    const [start, journal, batch, end] = log.kept;
    expect(start).toMatchObject({ undo_of: 'run-0' });
    expect(journal).toMatchObject({ event_id: 'run-1:restore:0', undo_of: 'run-0' });
    expect(batch).toMatchObject({ tags_restored: '1' });
    expect(end).toMatchObject({
      undo_of: 'run-0',
      tags_restored: '3',
      tags_restored_by_key: '{"ci-run":2,"tmp":1}',
    });
    for (const record of log.kept) expect(record).not.toHaveProperty('tags_removed');
  });

  it('rejects a journal, and no other record, when the identity makes records too long', async () => {
    const identity = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`field_${i}`, 'x'.repeat(2_000)]),
    );
    const { recorder } = aScene(identity);

    await recorder.batchCompleted(aBatchFact());

    expect(recorder.failure).toMatchObject({ message: expect.stringContaining('identity') });
    await expect(recorder.journal('removals_planned', [aJournalEntry()])).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
const ACTIVE_OR_BROKEN = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const loneSurrogate = fc.constantFrom(
  '\ud800',
  'a\udfffb',
  '\u202egpj.exe',
  '\u0000\u001b[31m',
  '__proto__',
  '7',
);
const anyTag = fc.record({ key: fc.oneof(anyText, loneSurrogate), value: fc.oneof(anyText, loneSurrogate) });
const anyEntry: fc.Arbitrary<JournalEntry> = fc.record({
  region: fc.constantFrom('cn-hangzhou', 'cn-beijing'),
  type: fc.constantFrom('ContainerGroup', 'ImageCache'),
  id: fc.string({ minLength: 1, maxLength: 20 }),
  tags: fc.uniqueArray(anyTag, { minLength: 1, maxLength: 6, selector: (tag) => tag.key }),
});

describe('journal', () => {
  it('gives back every tag with its exact value, and holds no active character and no ill-formed text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry, { maxLength: 20 }), async (entries) => {
        const { log, recorder } = aScene();

        await recorder.journal('removals_planned', entries);

        for (const record of log.kept) {
          for (const value of Object.values(record)) {
            expect(value).not.toMatch(ACTIVE_OR_BROKEN);
          }
        }
        const read = readJournal(log.kept, 'removals_planned');
        const sorted = entries.map((entry) => ({ ...entry, tags: sortTags(entry.tags) }));
        expect(read.entries.map((entry) => ({ ...entry, tags: sortTags(entry.tags) }))).toEqual(sorted);
        expect(read.valuesKept).toBe(true);
      }),
    );
  });

  it('splits so that every record stays under 256 KB, in the order of the entries', async () => {
    const { log, recorder } = aScene();
    const tags = Array.from({ length: 20 }, (_, i) => ({
      key: `${i}`.padEnd(128, '\u0001'),
      value: '\u0001'.repeat(128),
    }));
    const entries = Array.from({ length: 60 }, (_, i) => aJournalEntry({ id: `eci-${i}`, tags }));

    await recorder.journal('removals_planned', entries);

    expect(log.kept.length).toBeGreaterThan(1);
    for (const record of log.kept) expect(recordBytes(record)).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(readJournal(log.kept, 'removals_planned').entries.map((entry) => entry.id)).toEqual(
      entries.map((entry) => entry.id),
    );
  });

  it('keeps no value under journal keys, and says so when read', async () => {
    const { log, recorder } = aScene();

    await recorder.journal(
      'removals_planned',
      [aJournalEntry({ tags: [{ key: 'k', value: 'personal' }] })],
      'keys',
    );

    expect(JSON.stringify(log.kept)).not.toContain('personal');
    expect(readJournal(log.kept, 'removals_planned')).toMatchObject({
      entries: [],
      valuesKept: false,
      keysOnly: [{ id: 'eci-1', keys: ['k'] }],
    });
  });

  it.each([
    ['cut', { resources: '[{"id":"eci-1","tags":{"ci-run":"8"}}]' }],
    ['of another version', { schema_version: '1' }],
    ['of an unknown type', { resource_type: 'Database' }],
  ])('refuses a record that is %s', async (_, change) => {
    const { log, recorder } = aScene();
    await recorder.journal('removals_planned', [aJournalEntry()]);
    const changed = { ...log.kept[0], ...change } as AuditRecord;

    expect(() => readJournal([changed], 'removals_planned')).toThrow(/run-1:plan:0.*cannot be used/);
  });

  it('reads the journal of a run that was killed before its summary', async () => {
    const { log, recorder } = aScene();
    await recorder.journal('removals_planned', [aJournalEntry()]);

    expect(readJournal(log.kept, 'removals_planned').entries).toHaveLength(1);
  });
});

function sortTags<T extends { readonly key: string }>(tags: readonly T[]): readonly T[] {
  return [...tags].sort((a, b) => (a.key < b.key ? -1 : 1));
}
