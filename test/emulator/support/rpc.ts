import { createHash, createHmac, randomUUID } from 'node:crypto';
import { DEFAULT_IDENTITY, type Identity } from '../../../emulator/identities.ts';

export type Parameters = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One raw call, signed with ACS3 by a few lines of our own, so that each part of it can be wrong. */
export interface RawCall {
  readonly action: string;
  readonly parameters?: Parameters;
  /** Form parameters, signed through the hash of the body. */
  readonly form?: Parameters;
  readonly method?: string;
  readonly version?: string;
  readonly identity?: Pick<Identity, 'accessKeyId' | 'accessKeySecret' | 'securityToken'>;
  readonly date?: string;
  readonly nonce?: string;
  /** Headers left out of the signature. */
  readonly unsigned?: readonly string[];
  /** Sent instead of the body that was signed. */
  readonly sentBody?: string;
  readonly signal?: AbortSignal;
}

export interface RawAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly body: any;
}

/** Flattens lists as `Name.1`, `Name.2`. */
function flatten(parameters: Parameters): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    Array.isArray(value)
      ? value.map((item: string, index) => [`${name}.${index + 1}`, item])
      : [[name, String(value)]],
  );
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const joined = (pairs: readonly [string, string][]): string =>
  pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');

/** Sends it, and reads the answer whatever it is. */
export async function rawCall(url: string, call: RawCall): Promise<RawAnswer> {
  const identity = call.identity ?? DEFAULT_IDENTITY;
  const method = call.method ?? 'POST';
  const pairs = flatten(call.parameters ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const body = call.form === undefined ? '' : joined(flatten(call.form));
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const headers: Record<string, string> = {
    host: new URL(url).host,
    'x-acs-action': call.action,
    'x-acs-version': call.version ?? '2018-08-08',
    'x-acs-date': call.date ?? `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': call.nonce ?? randomUUID(),
    'x-acs-content-sha256': bodyHash,
    ...(call.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(identity.securityToken === undefined ? {} : { 'x-acs-security-token': identity.securityToken }),
  };
  const names = Object.keys(headers)
    .filter((name) => call.unsigned?.includes(name) !== true)
    .sort();
  const canonical = [
    method,
    '/',
    joined(pairs),
    names.map((name) => `${name}:${headers[name]}\n`).join(''),
    names.join(';'),
    bodyHash,
  ].join('\n');
  const toSign = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', identity.accessKeySecret).update(toSign).digest('hex');
  const sent = call.sentBody ?? body;
  const response = await fetch(`${url}/?${joined(pairs)}`, {
    method,
    headers: {
      ...headers,
      authorization: `ACS3-HMAC-SHA256 Credential=${identity.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`,
    },
    ...(sent === '' ? {} : { body: sent }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const text = await response.text();
  const parsed = parse(text);
  return { status: response.status, code: parsed?.Code, headers: response.headers, text, body: parsed };
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
