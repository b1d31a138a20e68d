import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { useEmulator } from './support/running.ts';

const start = useEmulator();
const NOW_MS = Date.parse('2026-06-01T12:00:00Z');

describe('the gatekeeper', () => {
  it('lets a well signed call in, and tells its request id in upper case', async () => {
    const emulator = await start();

    const answer = await emulator.call('DescribeRegions');

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(answer.body.RequestId).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(answer.headers.get('x-acs-request-id')).toBe(answer.body.RequestId);
  });

  it.each([
    {
      fault: 'an unknown key',
      call: { identity: { ...DEFAULT_IDENTITY, accessKeyId: 'nobody' } },
      code: 'InvalidAccessKeyId.NotFound',
      status: 404,
    },
    {
      fault: 'a wrong secret',
      call: { identity: { ...DEFAULT_IDENTITY, accessKeySecret: 'wrong' } },
      code: 'SignatureDoesNotMatch',
      status: 400,
    },
    {
      fault: 'an unsigned action',
      call: { unsigned: ['x-acs-action'] },
      code: 'IncompleteSignature',
      status: 400,
    },
    { fault: 'an unsigned host', call: { unsigned: ['host'] }, code: 'IncompleteSignature', status: 400 },
    {
      fault: 'another body than the one signed',
      call: { form: { A: 'b' }, sentBody: 'A=c' },
      code: 'SignatureDoesNotMatch',
      status: 400,
    },
    {
      fault: 'a date that is none',
      call: { date: 'yesterday' },
      code: 'InvalidTimeStamp.Format',
      status: 400,
    },
    {
      fault: 'a clock 16 minutes slow',
      call: { date: '2026-06-01T11:44:00Z' },
      code: 'InvalidTimeStamp.Expired',
      status: 400,
    },
    {
      fault: 'a clock 16 minutes fast',
      call: { date: '2026-06-01T12:16:00Z' },
      code: 'InvalidTimeStamp.Expired',
      status: 400,
    },
    {
      fault: 'a temporary key without its token',
      call: {
        identity: {
          accessKeyId: DEFAULT_STS_IDENTITY.accessKeyId,
          accessKeySecret: DEFAULT_STS_IDENTITY.accessKeySecret,
        },
      },
      code: 'InvalidAccessKeyId.NotFound',
      status: 404,
    },
    {
      fault: 'a token that nobody has',
      call: { identity: { ...DEFAULT_STS_IDENTITY, securityToken: 'made-up' } },
      code: 'InvalidSecurityToken.Malformed',
      status: 400,
    },
    {
      fault: 'a token with a long-lived key',
      call: { identity: { ...DEFAULT_IDENTITY, securityToken: 'emulator-security-token' } },
      code: 'InvalidSecurityToken.MismatchWithAccessKey',
      status: 400,
    },
    {
      fault: 'an unsigned token',
      call: { identity: DEFAULT_STS_IDENTITY, unsigned: ['x-acs-security-token'] },
      code: 'IncompleteSignature',
      status: 400,
    },
    { fault: 'another version', call: { version: '2014-05-26' }, code: 'InvalidApi.NotFound', status: 404 },
    { fault: 'another method', call: { method: 'PUT' }, code: 'UnsupportedHTTPMethod', status: 400 },
  ])('refuses $fault with $code', async ({ call, code, status }) => {
    const emulator = await start({ now: () => NOW_MS });

    const answer = await emulator.call('DescribeRegions', {}, { date: '2026-06-01T12:00:00Z', ...call });

    expect(answer).toMatchObject({ status, code });
    expect(Object.keys(answer.body)).toEqual(['RequestId', 'HostId', 'Code', 'Message', 'Recommend']);
    expect(answer.text).not.toContain(DEFAULT_IDENTITY.accessKeySecret);
  });

  it('lets a temporary key in with its token until that expires', async () => {
    let nowMs = NOW_MS;
    const emulator = await start({
      now: () => nowMs,
      identities: [{ ...DEFAULT_STS_IDENTITY, tokenExpiresAtMs: NOW_MS + 60_000 }],
    });
    const call = () =>
      emulator.call('DescribeRegions', {}, { identity: DEFAULT_STS_IDENTITY, date: '2026-06-01T12:00:00Z' });

    const before = await call();
    nowMs += 60_000;
    const after = await call();

    expect(before.status).toBe(200);
    expect(after.code).toBe('InvalidSecurityToken.Expired');
  });

  it('takes each nonce once, and a refused signature does not use it up', async () => {
    const emulator = await start();
    const wrong = { ...DEFAULT_IDENTITY, accessKeySecret: 'wrong' };

    const refused = await emulator.call('DescribeRegions', {}, { nonce: 'n', identity: wrong });
    const first = await emulator.call('DescribeRegions', {}, { nonce: 'n' });
    const second = await emulator.call('DescribeRegions', {}, { nonce: 'n' });

    expect([refused.code, first.code, second.code]).toEqual([
      'SignatureDoesNotMatch',
      undefined,
      'SignatureNonceUsed',
    ]);
  });

  it('refuses a disabled key', async () => {
    const emulator = await start({ identities: [{ ...DEFAULT_IDENTITY, inactive: true }] });

    expect((await emulator.call('DescribeRegions')).code).toBe('InvalidAccessKeyId.Inactive');
  });

  it('refuses a request that is not signed at all', async () => {
    const emulator = await start();

    const response = await fetch(`${emulator.url}/?Action=DescribeRegions&Version=2018-08-08`);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ Code: 'IncompleteSignature' });
  });

  it('does not know operations that are not there', async () => {
    const emulator = await start();

    expect(await emulator.call('DescribeEverything')).toMatchObject({
      status: 404,
      code: 'InvalidApi.NotFound',
    });
  });
});
