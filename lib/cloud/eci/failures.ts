import { EciError } from '../../errors.ts';
import { describeError } from '../../redact.ts';
import type { Region } from '../../resource.ts';
import { classifyCode } from './error-codes.ts';

/** Which call went wrong. */
export interface Attempt {
  readonly api: string;
  readonly region: Region;
  /** Secrets that the service may repeat: taken out of whatever it says. */
  readonly secrets?: readonly string[];
}

/** An answer that is not what the API documents: HTML, half of a JSON text, another shape. */
export class InvalidAnswerError extends Error {}

/** No answer in the time that a call has. */
export class NoAnswerError extends Error {}

/** An error code of the API, wherever it came from. */
export interface ApiFailure {
  readonly code: string;
  readonly message?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly requestId?: string | undefined;
}

/** Failures before anything could be sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Calls that change something: after them an outcome can be unknown. */
const WRITES: ReadonlySet<string> = new Set(['UntagResources', 'TagResources']);

/** What a service says of a failed signature repeats the request: never shown. */
const SILENT = /^(Signature|IncompleteSignature)/;

/**
 * Whatever a call threw, as an `EciError`.
 *
 * The thrown error is not kept as `cause`: its message holds the whole URL.
 */
export function toEciError(thrown: unknown, attempt: Attempt): EciError {
  if (thrown instanceof EciError) return thrown;
  if (thrown instanceof InvalidAnswerError) return unanswered(attempt, 'InvalidAnswer', thrown.message);
  if (thrown instanceof NoAnswerError) return unanswered(attempt, 'Timeout', thrown.message);
  // The SDK throws a bare SyntaxError for every body that is not JSON, whatever the status.
  if (thrown instanceof SyntaxError) return unanswered(attempt, 'InvalidAnswer', 'the answer is not JSON');
  const error = readThrown(thrown);
  if (error.httpStatus !== undefined || error.code === 'InvalidCredentials') {
    return error.code === undefined
      ? unanswered(attempt, 'InvalidAnswer', `the answer has status ${error.httpStatus} and no error code`)
      : apiError(attempt, { ...error, code: error.code });
  }
  if (error.name === 'RequestTimeoutError') return unanswered(attempt, 'Timeout', 'no answer in time');
  if (error.code === undefined) {
    return unanswered(attempt, 'InvalidAnswer', 'the answer does not have the form that the API documents');
  }
  const code = clean(error.code, attempt.secrets);
  return NEVER_SENT.has(code) ? unreachable(attempt, code) : unanswered(attempt, code, code);
}

/** An error that the API told. */
export function apiError({ api, region, secrets }: Attempt, failure: ApiFailure): EciError {
  const { kind, mayBeDone, advice } = classifyCode(failure.code, failure.httpStatus);
  const status = failure.httpStatus === undefined ? '' : ` (HTTP ${failure.httpStatus})`;
  const said =
    SILENT.test(failure.code) || failure.message === undefined ? '' : `: ${clean(failure.message, secrets)}`;
  const code = clean(failure.code, secrets);
  const outcomeUnknown = WRITES.has(api) && mayBeDone;
  return new EciError(sentence(`${api} in ${region} was refused with ${code}${status}${said}`, advice), {
    kind,
    apiCode: code,
    apiName: api,
    region,
    outcomeUnknown,
    ...(failure.httpStatus === undefined ? {} : { httpStatus: failure.httpStatus }),
    ...(failure.requestId === undefined ? {} : { requestId: clean(failure.requestId, secrets) }),
  });
}

/** A call for which no credentials could be had; nothing was sent. */
export function credentialsError({ api, region, secrets }: Attempt, why: string): EciError {
  return new EciError(sentence(`${api} in ${region} was not sent: no credentials: ${clean(why, secrets)}`), {
    kind: 'fatal',
    apiCode: 'InvalidCredentials',
    apiName: api,
    region,
    outcomeUnknown: false,
  });
}

/** A request that this client refuses to send, because the API would take it for something else. */
export function refusedRequest({ api, region }: Attempt, why: string): EciError {
  return new EciError(sentence(`${api} in ${region} was not sent: ${why}`), {
    kind: 'rejected',
    apiCode: 'InvalidRequest',
    apiName: api,
    region,
    outcomeUnknown: false,
  });
}

/** A refusal that the next try of the same call will not meet. */
export function worthAnotherTry(error: EciError, why: string): EciError {
  const { apiCode, apiName, region, httpStatus, requestId } = error;
  return new EciError(sentence(error.message, why), {
    kind: 'unavailable',
    apiCode,
    apiName,
    region,
    outcomeUnknown: false,
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

function unanswered({ api, region }: Attempt, apiCode: string, why: string): EciError {
  const outcomeUnknown = WRITES.has(api);
  return new EciError(
    sentence(
      `${api} in ${region} got no valid answer (${why})`,
      outcomeUnknown ? 'It may have been done all the same.' : undefined,
    ),
    { kind: 'unanswered', apiCode, apiName: api, region, outcomeUnknown },
  );
}

function unreachable({ api, region }: Attempt, code: string): EciError {
  return new EciError(
    sentence(
      `${api} in ${region} could not be sent: ECI cannot be reached (${code})`,
      'Check the network, TAGSWEEP_ECI_ENDPOINT and TAGSWEEP_ECI_NETWORK.',
    ),
    { kind: 'unavailable', apiCode: code, apiName: api, region, outcomeUnknown: false },
  );
}

interface Thrown {
  readonly name: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
}

/** Reads an error of the SDK; where it found no code it writes the word `undefined`. */
function readThrown(thrown: unknown): Thrown {
  const fields = isObject(thrown) ? thrown : {};
  const data = isObject(fields.data) ? fields.data : {};
  return {
    name: textOf(fields.name),
    code: textOf(fields.code),
    message: textOf(data.Message) ?? textOf(data.message),
    httpStatus: typeof fields.statusCode === 'number' ? fields.statusCode : undefined,
    requestId: textOf(data.RequestId) ?? textOf(data.requestId),
  };
}

function sentence(text: string, advice?: string): string {
  const ended = /[.!?…]$/.test(text) ? text : `${text}.`;
  return advice === undefined ? ended : `${ended} ${advice}`;
}

/** Text from outside, short. */
function clean(text: string, secrets: readonly string[] = []): string {
  return describeError(text, 300, secrets);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'undefined' ? value : undefined;
}
