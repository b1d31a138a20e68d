import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { cutText } from '../../redact.ts';

/** Nobody waits longer for a robot. */
const TIMEOUT_MS = 8_000;

/** What is read of an answer. */
const MOST_ANSWER_BYTES = 16_384;

/** What a channel answered. */
export interface PostAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends JSON once, to this address and no other: a redirection is an answer like any other that is not 2xx, since it
 * would carry tags to where nobody said.
 *
 * @throws {Error} where no answer came, or its status is not 2xx.
 */
export async function postJson(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PostAnswer> {
  const answer = await exchange(url, Buffer.from(body), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`it answered ${answer.status}: ${cutText(answer.text, 300)}`);
}

function exchange(url: URL, body: Buffer, headers: Readonly<Record<string, string>>): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps;
    const request = send(
      url,
      {
        method: 'POST',
        agent: false,
        headers: { ...headers, 'content-length': body.length },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => readAnswer(response).then(resolve, reject),
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MOST_ANSWER_BYTES) break;
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') };
}

/**
 * What the robots of DingTalk, Feishu and WeCom answer: status 200 whatever happened, and a number that is 0 where it
 * went well.
 *
 * @throws {Error} with the number and what the service says of it; also where the answer has no such number.
 */
export function checkRobotAnswer({ text }: PostAnswer, ...names: readonly string[]): void {
  let answer: Readonly<Record<string, unknown>> = {};
  try {
    answer = (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    // Told below: it has no number.
  }
  const code = names.map((name) => answer[name]).find((one) => one !== undefined);
  if (code === 0) return;
  throw new Error(`it answered ${cutText(text, 300)}`);
}
