import { createHash } from 'node:crypto';
import OpenApiUtil from '@alicloud/openapi-util';
import { describeError } from '../redact.ts';
import type { Config } from './config.ts';
import type { Credentials } from './credentials.ts';
import { defaultExport } from './default-export.ts';
import { exchange } from './exchange.ts';
import { type CallerIdentity, readIdentity, stsEndpoint } from './identity.ts';

/** The one operation that a proof may ask for. */
const OPERATION = { Action: 'GetCallerIdentity', Version: '2015-04-01', Format: 'JSON' } as const;
const SIGNING = { SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0' } as const;

/** What a proof holds, and nothing else. */
const FIELDS = new Set([
  ...Object.keys(OPERATION),
  ...Object.keys(SIGNING),
  'AccessKeyId',
  'SecurityToken',
  'SignatureNonce',
  'Timestamp',
  'Signature',
]);

/** What a proof is for: it is bound to it, and proves nothing else. */
export type Purpose = Readonly<Record<string, string>>;

/**
 * A request to Security Token Service that somebody signed and did not send: whoever sends it learns who signed it, and
 * can do nothing else with it. The service takes it once, and for 15 minutes.
 *
 * What it is for is in its nonce, so that a proof that was made for one plan proves nothing of another.
 *
 * @see Alibaba Cloud, RPC style signatures (HMAC-SHA1 over method, path and sorted query), and STS GetCallerIdentity.
 */
export function makeIdentityProof(credentials: Credentials, purpose: Purpose, nowMs: number): string {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const signed: Record<string, string> = {
    ...OPERATION,
    ...SIGNING,
    AccessKeyId: accessKeyId,
    ...(securityToken !== undefined && { SecurityToken: securityToken }),
    SignatureNonce: nonceOf(purpose),
    Timestamp: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const Signature = defaultExport(OpenApiUtil).getRPCSignature(signed, 'GET', accessKeySecret);
  return new URLSearchParams({ ...signed, Signature }).toString();
}

/**
 * Who signed a proof, as Security Token Service says.
 *
 * @returns a fault where it is no such request, is for something else, or the service refuses it.
 */
export async function checkIdentityProof(
  config: Pick<Config, 'eciEndpoint' | 'eciNetwork' | 'region'>,
  proof: string,
  purpose: Purpose,
): Promise<CallerIdentity | { readonly fault: string }> {
  const fields = [...new URLSearchParams(proof)];
  const given = Object.fromEntries(fields);
  const wanted = { ...OPERATION, ...SIGNING, SignatureNonce: nonceOf(purpose) };
  const isThat =
    fields.length === Object.keys(given).length &&
    fields.every(([name]) => FIELDS.has(name)) &&
    Object.entries(wanted).every(([name, value]) => given[name] === value);
  if (!isThat) return { fault: 'the proof is none, or was made for something else' };
  const url = new URL(stsEndpoint(config));
  url.search = new URLSearchParams(given).toString();
  try {
    const { status, text } = await exchange(url);
    if (status !== 200) return { fault: `GetCallerIdentity answered ${status}: ${codeOf(text)}` };
    return readIdentity(JSON.parse(text));
  } catch (error) {
    return { fault: `GetCallerIdentity at ${url.host}: ${describeError(error, 300, Object.values(given))}` };
  }
}

function nonceOf(purpose: Purpose): string {
  const text = JSON.stringify(Object.entries(purpose).sort());
  return `tagsweep-${createHash('sha256').update(text).digest('hex')}`;
}

/** The service repeats the request where it refuses it: only its code is told. */
function codeOf(text: string): string {
  return /"Code"\s*:\s*"([A-Za-z0-9.]{1,80})"/.exec(text)?.[1] ?? 'it did not say why';
}
