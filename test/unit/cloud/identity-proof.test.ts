import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../../emulator/server.ts';
import { readConfig } from '../../../lib/cloud/config.ts';
import { checkIdentityProof, makeIdentityProof } from '../../../lib/cloud/identity-proof.ts';

const PURPOSE = { approve: `sha256:${'a'.repeat(64)}`, until: '2026-06-02T00:00:00.000Z' };

describe('a proof of who approves', () => {
  let emulator: Emulator;

  beforeEach(async () => {
    emulator = await startEmulator({});
  });
  afterEach(() => emulator.close());

  const check = (proof: string, purpose: Readonly<Record<string, string>> = PURPOSE) =>
    checkIdentityProof(readConfig({ TAGSWEEP_ECI_ENDPOINT: emulator.url }), proof, purpose);

  it.each([
    ['a user', DEFAULT_IDENTITY, 'user/operator'],
    ['a role', DEFAULT_STS_IDENTITY, 'assumed-role/tagsweep/session'],
  ])('tells %s who signed it', async (_, identity, name) => {
    const proof = makeIdentityProof(identity, PURPOSE, Date.now());

    expect(await check(proof)).toEqual({
      accountId: identity.accountId,
      arn: `acs:ram::${identity.accountId}:${name}`,
    });
  });

  it('proves nothing of another plan or time', async () => {
    const proof = makeIdentityProof(DEFAULT_IDENTITY, PURPOSE, Date.now());

    for (const purpose of [
      { ...PURPOSE, approve: `sha256:${'b'.repeat(64)}` },
      { ...PURPOSE, until: '2027-06-02T00:00:00.000Z' },
      { ...PURPOSE, until: '' },
    ]) {
      expect(await check(proof, purpose)).toMatchObject({ fault: expect.stringContaining('something else') });
    }
  });

  it.each([
    [
      'a secret that is wrong',
      (now: number) => makeIdentityProof({ ...DEFAULT_IDENTITY, accessKeySecret: 'x' }, PURPOSE, now),
    ],
    ['a time that is past', (now: number) => makeIdentityProof(DEFAULT_IDENTITY, PURPOSE, now - 3_600_000)],
    [
      'a time that was changed',
      (now: number) =>
        makeIdentityProof(DEFAULT_IDENTITY, PURPOSE, now).replace(
          /Timestamp=[^&]*/,
          `Timestamp=${encodeURIComponent('2026-01-01T00:00:00Z')}`,
        ),
    ],
  ])('is refused by the service with %s', async (_, make) => {
    expect(await check(make(Date.now()))).toMatchObject({ fault: expect.stringContaining('answered 4') });
  });

  it('is taken once', async () => {
    const proof = makeIdentityProof(DEFAULT_IDENTITY, PURPOSE, Date.now());
    await check(proof);

    expect(await check(proof)).toMatchObject({ fault: expect.stringContaining('SignatureNonceUsed') });
  });

  it.each([
    ['another operation', (proof: string) => proof.replace('GetCallerIdentity', 'AssumeRole')],
    ['a field that is more', (proof: string) => `${proof}&RoleArn=x`],
    ['a field twice', (proof: string) => `${proof}&Action=GetCallerIdentity`],
    ['nothing', () => ''],
  ])('is not even sent with %s', async (_, change) => {
    const answer = await check(change(makeIdentityProof(DEFAULT_IDENTITY, PURPOSE, Date.now())));

    expect(answer).toMatchObject({ fault: 'the proof is none, or was made for something else' });
    expect(emulator.counters.of('GetCallerIdentity').requests).toBe(0);
  });
});
