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

/** The service's own name for it, and the one that other services of the cloud have. */
const REQUEST_ID_HEADERS = ['x-log-requestid', 'x-acs-request-id', 'x-acs-requestid'];

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
    const requestId = REQUEST_ID_HEADERS.map((name) => textHeader(answer, name)).find(Boolean);
    this.requestId = requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined;
    const dateMs = Date.parse(textHeader(answer, 'date') ?? '');
    const timeMs = Number(textHeader(answer, 'x-log-time')) * 1000;
    this.serverNowMs = [dateMs, timeMs].find((ms) => ms > 0);
  }
}

/** What plain codes say: the service's pages disagree about letters and endings, and newer ones have other words. */
const KINDS: readonly (readonly [RegExp, FailureKind])[] = [
  [/requesttime(?!out)/, 'clock'],
  [/^signature(?:does)?notmatch/, 'signature'],
  [/^unauthorized|securitytoken/, 'token'],
  [/(?:read|write)quotaexceed|qpslimitexceed|^throttl/, 'quota'],
  [/^internal(?:server)?error|^requesttimeout|^serverbusy/, 'transient'],
];

/** A code without case, separators and a plural's ending: `ProjectNotExists` and `Project.NotExist` are one. */
export function plainCode(code: string): string {
  return code
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/s$/, '');
}

/**
 * Whether an answer is the service's, and a success. Without a mark of the cloud something in between answered; an
 * error may come with a status of success.
 */
export function refusalOf(answer: Answer, secrets: readonly string[]): LogFailure | undefined {
  if (answer.status < 200 || answer.status > 299) return failureOf(answer, secrets);
  if (!Object.keys(answer.headers).some((name) => /^x-(?:log|acs)-/.test(name)))
    return invalidAnswer(
      answer,
      'an answer that the log service did not mark as its own, as from a proxy (no header x-log-requestid)',
    );
  return readError(answer) === undefined ? undefined : failureOf(answer, secrets);
}

/** The failure that an answer tells; the first thing looked at is the status, since a proxy sends no code. */
function failureOf(answer: Answer, secrets: readonly string[]): LogFailure {
  const { code, message } = readError(answer) ?? {
    code: `Http${answer.status}`,
    message: 'an answer without an error code, as from a proxy',
  };
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
  const kind = KINDS.find(([pattern]) => pattern.test(plainCode(code)))?.[1];
  // A denial stays one, however new the token.
  if (kind === 'token' && /denied by|does not belong/i.test(message)) return 'final';
  if (kind !== undefined) return kind;
  if (status === 429) return 'quota';
  return status >= 500 ? 'transient' : 'final';
}

/** Codes that are none. */
const SUCCESS = /^(?:ok|success|0|200)?$/i;

/** The error that a body tells, however its fields are spelled, on top or within `error`; `undefined`: it tells none. */
function readError({ body }: Answer): { readonly code: string; readonly message: string } | undefined {
  // A page of rows is a list, and may be large.
  if (body[0] === LIST_BEGINS) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    // Nothing at all, or no JSON: a proxy answered.
    return undefined;
  }
  const top = plainFields(value);
  const inner = plainFields(top.get('error'));
  const fields = inner.size > 0 ? inner : top;
  const code = fields.get('errorcode') ?? fields.get('code');
  if (typeof code !== 'string' || SUCCESS.test(code)) return undefined;
  return { code, message: String(fields.get('errormessage') ?? fields.get('message') ?? '') };
}

const LIST_BEGINS = '['.charCodeAt(0);

function plainFields(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).map(([name, field]) => [name.toLowerCase().replace(/[^a-z]/g, ''), field]),
  );
}

function textHeader(answer: Answer | undefined, name: string): string | undefined {
  const value = answer?.headers[name];
  return typeof value === 'string' ? value : undefined;
}
