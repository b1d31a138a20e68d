import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../../lib/cloud/config.ts';
import { connect, connectAudit } from '../../../lib/cloud/connect.ts';
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
});
