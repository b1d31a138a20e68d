import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/audit/record.ts';
import type { AuditLog } from '../../lib/ports.ts';
import { anAuditRecord } from '../support/audit-builders.ts';

/** A place for records, opened anew for each test. */
export interface OpenLog {
  readonly log: AuditLog;
  close(): Promise<void>;
}

const at = (second: number, ms = 0): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second, ms)).toISOString();

/** What every `AuditLog` promises; `open` gives an empty one, whose clock stands at 2026-01-01T01:00:00Z. */
export function describeAuditLog(name: string, open: () => Promise<OpenLog>): void {
  describe(`AuditLog: ${name}`, () => {
    let opened: OpenLog;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const ids = (records: readonly AuditRecord[]): readonly string[] =>
      records.map((record) => record.event_id);

    it('gives back what was written, field by field', async () => {
      const record = anAuditRecord({
        message: 'é ☃ 𝄞 "quoted" \\ back',
        resources: '[{"id":"eci-1","tags":{"a\\u0000b":"\\ud800","empty":""}}]',
      });

      await opened.log.write([record]);

      expect(await opened.log.read({ runId: 'run-1' })).toEqual([record]);
    });

    it('is empty before the first write', async () => {
      expect(await opened.log.read({})).toEqual([]);
    });

    it('takes an empty write', async () => {
      await opened.log.write([]);

      expect(await opened.log.read({})).toEqual([]);
    });

    it('gives records oldest first, in the order of writing where the instant is the same', async () => {
      await opened.log.write([
        anAuditRecord({ event_id: 'c', event_time: at(2) }),
        anAuditRecord({ event_id: 'd', event_time: at(2) }),
      ]);
      await opened.log.write([
        anAuditRecord({ event_id: 'b', event_time: at(1, 2) }),
        anAuditRecord({ event_id: 'a', event_time: at(1, 1) }),
      ]);

      expect(ids(await opened.log.read({}))).toEqual(['a', 'b', 'c', 'd']);
    });

    it('drops repeats', async () => {
      const record = anAuditRecord();

      await opened.log.write([record]);
      await opened.log.write([record, record]);

      expect(await opened.log.read({})).toEqual([record]);
    });

    it('keeps different facts under one event id', async () => {
      await opened.log.write([anAuditRecord({ resources: '[1]' }), anAuditRecord({ resources: '[2]' })]);

      expect(await opened.log.read({})).toHaveLength(2);
    });

    it('finds a run exactly, and its family when asked', async () => {
      await opened.log.write([
        anAuditRecord({ run_id: 'run-1', event_id: 'own' }),
        anAuditRecord({ run_id: 'run-2', parent_run_id: 'run-1', event_id: 'child', event_time: at(1) }),
        anAuditRecord({ run_id: 'run-10', event_id: 'other' }),
        anAuditRecord({ run_id: 'RUN-1', event_id: 'capital' }),
      ]);

      expect(ids(await opened.log.read({ runId: 'run-1' }))).toEqual(['own']);
      expect(ids(await opened.log.read({ runId: 'run-1', family: true }))).toEqual(['own', 'child']);
    });

    it('finds the undos of a run, and those alone', async () => {
      await opened.log.write([
        anAuditRecord({ run_id: 'run-1', event_id: 'own' }),
        anAuditRecord({ run_id: 'undo-1', undo_of: 'run-1', event_id: 'undo' }),
        anAuditRecord({ run_id: 'undo-2', undo_of: 'run-10', event_id: 'other' }),
        anAuditRecord({ run_id: 'undo-3', undo_of: 'RUN-1', event_id: 'capital' }),
      ]);

      expect(ids(await opened.log.read({ undoOf: 'run-1' }))).toEqual(['undo']);
      expect(await opened.log.read({ undoOf: '' })).toEqual([]);
    });

    it.each(['x" or run_id: "run-1', 'a and b', '*', '\\', 'a: b', '(', ''])(
      'reads a run id of any text as text: %j',
      async (runId) => {
        await opened.log.write([anAuditRecord({ run_id: 'run-1' })]);

        expect(await opened.log.read({ runId })).toEqual([]);
      },
    );

    it('finds by event name', async () => {
      await opened.log.write([
        anAuditRecord({ event_name: 'run_started', event_id: 's' }),
        anAuditRecord({ event_name: 'batch_completed', event_id: 'b' }),
        anAuditRecord({ event_name: 'run_completed', event_id: 'e', event_time: at(1) }),
      ]);

      expect(ids(await opened.log.read({ eventNames: ['run_started', 'run_completed'] }))).toEqual([
        's',
        'e',
      ]);
      expect(await opened.log.read({ eventNames: [] })).toEqual([]);
    });

    it('finds the records of a policy, and those alone', async () => {
      await opened.log.write([
        anAuditRecord({ event_id: 'own', policy_name: 'tidy' }),
        anAuditRecord({ event_id: 'longer', policy_name: 'tidy-more' }),
        anAuditRecord({ event_id: 'capital', policy_name: 'TIDY' }),
        anAuditRecord({ event_id: 'none' }),
      ]);

      expect(ids(await opened.log.read({ policyName: 'tidy' }))).toEqual(['own']);
      expect(await opened.log.read({ policyName: '' })).toEqual([]);
    });

    it('finds by time, to the millisecond, beginning included and end excluded', async () => {
      await opened.log.write([
        anAuditRecord({ event_id: 'a', event_time: at(5, 499) }),
        anAuditRecord({ event_id: 'b', event_time: at(5, 500) }),
        anAuditRecord({ event_id: 'c', event_time: at(6, 499) }),
        anAuditRecord({ event_id: 'd', event_time: at(6, 500) }),
      ]);

      const found = await opened.log.read({ fromMs: Date.parse(at(5, 500)), toMs: Date.parse(at(6, 500)) });
      expect(ids(found)).toEqual(['b', 'c']);
    });

    it('gives every one of many records, however they are paged', async () => {
      const records = Array.from({ length: 450 }, (_, i) =>
        anAuditRecord({ event_id: `e${i}`, event_time: at(Math.floor(i / 100), i % 100) }),
      );

      await opened.log.write(records);

      expect(ids(await opened.log.read({ runId: 'run-1' }))).toEqual(ids(records));
    });

    it('takes many records at once, large ones too', async () => {
      const records = Array.from({ length: 12 }, (_, i) =>
        anAuditRecord({
          event_id: `e${i}`,
          event_name: 'removals_planned',
          resources: `"${'x'.repeat(240_000)}"`,
        }),
      );

      await opened.log.write(records);

      expect(ids(await opened.log.read({}))).toEqual(ids(records));
    });

    it('takes writes side by side', async () => {
      const records = Array.from({ length: 20 }, (_, i) => anAuditRecord({ event_id: `e${i}` }));

      await Promise.all(records.map((record) => opened.log.write([record])));

      expect([...ids(await opened.log.read({}))].sort()).toEqual([...ids(records)].sort());
    });
  });
}
