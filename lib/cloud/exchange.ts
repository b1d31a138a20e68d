import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Nobody waits longer for one answer. */
const TIMEOUT_MS = 8_000;

/** What is read of an answer. */
const MOST_ANSWER_BYTES = 16_384;

/** What was answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One request and its answer, from this address and no other: a redirection is an answer like any other.
 *
 * @throws {Error} where no answer came.
 */
export function exchange(
  url: URL,
  {
    body,
    headers = {},
  }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<HttpAnswer> {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps;
    const request = send(
      url,
      {
        method: bytes === undefined ? 'GET' : 'POST',
        agent: false,
        headers: { ...headers, ...(bytes && { 'content-length': bytes.length }) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => readAnswer(response).then(resolve, reject),
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MOST_ANSWER_BYTES) break;
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') };
}
