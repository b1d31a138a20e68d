import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCredentialServices } from '../../../emulator/credentials/service.ts';
import { DEFAULT_IDENTITY } from '../../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../../emulator/server.ts';
import { readConfig } from '../../../lib/cloud/config.ts';
import { connect } from '../../../lib/cloud/connect.ts';
import { createCredentialChain } from '../../../lib/cloud/credential-chain.ts';
import { redirectHosts } from '../../support/redirect.ts';

const { accountId, accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
const ROLE_ARN = `acs:ram::${accountId}:role/cleaner`;
const KEYS = { access_key_id: accessKeyId, access_key_secret: accessKeySecret };
const OIDC = {
  ALIBABA_CLOUD_ROLE_ARN: ROLE_ARN,
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: `acs:ram::${accountId}:oidc-provider/ack`,
};

let home: string;
let emulator: Emulator;
let services: ReturnType<typeof createCredentialServices>;
let endRedirection: () => void;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tagsweep-home-'));
  vi.stubEnv('HOME', home);
  // Those of the machine are nobody's business here.
  for (const name of Object.keys(process.env)) if (/^ALIBABA_CLOUD_/.test(name)) vi.stubEnv(name, undefined);
  emulator = await startEmulator({
    // Looked up anew, so that a test may move it.
    now: () => Date.now(),
    services: [
      (context) => {
        services = createCredentialServices(context, {
          accountId,
          roles: { cleaner: undefined },
          instanceRole: 'cleaner',
          oidcToken: 'token-of-the-pod',
        });
        return services;
      },
    ],
  });
  endRedirection = redirectHosts({ 'sts.aliyuncs.com': emulator.url, '100.100.100.200': emulator.url });
});

afterEach(async () => {
  endRedirection();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await emulator.close();
  rmSync(home, { recursive: true, force: true });
});

function writeProfiles(profiles: readonly object[], current = 'default'): string {
  mkdirSync(join(home, '.aliyun'), { recursive: true });
  const file = join(home, '.aliyun', 'config.json');
  writeFileSync(file, JSON.stringify({ current, profiles }));
  return file;
}

function writeToken(token = 'token-of-the-pod'): Record<string, string> {
  const file = join(home, 'token');
  writeFileSync(file, token);
  return { ...OIDC, ALIBABA_CLOUD_OIDC_TOKEN_FILE: file };
}

/** What the chain gives opens ECI. */
async function opensEci(chain: ReturnType<typeof createCredentialChain>): Promise<boolean> {
  const { eci } = connect(readConfig({ TAGSWEEP_ECI_ENDPOINT: emulator.url }), chain);
  return (await eci.describeRegions()).length > 0;
}

