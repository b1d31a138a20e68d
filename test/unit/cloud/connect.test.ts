import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../../emulator/identities.ts';
import { startEmulator } from '../../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../../emulator/sls/state.ts';
import { readConfig } from '../../../lib/cloud/config.ts';
import { connect, connectAudit } from '../../../lib/cloud/connect.ts';
import { CleanupError } from '../../../lib/errors.ts';
import { anAuditRecord } from '../../support/audit-builders.ts';
import { json, startScriptedServer } from '../../support/scripted-server.ts';

const credentials = async () => ({ accessKeyId: 'id', accessKeySecret: 'secret' });
const none = async (): Promise<never> => {
  throw new CleanupError('INVALID_SETTING', 'nobody gave any');
};

describe('connect', () => {
  it('reaches ECI where the settings say, and has no place for records unless one is named', async () => {
    const server = await startScriptedServer([
      json({ RequestId: 'R', Regions: [{ RegionId: 'cn-hangzhou' }] }),
    ]);
    const ports = connect(readConfig({ TAGSWEEP_ECI_ENDPOINT: `http://${server.host}` }), credentials);

    expect(await ports.eci.describeRegions()).toEqual(['cn-hangzhou']);
    expect(ports.audit).toBeNull();
    await server.close();
  });

  it('asks for credentials at each request, so that those which end in mid-run are renewed', async () => {
    const identities = [1, 2, 3].map((n) => ({
      accountId: DEFAULT_IDENTITY.accountId,
      accessKeyId: `STS.${n}`,
      accessKeySecret: `secret-${n}`,
      securityToken: `token-${n}`,
    }));
    let current = 0;
    const emulator = await startEmulator({ identities });
    const ports = connect(readConfig({ TAGSWEEP_ECI_ENDPOINT: emulator.url }), async () => {
      const given = identities[current] ?? DEFAULT_IDENTITY;
      current += 1;
      return given;
    });

    for (let call = 0; call < identities.length; call += 1) await ports.eci.describeRegions();

    expect(current).toBe(identities.length);
    expect(emulator.failures).toEqual([]);
    await emulator.close();
  });

  it('keeps records in a file without any credentials', () => {
    expect(connectAudit(readConfig({ TAGSWEEP_LOG_FILE: '/tmp/audit.jsonl' }), none)?.place).toEqual({
      file: '/tmp/audit.jsonl',
    });
  });

  it('keeps records in a log store, at the endpoint of the settings, and asks for credentials only when used', async () => {
    const emulator = await startEmulator();
    const config = readConfig({
      TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
      TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
      TAGSWEEP_SLS_ENDPOINT: emulator.url,
    });
    const log = connectAudit(config, async () => DEFAULT_IDENTITY);

    await log?.write([anAuditRecord({ event_time: new Date().toISOString() })]);

    expect(log?.place).toEqual(DEFAULT_LOGSTORE);
    expect(emulator.sls.records(DEFAULT_LOGSTORE.project, DEFAULT_LOGSTORE.logstore)).toHaveLength(1);
    await expect(connectAudit(config, none)?.write([anAuditRecord()])).rejects.toThrow('nobody gave any');
    await emulator.close();
  });

  it('does not try a log store past the deadline of the run', async () => {
    const server = await startScriptedServer([]);
    const config = readConfig({
      TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
      TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
      TAGSWEEP_SLS_ENDPOINT: `http://${server.host}`,
    });
    const { audit } = connect(config, credentials, { deadlineAtMs: Date.now() });

    await expect(audit?.write([anAuditRecord()])).rejects.toThrow('no time was left');

    expect(server.seen).toEqual([]);
    await server.close();
  });
});
