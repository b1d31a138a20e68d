import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, type Identity } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { Answer } from '../../lib/cloud/log/exchange.ts';
import { createLogAdmin } from '../../lib/cloud/log/log-client.ts';
import { createSlsLog, type SlsLogOptions } from '../../lib/cloud/log/sls-log.ts';
import { createLogKeeper } from '../../lib/cloud/setup/log-keeper.ts';
import type { AuditLog } from '../../lib/ports.ts';
import { anAuditRecord } from '../support/audit-builders.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';
import { goThrough } from './journey.ts';
import { faultsOf } from './judge.ts';
import { REFUSALS, SUCCESSES } from './log-readings.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 1);
const DENIED: Identity = { ...DEFAULT_IDENTITY, accessKeyId: 'denied-key', denies: ['*'] };
const OLD_STS: Identity = { ...DEFAULT_STS_IDENTITY, securityToken: 'old-security-token' };

describe('a run under each reading of the log store', () => {
  it.each(SUCCESSES)('$name: it goes through, and is undone', async ({ name, settings }) => {
    const reading = { name, log: settings, ends: 'through' } as const;

    expect(faultsOf(await goThrough([reading], 'few'), [reading])).toEqual([]);
  });
});

describe('a log store that adds fields of its own to records', () => {
  it('is told when the journal is read: what was changed is no proof', async () => {
    const reading = { name: 'a processor', log: { extraFields: 'ofProcessor' }, ends: 'told' } as const;

    await expect(goThrough([reading], 'few')).rejects.toThrow(/its end was written by another hand/);
  });
});

