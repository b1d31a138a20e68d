import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Credentials } from '../../lib/cloud/credentials.ts';
import { encodeJson } from '../../lib/text.ts';
import type { EchoAnswer, Heard } from './echo-server.ts';

/** Credentials in the form that the cloud gives them, each a text that stands nowhere else. */
export const credentials = fc.record({
  accessKeyId: fc.oneof(
    letters(20).map((rest) => `LTAI${rest}`),
    letters(24).map((rest) => `STS.${rest}`),
    letters(16),
  ),
  accessKeySecret: letters(30),
  securityToken: fc
    .array(fc.constantFrom(...'abcdefghijABCDEFGHIJ0123456789+/'), { minLength: 64, maxLength: 400 })
    .map((token) => `CAIS${token.join('')}==`),
});

function letters(length: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');
  return fc.array(unit, { minLength: length, maxLength: length }).map((all) => all.join(''));
}

type Repeating = typeof repeating extends fc.Arbitrary<infer Way> ? Way : never;

/** The ways in which a service repeats a request. */
export const repeating = fc.record({
  status: fc.constantFrom(200, 302, 400, 403, 404, 503),
  /** How the repeated text is spelt. */
  spelling: fc.constantFrom<(text: string) => string>(
    (text) => text,
    encodeURIComponent,
    (text) => encodeURIComponent(encodeURIComponent(text)),
    (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
    (text) => JSON.stringify(text),
    (text) => text.replaceAll('/', '\\/'),
  ),
  /** What of the request comes back, and in which words. */
  told: fc.constantFrom<(heard: Heard) => string>(
    ({ headers }) => `bad request ${JSON.stringify(headers)}`,
    ({ headers, method, target }) => `${method} ${target} with ${Object.values(headers).join(' ')} failed`,
    ({ headers }) => `Authorization: ${headers.authorization}`,
    ({ headers }) => `key ${tokenOf(headers)} is not known`,
    ({ headers, target }) =>
      `see https://x.aliyuncs.com${target}&SecurityToken=${encodeURIComponent(tokenOf(headers))}&Signature=${signatureOf(headers)}`,
    ({ headers }) => `server string to sign is: POST\n${Object.entries(headers).join('\n')}`,
  ),
  place: fc.constantFrom('message', 'code', 'requestId', 'html', 'everywhere'),
});

function tokenOf(headers: Heard['headers']): string {
  return String(headers['x-acs-security-token'] ?? headers['x-fc-security-token'] ?? '');
}

/** What is left of an authorization header once key id and scheme are gone. */
export function signatureOf(headers: Heard['headers']): string {
  return (
    /Signature=([0-9a-f]+)/.exec(headers.authorization ?? '')?.[1] ??
    headers.authorization?.split(':')[1] ??
    ''
  );
}

/** An answer in the forms of all services at once, which repeats the request. */
export function echoOf(way: Repeating, heard: Heard): EchoAnswer {
  const told = way.spelling(way.told(heard));
  const plain = { message: 'no', code: 'Forbidden', requestId: '1A2B3C4D' };
  const said =
    way.place === 'everywhere'
      ? { message: told, code: told, requestId: told }
      : { ...plain, ...(way.place !== 'html' && { [way.place]: told }) };
  const header = encodeURIComponent(said.requestId);
  return {
    status: way.status,
    headers: {
      'x-log-requestid': header,
      'x-fc-request-id': header,
      ...(way.status === 302 && { location: `http://127.0.0.1:9/?${header}` }),
      ...(way.status === 200 && { 'x-fc-error-type': 'HandledInvocationError' }),
    },
    body:
      way.place === 'html'
        ? `<html><body>${told}</body></html>`
        : JSON.stringify({
            RequestId: said.requestId,
            Code: said.code,
            Message: said.message,
            errorCode: said.code,
            errorMessage: said.message,
            ErrorCode: said.code,
            ErrorMessage: said.message,
          }),
  };
}

/** Every secret that these requests carried. */
export function secretsIn(keys: Credentials, heard: readonly Heard[]): readonly string[] {
  const signatures = heard.map(({ headers }) => signatureOf(headers)).filter((one) => one !== '');
  return [keys.accessKeyId, keys.accessKeySecret, keys.securityToken ?? '', ...signatures];
}

/** Which of the secrets can be read in a text, whichever way they are spelt there. */
export function leaksIn(text: string, secrets: readonly string[]): readonly string[] {
  const read = [text, text.replaceAll('\\/', '/'), decode(text), decode(decode(text))];
  return secrets.filter((secret) => read.some((one) => one.includes(secret)));
}

function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}

/** Everything that can be seen of an error: message, stack, fields, causes, in each way of looking. */
export function allOf(thrown: unknown): string {
  return [
    inspect(thrown, { depth: 12, showHidden: true, maxStringLength: null }),
    String(thrown),
    thrown instanceof Error ? `${thrown.stack} ${encodeJson({ ...thrown })}` : '',
  ].join('\n');
}
