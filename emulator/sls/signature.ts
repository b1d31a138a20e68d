import { createHmac } from 'node:crypto';

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

/** The signature of the `LOG` scheme, as the SDK makes it. */
export function signRequest(parts: SignedParts, secret: string): string {
  const { headers } = parts;
  const lines = [
    parts.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers.date ?? '',
    ...Object.keys(headers)
      .filter((name) => name.startsWith('x-log-') || name.startsWith('x-acs-'))
      .sort()
      .map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    canonicalResource(parts),
  ];
  return createHmac('sha1', secret).update(lines.join('\n')).digest('base64');
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