describe('the log store’s client under each reading', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  beforeEach(async () => {
    clock = virtualClock(NOW_MS);
    emulator = await startEmulator({
      now: clock.now,
      identities: [DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, DENIED],
    });
  });
  afterEach(async () => {
    await emulator.close();
    expect(emulator.failures).toEqual([]);
  });

  const open = (options: Partial<SlsLogOptions> = {}): AuditLog =>
    createSlsLog({
      ...DEFAULT_LOGSTORE,
      endpoint: emulator.url,
      credentials: async () => DEFAULT_IDENTITY,
      clock,
      chance: () => 0.5,
      ...options,
    });
  const codes = (api: string) =>
    emulator.sls.requests.filter((request) => request.api === api).map((request) => request.code);
  const journal = (at: number) =>
    anAuditRecord({
      event_id: `run-${at % 3}:j${at}`,
      event_name: 'removals_planned',
      run_id: `run-${at % 3}`,
      undo_of: at % 2 === 0 ? 'run-0' : '',
      event_time: new Date(NOW_MS - 100_000 + at * 100).toISOString(),
      resource_ids: '["eci-1"]',
      resources: '[{"id":"eci-1","tags":[{"key":"007","value":"1e3"}]}]',
      batch_index: String(at),
      dry_run: 'false',
      reason: 'null',
    });

  it.each(SUCCESSES)('$name: gives back what was written, to each search', async ({ settings }) => {
    const records = Array.from({ length: 70 }, (_, at) => journal(at));
    const log = open();
    Object.assign(emulator.sls.settings, settings);
    await log.write(records);
    clock.advance(1000);

    const expected = (wanted: (record: (typeof records)[number]) => boolean) => records.filter(wanted);
    expect(await log.read({})).toEqual(expected(() => true));
    expect(await log.read({ runId: 'run-1', eventNames: ['removals_planned'] })).toEqual(
      expected(({ run_id }) => run_id === 'run-1'),
    );
    expect(await log.read({ undoOf: 'run-0' })).toEqual(expected(({ undo_of }) => undo_of === 'run-0'));
    expect(await log.read({ resourceId: 'eci-2' })).toEqual([]);
  });

  describe.each(REFUSALS)('refusals, $name', ({ settings }) => {
    beforeEach(() => void Object.assign(emulator.sls.settings, settings));

    it.each<[string, Identity, Partial<SlsLogOptions>, RegExp]>([
      [
        'a missing project',
        DEFAULT_IDENTITY,
        { project: 'nowhere' },
        /Create the project, or correct TAGSWEEP_LOG_PROJECT/,
      ],
      ['a missing log store', DEFAULT_IDENTITY, { logstore: 'nowhere' }, /Create the log store, or correct/],
      ['a denial', DENIED, {}, /denied by sts or ram.*that they allow log:PostLogStoreLogs/],
      ['a token that stays old', OLD_STS, {}, /Check the credentials/],
    ])('%s is told at once, with what to do', async (_, identity, options, message) => {
      const log = open({ ...options, credentials: async () => identity });

      await expect(log.write([anAuditRecord()])).rejects.toThrow(message);
      expect(codes('PutLogs')).toHaveLength(1);
    });

    it('a missing index is told with what to do', async () => {
      emulator.sls.settings.requireIndex = true;

      await expect(open().read({})).rejects.toThrow(/Create the index of the log store/);
    });

    it.each([
      'WriteQuotaExceed',
      'ShardWriteQuotaExceed',
      'InternalServerError',
      'RequestTimeout',
      'ServerBusy',
    ])('%s is tried again, and nothing is lost', async (code) => {
      emulator.faults.add({ fault: { kind: 'error', code }, api: 'PutLogs', times: 2 });

      await open().write([anAuditRecord()]);

      expect(emulator.sls.records('tagsweep', 'audit')).toHaveLength(1);
    });

    it('a setup finds out what is missing', async () => {
      const client = createLogAdmin({
        endpoint: new URL(emulator.url),
        credentials: async () => DEFAULT_IDENTITY,
        clock,
        chance: () => 0.5,
      });
      const keeperOf = (project: string) =>
        createLogKeeper(async (verb, of, path) => {
          const { body } = (await (await client)._request(verb, of, path, {}, null, {})) as Answer;
          return JSON.parse(body.toString());
        }, project);
      const thing = { name: 'nowhere', of: 'audit', document: {}, wanted: true };

      expect(await keeperOf('nowhere').find({ ...thing, kind: 'project' })).toBeUndefined();
      for (const kind of ['store', 'index', 'dashboard', 'search', 'alarm'] as const)
        expect(await keeperOf('tagsweep').find({ ...thing, kind }), kind).toBeUndefined();
      expect(await keeperOf('tagsweep').find({ ...thing, kind: 'store', name: 'audit' })).toBeDefined();
    });

    it('a newer token is tried once', async () => {
      const tokens = [OLD_STS];
      await open({ credentials: async () => tokens.pop() ?? DEFAULT_STS_IDENTITY }).write([anAuditRecord()]);

      expect(codes('PutLogs')).toEqual(['Unauthorized', 'OK']);
    });

    it.each([
      ['RequestTimeExpired', 'date'],
      ['RequestTimeTooSkewed', 'date'],
      ['InvalidRequestTime', 'date'],
      ['RequestTimeExpired', 'x-log-time'],
    ] as const)('%s is met with the time of the service in %s', async (skewCode, serverTime) => {
      Object.assign(emulator.sls.settings, { skewCode, serverTime, clockOffsetMs: Date.now() - NOW_MS });

      await open().write([anAuditRecord({ event_time: new Date().toISOString() })]);

      expect(codes('PutLogs')).toEqual([skewCode, 'OK']);
    });
  });

  it('says to set the clock where the service does not tell its time', async () => {
    Object.assign(emulator.sls.settings, { serverTime: 'none', clockOffsetMs: 3_600_000 });

    await expect(open().write([anAuditRecord()])).rejects.toThrow(/Set the clock of this machine/);
  });

  it('takes no answer without a mark of the service for its own, written or read', async () => {
    const log = open();
    await log.write([anAuditRecord()]);
    emulator.sls.settings.requestIdHeader = 'none';

    await expect(log.write([anAuditRecord({ event_id: 'b' })])).rejects.toThrow(/no header x-log-requestid/);
    await expect(log.read({})).rejects.toThrow(/no header x-log-requestid/);
  });

  it('takes no body for no rows only where the service counts none', async () => {
    Object.assign(emulator.sls.settings, { noRows: 'empty', countHeader: false });

    await expect(open().read({})).rejects.toThrow(/InvalidAnswer.*no JSON/);
  });

  it.each([
    ['milliseconds', { timeField: 'milliseconds' }],
    ['newest first', { rowOrder: 'newestFirst' }],
  ] as const)(
    'misses none of more rows than one offset may reach, %s',
    async (_, settings) => {
      Object.assign(emulator.sls.settings, settings);
      const log = open();
      const records = Array.from({ length: 10_250 }, (__, at) =>
        anAuditRecord({
          event_id: `e${at}`,
          event_name: 'batch_completed',
          event_time: new Date(NOW_MS - 3_000_000 + at * 10).toISOString(),
        }),
      );
      await log.write(records);

      expect(await log.read({ eventNames: ['batch_completed'] })).toHaveLength(records.length);
    },
    60_000,
  );

  it('gives up on a store that never says complete, and finds more each time', async () => {
    const log = open();
    emulator.sls.settings.progress = 'none';
    let at = 0;
    const growing = createSlsLog({
      ...DEFAULT_LOGSTORE,
      endpoint: emulator.url,
      credentials: async () => DEFAULT_IDENTITY,
      chance: () => 0.5,
      clock: {
        now: clock.now,
        sleep: async (ms) => {
          await clock.sleep(ms);
          await log.write([journal(at++)]);
        },
      },
    });

    await expect(growing.read({})).rejects.toThrow(
      /does not say whether its answers are complete.*Try again later/,
    );
  });
});
