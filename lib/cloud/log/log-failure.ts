import { describeError } from '../../redact.ts';
import type { Answer } from './exchange.ts';

/**
 * What to do about a failed call.
 *
 * `transient`: again, after a pause. `quota`: again, after a longer one. `clock`, `signature`, `token`:
 * once more, with a corrected date, fresh credentials, or only if there are newer credentials. `final`:
 * nothing helps.
 */
export type FailureKind = 'transient' | 'quota' | 'clock' | 'signature' | 'token' | 'final';

/** What the service names a request by; anything else in its place could be a text of somebody else's. */
const REQUEST_ID = /^[0-9A-Fa-f-]{1,64}$/;

/** One failed call of the log service; its message is redacted. */
export class LogFailure extends Error {
  readonly kind: FailureKind;
  /** The service's own code, or `NoAnswer`, `InvalidAnswer`, `Http503` where it sent none. */
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** The service's clock, epoch milliseconds. */
  readonly serverNowMs: number | undefined;

  constructor(kind: FailureKind, code: string, message: string, answer?: Answer, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogFailure';
    this.kind = kind;
    this.code = code;
    this.status = answer?.status;
    const requestId = textHeader(answer, 'x-log-requestid');
    this.requestId = requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined;
    const date = Date.parse(textHeader(answer, 'date') ?? '');
    this.serverNowMs = Number.isNaN(date) ? undefined : date;
  }
}

/** Codes in lower case: the service's pages disagree about letters. */
const KINDS: Readonly<Record<string, FailureKind>> = {
  requesttimetooskewed: 'clock',
  requesttimeexpired: 'clock',
  signaturenotmatch: 'signature',
  unauthorized: 'token',
  writequotaexceed: 'quota',
  shardwritequotaexceed: 'quota',
  readquotaexceed: 'quota',
  shardreadquotaexceed: 'quota',
  metaoperationqpslimitexceeded: 'quota',
  internalservererror: 'transient',
  requesttimeout: 'transient',
  serverbusy: 'transient',
};

/** The failure that an answer tells; the first thing looked at is the status, since a proxy sends no code. */
export function failureOf(answer: Answer, secrets: readonly string[]): LogFailure {
  const { code, message } = readError(answer);
  const kind = kindOf(code, message, answer.status);
  return new LogFailure(
    kind,
    describeError(code, 100, secrets),
    describeError(message, 600, secrets),
    answer,
  );
}

/** No answer at all, or none that can be read: the service may have done what was asked. */
export function noAnswer(error: unknown, secrets: readonly string[]): LogFailure {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'NoAnswer';
  return new LogFailure('transient', code, describeError(error, 600, secrets), undefined, { cause: error });
}

export function invalidAnswer(answer: Answer, what: string): LogFailure {
  return new LogFailure('transient', 'InvalidAnswer', what, answer);
}

function kindOf(code: string, message: string, status: number): FailureKind {
  const kind = KINDS[code.toLowerCase()];
  // A denial stays one, however new the token.
  if (kind === 'token' && /denied by|does not belong/i.test(message)) return 'final';
  if (kind !== undefined) return kind;
  if (status === 429) return 'quota';
  return status >= 500 ? 'transient' : 'final';
}

function readError(answer: Answer): { readonly code: string; readonly message: string } {
  try {
    const value: unknown = JSON.parse(answer.body.toString());
    if (
      typeof value === 'object' &&
      value !== null &&
      'errorCode' in value &&
      typeof value.errorCode === 'string'
    ) {
      const message = 'errorMessage' in value ? String(value.errorMessage) : '';
      return { code: value.errorCode, message };
    }
  } catch {
    // No JSON: a proxy answered.
  }
  return { code: `Http${answer.status}`, message: 'an answer without an error code, as from a proxy' };
}

function textHeader(answer: Answer | undefined, name: string): string | undefined {
  const value = answer?.headers[name];
  return typeof value === 'string' ? value : undefined;
}
