import { createHash, createHmac } from 'node:crypto';

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  /** As it was sent, encoded. */
  readonly path: string;
  /** Decoded. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The signature of the `LOG` scheme, by `x-log-signaturemethod`. */
export function signV1(parts: SignedParts, secret: string): string {
  const { headers } = parts;
  const lines = [
    parts.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers.date ?? '',
    ...sortedNames(headers, (name) => name.startsWith('x-log-') || name.startsWith('x-acs-')).map(
      (name) => `${name}:${(headers[name] ?? '').trim()}`,
    ),
    canonicalResource(parts),
  ];
  const algorithm = headers['x-log-signaturemethod'] === 'hmac-sha256' ? 'sha256' : 'sha1';
  return createHmac(algorithm, secret).update(lines.join('\n')).digest('base64');
}

function canonicalResource(parts: SignedParts): string {
  const pairs = parts.query.map(([name, value]) => `${name}=${value}`).sort();
  const path = decodePath(parts.path);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What the `Credential` of a v4 authorization says. */
export interface V4Scope {
  /** `yyyymmdd`. */
  readonly date: string;
  readonly region: string;
}

/**
 * The signature of the `SLS4-HMAC-SHA256` scheme. The names of the signed headers are not sent with the
 * request: `v4HeaderNames` tells which they are.
 */
export function signV4(parts: SignedParts, names: readonly string[], scope: V4Scope, secret: string): string {
  const query = [...parts.query]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => (value === '' ? name : `${name}=${encodeStrictly(value)}`))
    .join('&');
  const canonical = [
    parts.method,
    parts.path === '' ? '/' : parts.path,
    query,
    names.map((name) => `${name}:${(parts.headers[name] ?? '').trim()}\n`).join(''),
    names.join(';'),
    parts.headers['x-log-content-sha256'] ?? '',
  ].join('\n');
  const path = `${scope.date}/${scope.region}/sls/aliyun_v4_request`;
  const toSign = `SLS4-HMAC-SHA256\n${parts.headers['x-log-date'] ?? ''}\n${path}\n${sha256(canonical)}`;
  const key = [scope.date, scope.region, 'sls', 'aliyun_v4_request'].reduce<string | Buffer>(
    (previous, text) => createHmac('sha256', previous).update(text).digest(),
    `aliyun_v4${secret}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

/** The headers that v4 signs, sorted. */
export function v4HeaderNames(headers: Readonly<Record<string, string>>): readonly string[] {
  return sortedNames(
    headers,
    (name) =>
      (name.startsWith('x-log-') && !name.startsWith('x-log-meta-')) ||
      name.startsWith('x-acs-') ||
      name === 'host' ||
      name === 'content-type',
  );
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function sortedNames(
  headers: Readonly<Record<string, string>>,
  wanted: (name: string) => boolean,
): readonly string[] {
  return Object.keys(headers).filter(wanted).sort();
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
