import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { parsePairs } from '../../../emulator/http.ts';
import { DEFAULT_IDENTITY, type Identity } from '../../../emulator/identities.ts';
import { signRequest } from '../../../emulator/sls/signature.ts';

/** One request, to be signed and sent; say only what matters. */
export interface RawRequest {
  readonly method?: string;
  /** Path and query. */
  readonly target?: string;
  readonly host?: string;
  readonly body?: Buffer;
  /** `undefined` takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly identity?: Identity;
  /** Changed after signing. */
  readonly tamper?: Readonly<Record<string, string | undefined>>;
  readonly chunked?: boolean;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The error code of the answer, `OK` without one. */
  readonly code: string;
}

/** One log, `a`=`1`, at the given second. */
export function aLogGroup(second: number, key = 'a', value: string | Buffer = '1'): Buffer {
  const pair = Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]);
  const log = Buffer.concat([Buffer.from([0x08]), varint(second), field(2, pair)]);
  return field(1, log);
}

export function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** Signs a request as the service asks, by hand, and sends it to the emulator. */
export async function sendRaw(url: string, nowMs: number, raw: RawRequest): Promise<RawAnswer> {
  const { method = 'POST', target = '/logstores/audit/shards/lb', body = Buffer.alloc(0) } = raw;
  const identity = raw.identity ?? DEFAULT_IDENTITY;
  const [path = '/', query = ''] = target.split('?');
  const base: Record<string, string | undefined> = {
    host: raw.host ?? 'tagsweep.cn-hangzhou.log.aliyuncs.com',
    date: new Date(nowMs).toUTCString(),
    'content-type': 'application/x-protobuf',
    'content-md5': createHash('md5').update(body).digest('hex').toUpperCase(),
    'x-log-apiversion': '0.6.0',
    'x-log-bodyrawsize': String(body.length),
    'x-log-signaturemethod': 'hmac-sha1',
    'x-acs-security-token': identity.securityToken,
    ...raw.headers,
  };
  const headers = defined(base);
  const parts = { method, path, query: parsePairs(query), headers };
  headers.authorization = `LOG ${identity.accessKeyId}:${signRequest(parts, identity.accessKeySecret)}`;
  return exchange(url, method, target, defined({ ...headers, ...raw.tamper }), body, raw.chunked === true);
}

function exchange(
  url: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body: Buffer,
  chunked: boolean,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : { 'content-length': String(body.length) };
    const request = httpRequest(
      url,
      { method, path: target, headers: { ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code: codeOf(text) });
        });
      },
    );
    request.on('error', reject);
    if (chunked) request.write(body);
    request.end(chunked ? undefined : body);
  });
}

function codeOf(text: string): string {
  return /"errorCode":"([^"]+)"/.exec(text)?.[1] ?? 'OK';
}

function defined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
