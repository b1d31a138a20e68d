import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../../emulator/server.ts';
import { getCallerIdentity } from '../../../lib/cloud/identity.ts';

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(() => emulator.close());

const config = () =>
  ({ eciEndpoint: new URL(emulator.url), eciNetwork: 'public', region: 'cn-hangzhou' }) as const;

describe('getCallerIdentity', () => {
  it.each([
    ['a user', DEFAULT_IDENTITY, 'user/operator'],
    ["a role's session", DEFAULT_STS_IDENTITY, 'assumed-role/tagsweep/session'],
  ])('tells account and name of %s', async (_, identity, name) => {
    expect(await getCallerIdentity(config(), identity)).toEqual({
      accountId: '1234567890123456',
      arn: `acs:ram::1234567890123456:${name}`,
    });
  });

  it('tells why it is not known, and no secret', async () => {
    const wrong = { accessKeyId: 'emulator-key-id', accessKeySecret: 'wrong-secret-of-somebody' };

    const answer = await getCallerIdentity(config(), wrong);

    expect(answer).toMatchObject({ fault: expect.stringContaining('GetCallerIdentity at 127.0.0.1') });
    expect(JSON.stringify(answer)).not.toContain('wrong-secret-of-somebody');
  });
});
