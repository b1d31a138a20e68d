import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, type Identity } from '../../../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../../../emulator/sls/state.ts';
import type { Credentials } from '../../../../lib/cloud/credentials.ts';
import { createSlsLog, type SlsLogOptions } from '../../../../lib/cloud/log/sls-log.ts';
import type { AuditLog } from '../../../../lib/ports.ts';
import { anAuditRecord } from '../../../support/audit-builders.ts';
import { type VirtualClock, virtualClock } from '../../../support/virtual-clock.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 1);
const DENIED: Identity = { ...DEFAULT_IDENTITY, accessKeyId: 'denied-key', denies: ['*'] };
const OLD_STS: Identity = { ...DEFAULT_STS_IDENTITY, securityToken: 'old-security-token' };
const WRONG: Identity = { ...DEFAULT_IDENTITY, accessKeySecret: 'a-wrong-secret' };

describe('createSlsLog', () => {
  let emulator: Emulator;
  let clock: VirtualClock;
  beforeEach(async () => {
    emulator = await startEmulator({
      now: () => NOW_MS,
      identities: [DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY, DENIED],
    });
    clock = virtualClock(NOW_MS);
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
  /** Gives one after the other, and the last for ever. */
  const inTurn = (...identities: readonly Identity[]): (() => Promise<Credentials>) => {
    let asked = 0;
    return async () => identities[Math.min(asked++, identities.length - 1)] as Credentials;
  };
  const puts = () => emulator.sls.requests.filter((request) => request.api === 'PutLogs');
  const kept = () => emulator.sls.records(DEFAULT_LOGSTORE.project, DEFAULT_LOGSTORE.logstore);

  it('goes through its own transport: the pinned SDK still calls what is replaced', async () => {
    const require = createRequire(import.meta.url);
    const sdk = require('@alicloud/log') as { readonly prototype: { _request: unknown } };
    const original = sdk.prototype._request;
    sdk.prototype._request = () => {
      throw new Error('the transport of the SDK was used');
    };
    try {
      const log = open();
      await log.write([anAuditRecord()]);
      expect(await log.read({})).toHaveLength(1);
    } finally {
      sdk.prototype._request = original;
    }
    expect(
      (require('../../../../package.json') as { devDependencies: Record<string, string> }).devDependencies[
        '@alicloud/log'
      ],
    ).toBe('1.2.6');
    expect((require('@alicloud/log/package.json') as { version: string }).version).toBe('1.2.6');
  });

  it('names the virtual host at an address, the event as topic, and the time to the millisecond', async () => {
    await open({ source: 'strip-tags' }).write([anAuditRecord({ event_time: '2026-01-01T00:30:00.123Z' })]);

    expect(puts()[0]?.headers.host).toBe(`tagsweep.${new URL(emulator.url).host}`);
    const log = emulator.sls.projects.get('tagsweep')?.logstores.get('audit')?.logs[0];
    expect(log).toMatchObject({
      time: Date.UTC(2026, 0, 1, 0, 30) / 1000,
      timeNs: 123_000_000,
      topic: 'run_started',
      source: 'strip-tags',
    });
  });

  it('sends temporary credentials with their token', async () => {
    await open({ credentials: inTurn(DEFAULT_STS_IDENTITY) }).write([anAuditRecord()]);

    expect(puts()[0]?.headers['x-acs-security-token']).toBe(DEFAULT_STS_IDENTITY.securityToken);
  });

  it('sends large writes in requests of at most 1 MB, none with two topics', async () => {
    const records = Array.from({ length: 10 }, (_, i) =>
      anAuditRecord({
        event_id: `e${i}`,
        event_name: i < 9 ? 'removals_planned' : 'run_completed',
        resources: 'x'.repeat(240_000),
      }),
    );

    await open().write(records);

    expect(puts().map((put) => put.body.length)).toSatisfy((sizes: number[]) =>
      sizes.every((size) => size <= 1_000_000),
    );
    expect(puts()).toHaveLength(4);
    expect(kept()).toHaveLength(10);
  });

  it.each([
    ['an error of the service', { kind: 'error', code: 'InternalServerError' }],
    ['a quota', { kind: 'error', code: 'WriteQuotaExceed' }],
    ['an HTML page', { kind: 'html' }],
    ['an empty 503', { kind: 'empty', status: 503 }],
    ['an empty 200 of somebody else', { kind: 'empty', status: 200 }],
    ['a reset', { kind: 'reset' }],
    ['a JSON 429 with another form', { kind: 'empty', status: 429 }],
  ] as const)('sends the same bytes again after %s', async (_, fault) => {
    emulator.faults.add({ fault, api: 'PutLogs', times: 3 });

    await open().write([anAuditRecord()]);

    expect(puts()).toHaveLength(4);
    expect(new Set(puts().map((put) => put.body.toString('hex'))).size).toBe(1);
    expect(kept()).toHaveLength(1);
  });

  it('gives up after four attempts and 3 s, and says what it was refused with', async () => {
    emulator.faults.add({ fault: { kind: 'error', code: 'ServerBusy' }, api: 'PutLogs' });

    const writing = open().write([anAuditRecord()]);

    await expect(writing).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await expect(writing).rejects.toThrow(
      /^Cannot write 1 audit record, log store audit of project tagsweep at 127\.0\.0\.1:\d+: ServerBusy \(status 503, request [0-9A-F]{24}\): .*Check the network/,
    );
    expect(puts()).toHaveLength(4);
    expect(clock.now() - NOW_MS).toBeLessThanOrEqual(3_000);
  });

  it('drops the repeat when an answer was lost after the records were kept', async () => {
    emulator.faults.add({ fault: { kind: 'reset', applied: true }, api: 'PutLogs', times: 1 });
    const log = open();

    await log.write([anAuditRecord()]);

    expect(kept()).toHaveLength(2);
    expect(await log.read({})).toHaveLength(1);
  });

  it('does not wait for an answer past the deadline', async () => {
    emulator.faults.add({ fault: { kind: 'hang' }, api: 'PutLogs' });

    const writing = open({ deadlineAtMs: NOW_MS + 300 }).write([anAuditRecord()]);

    await expect(writing).rejects.toThrow(/no answer within \d+ ms/);
  });

  it('waits for a slow store as long as the run has time', async () => {
    emulator.faults.add({ fault: { kind: 'slow', ms: 2500 }, api: 'PutLogs' });

    await open({ deadlineAtMs: NOW_MS + 60_000 }).write([anAuditRecord()]);

    expect(kept()).toHaveLength(1);
  });

  it('sends nothing when the deadline has passed', async () => {
    const writing = open({ deadlineAtMs: NOW_MS }).write([anAuditRecord()]);

    await expect(writing).rejects.toThrow(/DeadlineReached.*Give the run more time/);
    expect(puts()).toHaveLength(0);
  });

  it.each<[string, Identity, Partial<SlsLogOptions>, RegExp]>([
    [
      'a denial',
      DENIED,
      {},
      /denied by sts or ram.*Check the credentials, and that they allow log:PostLogStoreLogs/,
    ],
    [
      'a missing project',
      DEFAULT_IDENTITY,
      { project: 'nowhere' },
      /ProjectNotExist.*Create the project, or correct TAGSWEEP_LOG_PROJECT/,
    ],
    [
      'a missing log store',
      DEFAULT_IDENTITY,
      { logstore: 'nowhere' },
      /LogStoreNotExist.*Create the log store/,
    ],
    ['a token that stays old', OLD_STS, {}, /Unauthorized.*Check the credentials/],
  ])('is refused at once by %s', async (_, identity, options, message) => {
    await expect(
      open({ credentials: inTurn(identity), ...options }).write([anAuditRecord()]),
    ).rejects.toThrow(message);
    expect(puts()).toHaveLength(1);
  });

  it('tries once more with a newer token', async () => {
    await open({ credentials: inTurn(OLD_STS, DEFAULT_STS_IDENTITY) }).write([anAuditRecord()]);

    expect(puts().map((put) => put.code)).toEqual(['Unauthorized', 'OK']);
  });

  it('tries once more with fresh credentials when the signature does not match, and no oftener', async () => {
    await open({ credentials: inTurn(WRONG, DEFAULT_IDENTITY) }).write([anAuditRecord()]);
    expect(puts().map((put) => put.code)).toEqual(['SignatureNotMatch', 'OK']);

    await expect(open({ credentials: inTurn(WRONG) }).write([anAuditRecord()])).rejects.toThrow(
      /SignatureNotMatch.*Check the access key secret/,
    );
    expect(puts()).toHaveLength(4);
  });

  it('goes by the clock of the service once its own is refused', async () => {
    emulator.sls.settings.clockOffsetMs = Date.now() - NOW_MS;
    const log = open();

    await log.write([anAuditRecord({ event_time: new Date().toISOString() })]);
    await log.write([anAuditRecord({ event_time: new Date().toISOString() })]);

    expect(puts().map((put) => put.code)).toEqual(['RequestTimeExpired', 'OK', 'OK']);
  });

  it('asks again for a page that is not complete', async () => {
    const log = open();
    await log.write([anAuditRecord({ event_id: 'a' }), anAuditRecord({ event_id: 'b' })]);
    emulator.sls.settings.incompleteReads = 3;

    expect(await log.read({})).toHaveLength(2);
  });

  it('rejects rather than give half when the service never calls its answer complete', async () => {
    emulator.sls.settings.incompleteReads = 1_000;

    await expect(open().read({})).rejects.toThrow(
      /Cannot read audit records.*incomplete 12 times.*Try again later/,
    );
  });

  it.each([
    ['cut JSON', { kind: 'truncated' }],
    ['a cut connection', { kind: 'cut' }],
    ['an HTML page', { kind: 'html', status: 200 }],
  ] as const)('never takes %s for what was asked', async (_, fault) => {
    const log = open();
    await log.write([anAuditRecord()]);
    emulator.faults.add({ fault, api: 'GetLogs' });

    await expect(log.read({})).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });

  it('gives every one of more records than one offset may reach', async () => {
    const log = open();
    const records = Array.from({ length: 10_450 }, (_, i) =>
      anAuditRecord({
        event_id: `e${i}`,
        event_name: 'batch_completed',
        event_time: new Date(NOW_MS - 3_000_000 + i * 10).toISOString(),
      }),
    );
    await log.write(records);

    const read = await log.read({ eventNames: ['batch_completed'] });

    expect(read.map((record) => record.event_id)).toEqual(records.map((record) => record.event_id));
    const offsets = emulator.sls.requests.map((request) =>
      Number(/offset=(\d+)/.exec(request.target)?.[1] ?? 0),
    );
    expect(Math.max(...offsets)).toBeLessThanOrEqual(10_000);
  }, 60_000);

  it('passes over rows of others in the same log store', async () => {
    const log = open();
    await log.write(
      [anAuditRecord(), { message: 'hello' } as never, anAuditRecord({ event_id: 'b' })].filter(
        (record) => record.event_id,
      ),
    );
    emulator.sls.store(
      emulator.sls.projects.get('tagsweep')!.logstores.get('audit')!,
      {
        logs: [{ time: NOW_MS / 1000 - 5, contents: [['message', 'hello']] }],
        tags: [],
      },
      NOW_MS,
    );

    expect(await log.read({})).toHaveLength(2);
  });

  it('asks nothing for a query that nothing answers', async () => {
    expect(await open().read({ runId: '' })).toEqual([]);
    expect(emulator.sls.requests).toEqual([]);
  });

  it('never tells a secret, whatever it is refused with', async () => {
    const secrets = {
      accessKeyId: 'planted-key-id',
      accessKeySecret: 'planted-secret',
      securityToken: 'planted-token',
    };
    emulator.faults.add({
      fault: {
        kind: 'error',
        code: 'SignatureNotMatch',
        status: 401,
        message: `signature of ${Object.values(secrets).join(' ')} not matched, Authorization: LOG planted-key-id:abc=`,
      },
    });

    const error = await open({ credentials: async () => secrets })
      .write([anAuditRecord()])
      .catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    const cause = (error as Error).cause as Error;
    for (const secret of Object.values(secrets))
      expect(`${error} ${cause.stack} ${JSON.stringify(cause)}`).not.toContain(secret);
  });

  it('says of missing credentials what they say themselves', async () => {
    const credentials = async (): Promise<Credentials> => {
      throw new Error('no secret may be shown here');
    };

    await expect(open({ credentials }).write([anAuditRecord()])).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });
  });

  it.each(['http://cn-hangzhou.log.aliyuncs.com', 'cn-hangzhou.log.aliyuncs.com', 'ftp://127.0.0.1'])(
    'refuses the endpoint %s',
    (endpoint) => {
      expect(() => open({ endpoint })).toThrow(expect.objectContaining({ code: 'INVALID_SETTING' }));
    },
  );

  it('says which address it could not reach', async () => {
    const log = open({ endpoint: 'https://127.0.0.1:1' });

    await expect(log.write([anAuditRecord()])).rejects.toThrow(
      /at 127\.0\.0\.1:1: ECONNREFUSED.*TAGSWEEP_SLS_ENDPOINT/,
    );
  });
});
