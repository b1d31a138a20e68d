import { createHmac } from 'node:crypto';
import type { HttpRequest } from '../http.ts';

/**
 * The scheme of the 2.0 SDK: `FC {id}:{base64 HMAC-SHA256}` over method, content-md5, content-type, date,
 * the sorted `x-fc-*` headers and the path; the query is not covered.
 */
export function isFcSignature(request: HttpRequest): boolean {
  return request.headers.authorization?.startsWith('FC ') === true;
}

export function readFcSignature(request: HttpRequest): {
  readonly accessKeyId: string;
  readonly signature: string;
} {
  const [, accessKeyId = '', signature = ''] =
    /^FC ([^:]+):(\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  return { accessKeyId, signature };
}

export function signFc(request: HttpRequest, secret: string): string {
  const header = (name: string) => request.headers[name] ?? '';
  const own = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-fc-'))
    .sort()
    .map((name) => `${name}:${header(name)}\n`)
    .join('');
  const toSign = [
    request.method,
    header('content-md5'),
    header('content-type'),
    header('date'),
    `${own}${decodeURIComponent(request.path)}`,
  ].join('\n');
  return createHmac('sha256', secret).update(toSign, 'utf8').digest('base64');
}
