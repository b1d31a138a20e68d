import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_IDENTITY } from '../../../emulator/identities.ts';
import { startEmulator } from '../../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../../emulator/sls/state.ts';
import { readConfig } from '../../../lib/cloud/config.ts';
import { connect, connectAudit } from '../../../lib/cloud/connect.ts';
import { anAuditRecord } from '../../support/audit-builders.ts';
import { json, startScriptedServer } from '../../support/scripted-server.ts';

const credentials = { accessKeyId: 'id', accessKeySecret: 'secret' };

afterEach(() => vi.unstubAllEnvs());

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

  it('refuses to begin without credentials', () => {
    vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_ID', '');

    expect(() => connect(readConfig({}))).toThrow('ALIBABA_CLOUD_ACCESS_KEY_ID');
  });

  it('keeps records in a file without any credentials', () => {
    expect(connectAudit(readConfig({ TAGSWEEP_LOG_FILE: '/tmp/audit.jsonl' }))?.place).toEqual({
      file: '/tmp/audit.jsonl',
    });
  });

  it('keeps records in a log store, at the endpoint of the settings, and asks for credentials only when used', async () => {
    vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_ID', '');
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
    await expect(connectAudit(config)?.write([anAuditRecord()])).rejects.toThrow(
      'ALIBABA_CLOUD_ACCESS_KEY_ID',
    );
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
