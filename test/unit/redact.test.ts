import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, describeError, redactSecrets } from '../../lib/redact.ts';

const KEY_ID = 'LTAI5tEXAMPLEexample1234';
const STS_ID = 'STS.NUgYrLnoC37mZZCNnAbez';
const SECRET = 'hT7dQ2mZx9LwPq4RnV8sKc3YbF6jGa';
const TOKEN = `CAIS${'8AF1q6Ft5B2yfSjIr5bDEPGBhJBEzq2Bc0/nvW4Xb'.repeat(6)}==`;

describe('redactSecrets', () => {
  it.each([
    ['a query parameter', `GET failed: Signature=abc%2Bdef%3D&AccessKeyId=${KEY_ID}&Format=JSON`],
    ['a URL with a query', `connect https://eci.cn-hangzhou.aliyuncs.com/?SecurityToken=${TOKEN} refused`],
    [
      'a URL with a query of whatever name',
      'GET https://eci.cn-hangzhou.aliyuncs.com/?code=hunter2secret failed',
    ],
    ['a URL with a password', 'proxy http://user:hunter2secret@10.0.0.1:3128 refused'],
    ['a JSON field', `{"SecurityToken":"${TOKEN}","AccessKeySecret": "${SECRET}"}`],
    ['an authorization header', `Authorization: LOG ${KEY_ID}:Rwm6cTKzoti4HWoe+GKcb6Kv07E=`],
    [
      'an ACS3 header',
      `ACS3-HMAC-SHA256 Credential=${KEY_ID},SignedHeaders=host,Signature=${'a1'.repeat(32)}`,
    ],
    [
      'a string to sign',
      `signature does not match, server string to sign is: GET&%2F&AccessKeyId%3D${KEY_ID}%26x`,
    ],
    ['a token on its own', `token ${TOKEN} has expired`],
    ['a secret on its own', `cannot parse ${SECRET} here`],
    ['an STS key id', `key ${STS_ID} is disabled`],
    ['a base64 signature', 'Signature Rwm6cTKzoti4HWoe+GKcb6Kv07E= not matched.'],
    [
      'a percent-encoded parameter',
      `x%26SecurityToken%3D${encodeURIComponent(encodeURIComponent(TOKEN))}%26y`,
    ],
  ])('hides %s', (_, text) => {
    const result = redactSecrets(text);

    for (const secret of [
      KEY_ID,
      SECRET,
      TOKEN,
      STS_ID,
      'hunter2secret',
      'abc%2Bdef',
      'Rwm6cTKz',
      'a1a1a1a1',
    ]) {
      expect(result).not.toContain(secret);
    }
    expect(result).toContain('[redacted]');
  });

  it.each([
    'The resource eci-bp1h0u8o1jbskxyz in cn-hangzhou does not exist (request 1E6F2B4C-0B5A-4C1D-9E2F-7A8B9C0D1E2F).',
    'plan digest sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 differs',
    'cannot open /srv/Runner1/tagsweep/policies/strip-ci-markers.yaml: ENOENT',
    'denied by sts or ram, action: log:PostLogStoreLogs, resource: acs:log:cn-hangzhou:1234567890123456:project/p',
    'InvalidParameter.TagKey: the tag key kubernetes.io/cluster-autoscaler/enabled is invalid',
  ])('leaves what is no secret as it is: %s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  it('hides known secrets wherever they stand', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcxyz-/=&?: "'), maxLength: 30 });

    fc.assert(
      fc.property(word, word, (before, after) => {
        expect(redactSecrets(`${before}s3cretvalue${after}`, ['s3cretvalue'])).not.toContain('s3cretvalue');
      }),
    );
  });

  it('takes no more than linear time on hostile text', () => {
    const hostile = [
      `${'a'.repeat(200_000)}`,
      'Signature='.repeat(20_000),
      'http://'.repeat(30_000),
      '='.repeat(99_999),
    ];

    for (const text of hostile) expect(redactSecrets(text).length).toBeLessThan(100_000);
  });
});

describe('describeError', () => {
  it('gives one redacted line of bounded size', () => {
    const text = describeError(new Error(`line one\nSecurityToken=${TOKEN}\n${'é'.repeat(2000)}`));

    expect(text).toMatch(/^line one SecurityToken=\[redacted\] é+…$/);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
  });

  it('takes anything that can be thrown', () => {
    expect(describeError('Key: string expected')).toBe('Key: string expected');
    expect(describeError(undefined)).toBe('undefined');
    expect(describeError(new TypeError(''))).toBe('TypeError');
  });
});

describe('cutText', () => {
  it('never cuts a character in two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 3, max: 80 }),
        (text, bytes) => {
          const cut = cutText(text, bytes);

          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(Math.max(bytes, 0));
          // Half a character would be read as U+FFFD, and the text begins otherwise.
          expect(cut === text || text.startsWith(cut.slice(0, -1))).toBe(true);
        },
      ),
      {
        examples: [
          ['\ufffd', 3],
          ['a\ufffd\ufffdb', 7],
          ['日本語', 7],
        ],
      },
    );
  });
});