describe('createCredentialChain', () => {
  it.each([
    {
      source: 'keys in the environment',
      prepare: () => ({
        ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
      }),
      asks: [],
    },
    {
      source: 'the current profile of the aliyun CLI',
      prepare: () => {
        writeProfiles([{ name: 'default', mode: 'AK', ...KEYS }]);
        return {};
      },
      asks: [],
    },
    {
      source: 'a profile that takes a role',
      prepare: () => {
        writeProfiles([
          { name: 'work', mode: 'RamRoleArn', ...KEYS, ram_role_arn: ROLE_ARN, ram_session_name: 'me' },
        ]);
        return { ALIBABA_CLOUD_PROFILE: 'work' };
      },
      asks: ['AssumeRole'],
    },
    {
      source: 'a profile that takes a role from another one',
      prepare: () => {
        writeProfiles([
          { name: 'base', mode: 'AK', ...KEYS },
          { name: 'default', mode: 'ChainableRamRoleArn', source_profile: 'base', ram_role_arn: ROLE_ARN },
        ]);
        return {};
      },
      asks: ['AssumeRole'],
    },
    {
      source: 'a profile that runs a program',
      prepare: () => {
        const keys = join(home, 'keys.json');
        writeFileSync(keys, JSON.stringify({ mode: 'AK', ...KEYS }));
        writeProfiles([{ name: 'default', mode: 'External', process_command: `cat ${keys}` }]);
        return {};
      },
      asks: [],
    },
    { source: 'OIDC, as a pod of ACK has it', prepare: () => writeToken(), asks: ['AssumeRoleWithOIDC'] },
    {
      source: 'the shared credentials file',
      prepare: () => {
        mkdirSync(join(home, '.alibabacloud'));
        writeFileSync(
          join(home, '.alibabacloud', 'credentials'),
          `[default]\ntype = access_key\naccess_key_id = ${accessKeyId}\naccess_key_secret = ${accessKeySecret}\n`,
        );
        return {};
      },
      asks: [],
    },
    {
      source: 'the role of an ECS instance that is named',
      prepare: () => ({ ALIBABA_CLOUD_ECS_METADATA: 'cleaner' }),
      asks: ['/latest/api/token', '/latest/meta-data/ram/security-credentials/cleaner'],
    },
    {
      source: 'the role of an ECS instance that is looked for',
      prepare: () => ({}),
      asks: [
        '/latest/api/token',
        '/latest/meta-data/ram/security-credentials/',
        '/latest/api/token',
        '/latest/meta-data/ram/security-credentials/cleaner',
      ],
    },
    {
      source: 'a URI',
      prepare: () => ({ ALIBABA_CLOUD_CREDENTIALS_URI: `${emulator.url}/temporary-credentials` }),
      asks: ['/temporary-credentials'],
    },
  ])('gives what opens ECI, from $source', async ({ prepare, asks }) => {
    const env: Record<string, string> = prepare();
    const chain = createCredentialChain({ env });

    expect(await opensEci(chain)).toBe(true);
    expect(services.asked).toEqual(asks);
  });

  it('renews keys before they end, once for all who ask at a time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const chain = createCredentialChain({ env: writeToken() });
    const first = await chain();

    // A quarter of an hour before the hour's end.
    vi.setSystemTime(Date.now() + 46 * 60_000);
    const many = await Promise.all(Array.from({ length: 20 }, () => chain()));
    vi.setSystemTime(Date.now() + 30 * 60_000);

    expect(services.asked).toEqual(['AssumeRoleWithOIDC', 'AssumeRoleWithOIDC']);
    expect(new Set(many.map((given) => given.accessKeyId)).size).toBe(1);
    expect(many[0]?.accessKeyId).not.toBe(first.accessKeyId);
    expect(await opensEci(chain)).toBe(true);
  });

  it('goes on with keys that are still good where they cannot be renewed yet', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const env = writeToken();
    const chain = createCredentialChain({ env });
    const first = await chain();
    writeToken('token-of-another-pod');

    vi.setSystemTime(Date.now() + 50 * 60_000);

    expect(await chain()).toEqual(first);
    expect(await opensEci(chain)).toBe(true);
  });

  it('sees that somebody signed on anew while it ran', async () => {
    const profile = { name: 'default', mode: 'StsToken', access_key_id: 'old', access_key_secret: 'old' };
    const file = writeProfiles([{ ...profile, sts_token: 'old' }]);
    const chain = createCredentialChain({ env: {} });
    const before = await chain();

    writeProfiles([{ ...profile, access_key_id: 'new', sts_token: 'new' }]);
    utimesSync(file, new Date(), new Date(Date.now() + 5000));

    expect(before.accessKeyId).toBe('old');
    expect(await chain()).toMatchObject({ accessKeyId: 'new', securityToken: 'new' });
  });

  it('takes the profile that is named before keys of the environment', async () => {
    writeProfiles([{ name: 'work', mode: 'AK', ...KEYS }], 'other');
    const env = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'x', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'x' };

    expect(await createCredentialChain({ env, profile: 'work' })()).toMatchObject({ accessKeyId });
    expect(await createCredentialChain({ env })()).toMatchObject({ accessKeyId: 'x' });
  });

  it('never goes on to another identity where the one that is configured fails', async () => {
    writeProfiles([{ name: 'default', mode: 'AK', ...KEYS }]);
    const chain = createCredentialChain({ env: writeToken('forged') });

    await expect(chain()).rejects.toMatchObject({
      code: 'INVALID_SETTING',
      message: expect.stringContaining(`the role ${ROLE_ARN} by OIDC`),
    });
    expect(services.asked).toEqual(['AssumeRoleWithOIDC']);
  });

  it.each([
    {
      fault: 'a profile that there is not',
      prepare: () => {
        writeProfiles([{ name: 'default', mode: 'AK' }, { name: 'work' }]);
        return { profile: 'wrok' };
      },
      says: /has no profile wrok: it has default, work/,
    },
    {
      fault: 'a profile without a file of profiles',
      prepare: () => ({ profile: 'work' }),
      says: /config\.json is not there: make a profile with `aliyun configure`/,
    },
    {
      fault: 'a file that is broken, without repeating it',
      prepare: () => {
        mkdirSync(join(home, '.aliyun'));
        writeFileSync(join(home, '.aliyun', 'config.json'), '{"access_key_secret": "planted-secret", ');
        return {};
      },
      says: /is no configuration of the aliyun CLI/,
    },
    {
      fault: 'keys by half',
      prepare: () => ({ env: { ALIBABA_CLOUD_ACCESS_KEY_ID: 'planted-secret' } }),
      says: /ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set/,
    },
    {
      fault: 'OIDC by half',
      prepare: () => ({ env: OIDC }),
      says: /ALIBABA_CLOUD_OIDC_TOKEN_FILE missing/,
    },
    {
      fault: 'nothing at all, where instances are not to be asked',
      prepare: () => ({ env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true' } }),
      says: /none are configured[\s\S]*--profile/,
    },
  ])('says what to do about $fault', async ({ prepare, says }) => {
    const given: { readonly env?: Record<string, string>; readonly profile?: string } = prepare();
    const asked = createCredentialChain({ env: {}, ...given })();

    await expect(asked).rejects.toMatchObject({
      code: 'INVALID_SETTING',
      message: expect.stringMatching(says),
    });
    await expect(asked).rejects.not.toThrow('planted-secret');
  });

  it('repeats no key of what a URI answers', async () => {
    const env = { ALIBABA_CLOUD_CREDENTIALS_URI: `${emulator.url}/latest/api/token` };
    const asked = createCredentialChain({ env: { ...env, ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true' } })();

    await expect(asked).rejects.toThrow('ALIBABA_CLOUD_CREDENTIALS_URI');
  });
});
