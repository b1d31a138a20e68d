import { cutText } from '../../redact.ts';
import { exchange, type HttpAnswer } from '../exchange.ts';

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
): Promise<HttpAnswer> {
  const answer = await exchange(url, {
    body,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`it answered ${answer.status}: ${cutText(answer.text, 300)}`);
}

/**
 * What the robots of DingTalk, Feishu and WeCom answer: status 200 whatever happened, and a number that is 0 where it
 * went well.
 *
 * @throws {Error} with the number and what the service says of it; also where the answer has no such number.
 */
export function checkRobotAnswer({ text }: HttpAnswer, ...names: readonly string[]): void {
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
