import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../lib/cloud/config.ts';

function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_SETTING' });
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      eciNetwork: 'public',
      tagRows: false,
      formBody: false,
      authority: {
        inlinePolicies: false,
        raiseMode: 'digest',
        requireDigest: false,
        allowUnjournaled: false,
      },
      echo: 'journal-keys',
      offlineRegions: [],
      region: 'cn-hangzhou',
      insideFunction: false,
      debugIsSet: false,
    });
  });

  it('reads every setting', () => {
    const config = readConfig({
      TAGSWEEP_POLICY: 'nightly',
      TAGSWEEP_EVENT_POLICY: 'on-creation',
      TAGSWEEP_POLICIES_DIR: '/mnt/policies',
      TAGSWEEP_LOG_PROJECT: 'audit',
      TAGSWEEP_LOG_STORE: 'tag_sweep',
      TAGSWEEP_ECI_ENDPOINT: 'http://127.0.0.1:18080',
      TAGSWEEP_ECI_NETWORK: 'vpc',
      TAGSWEEP_TAG_ROWS: 'on',
      TAGSWEEP_FORM_BODY: 'on',
      TAGSWEEP_INLINE_POLICIES: 'on',
      TAGSWEEP_RAISE_MODE: 'off',
      TAGSWEEP_REQUIRE_DIGEST: 'on',
      TAGSWEEP_ALLOW_UNJOURNALED: 'on',
      TAGSWEEP_ECHO: 'all',
      TAGSWEEP_OFFLINE_REGIONS: 'cn-new-1, cn-new-2',
      TAGSWEEP_SLS_ENDPOINT: 'https://cn-beijing.log.aliyuncs.com',
      TAGSWEEP_FC_ENDPOINT: 'http://[::1]:9000/',
      TAGSWEEP_REGION: 'cn-beijing',
    });

    expect(config).toEqual({
      policy: 'nightly',
      eventPolicy: 'on-creation',
      policiesDir: '/mnt/policies',
      log: { project: 'audit', store: 'tag_sweep' },
      eciEndpoint: new URL('http://127.0.0.1:18080'),
      eciNetwork: 'vpc',
      tagRows: true,
      formBody: true,
      authority: { inlinePolicies: true, raiseMode: 'off', requireDigest: true, allowUnjournaled: true },
      echo: 'all',
      offlineRegions: ['cn-new-1', 'cn-new-2'],
      slsEndpoint: new URL('https://cn-beijing.log.aliyuncs.com'),
      fcEndpoint: new URL('http://[::1]:9000'),
      region: 'cn-beijing',
      insideFunction: false,
      debugIsSet: false,
    });
  });

  it('takes the policy of requests for events too, unless told otherwise', () => {
    expect(readConfig({ TAGSWEEP_POLICY: 'nightly' }).eventPolicy).toBe('nightly');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ TAGSWEEP_POLICY: '', TAGSWEEP_LOG_STORE: '  ' })).toEqual(readConfig({}));
  });

  it('takes the region of the function that it runs in', () => {
    expect(readConfig({ FC_REGION: 'cn-shanghai', FC_FUNCTION_NAME: 'tagsweep' })).toMatchObject({
      region: 'cn-shanghai',
      insideFunction: true,
    });
  });

  it('keeps records in a file outside Function Compute', () => {
    expect(readConfig({ TAGSWEEP_LOG_FILE: 'audit.jsonl' }).log).toEqual({ file: 'audit.jsonl' });
  });

  it.each([
    [{ TAGSWEEP_POLICY: '../secret' }, 'TAGSWEEP_POLICY', 'no policy name'],
    [{ TAGSWEEP_LOG_PROJECT: 'audit' }, 'TAGSWEEP_LOG_STORE', 'set both'],
    [{ TAGSWEEP_LOG_STORE: 'audit' }, 'TAGSWEEP_LOG_PROJECT', 'set both'],
    [
      { TAGSWEEP_LOG_PROJECT: 'a/b', TAGSWEEP_LOG_STORE: 'audit' },
      'TAGSWEEP_LOG_PROJECT',
      'no name of a log project',
    ],
    [
      { TAGSWEEP_LOG_PROJECT: 'audit', TAGSWEEP_LOG_STORE: 'audit', TAGSWEEP_LOG_FILE: 'x' },
      'TAGSWEEP_LOG_FILE',
      'unset one',
    ],
    [{ TAGSWEEP_LOG_FILE: 'x', FC_FUNCTION_NAME: 'tagsweep' }, 'TAGSWEEP_LOG_FILE', 'lost with the instance'],
    [{ TAGSWEEP_ECI_ENDPOINT: '127.0.0.1:80' }, 'TAGSWEEP_ECI_ENDPOINT', 'scheme'],
    [{ TAGSWEEP_ECI_ENDPOINT: 'http://eci.cn-hangzhou.aliyuncs.com' }, 'TAGSWEEP_ECI_ENDPOINT', 'https://'],
    [{ TAGSWEEP_ECI_ENDPOINT: 'http://127.0.0.1.example.com' }, 'TAGSWEEP_ECI_ENDPOINT', 'https://'],
    [{ TAGSWEEP_SLS_ENDPOINT: 'ftp://127.0.0.1' }, 'TAGSWEEP_SLS_ENDPOINT', 'https://'],
    [{ TAGSWEEP_FC_ENDPOINT: 'https://u:p@fc.example.com' }, 'TAGSWEEP_FC_ENDPOINT', 'credentials'],
    [{ TAGSWEEP_FC_ENDPOINT: 'https://fc.example.com/path' }, 'TAGSWEEP_FC_ENDPOINT', 'without path'],
    [{ TAGSWEEP_ECI_NETWORK: 'private' }, 'TAGSWEEP_ECI_NETWORK', '"vpc"'],
    [{ TAGSWEEP_OFFLINE_REGIONS: 'cn-new-1,,evil/' }, 'TAGSWEEP_OFFLINE_REGIONS', 'region ids'],
    [{ TAGSWEEP_TAG_ROWS: 'yes' }, 'TAGSWEEP_TAG_ROWS', '"off"'],
    [{ TAGSWEEP_REGION: 'Hangzhou' }, 'TAGSWEEP_REGION', 'cn-hangzhou'],
    [{ TAGSWEEP_LOGSTORE: 'audit' }, 'TAGSWEEP_LOGSTORE', 'TAGSWEEP_LOG_STORE'],
    [{ tagsweep_policy: 'nightly' }, 'tagsweep_policy', 'TAGSWEEP_POLICY'],
  ] as [Record<string, string>, string, string][])('refuses %j', (env, variable, advice) => {
    const faults = faultsOf(env);

    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${variable} `));
    expect(faults[0]).toContain(advice);
  });

  it('tells every fault at once, one a line', () => {
    expect(
      faultsOf({ TAGSWEEP_POLICY: 'A B', TAGSWEEP_REGION: '?', TAGSWEEP_LOG_STORE: 'audit' }),
    ).toHaveLength(3);
  });

  it('never repeats what a variable holds', () => {
    expect(faultsOf({ TAGSWEEP_FC_ENDPOINT: 'https://u:planted@fc.example.com' }).join()).not.toContain(
      'planted',
    );
  });
});
