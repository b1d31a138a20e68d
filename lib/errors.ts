import type { StopCode } from './codes.ts';
import type { Region } from './resource.ts';

/** Base of all errors that this code throws on purpose. The message says what, where, and what to do. */
export class CleanupError extends Error {
  /** Said by hand: the bundle renames classes, and the platform shows this name to whoever called. */
  static override readonly name: string = 'CleanupError';
  readonly code: StopCode;

  constructor(code: StopCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One fault in a policy or a request: lines and columns count from 1. */
export interface PolicyIssue {
  /** Where in the document, such as `remove[0].when.expired`. */
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** What was probably meant, such as the nearest key. */
  readonly suggestion?: string;
}

/** A policy with faults; all of them at once. */
export class PolicyError extends CleanupError {
  static override readonly name: string = 'PolicyError';
  readonly file: string;
  readonly issues: readonly PolicyIssue[];

  constructor(file: string, issues: readonly PolicyIssue[], message: string) {
    super('INVALID_POLICY', message);
    this.file = file;
    this.issues = issues;
  }
}

/** A limit of the policy that the plan passes; a limit of 0 means that none may. */
export class LimitExceededError extends CleanupError {
  static override readonly name: string = 'LimitExceededError';
  readonly limit: 'maxResources' | 'maxTags' | 'maxPercent';
  readonly allowed: number;
  readonly planned: number;

  constructor(
    limit: 'maxResources' | 'maxTags' | 'maxPercent',
    allowed: number,
    planned: number,
    message: string,
  ) {
    super('LIMIT_EXCEEDED', message);
    this.limit = limit;
    this.allowed = allowed;
    this.planned = planned;
  }
}

/** An invocation of the function that could not be submitted, or failed. */
export class InvocationError extends CleanupError {
  static override readonly name: string = 'InvocationError';
  /** True when it certainly did not start: it was refused, or never reached the service. */
  readonly notStarted: boolean;

  constructor(message: string, notStarted: boolean, options?: ErrorOptions) {
    super('INVOCATION_FAILED', message, options);
    this.notStarted = notStarted;
  }
}

/**
 * How an ECI call can fail.
 *
 * - `throttled`: refused by a quota; nothing was done; retried at a lower pace.
 * - `busy`: the resource is in a moving state (OperationConflict, IncorrectStatus); nothing was done; retried a few times.
 * - `unavailable`: the service failed (5xx, SignatureNonceUsed); retried.
 * - `unanswered`: reset, timeout, or an answer that cannot be read; retried with the same ClientToken.
 * - `gone`: a resource of the request does not exist.
 * - `rejected`: permanent for this request or one of its resources.
 * - `fatal`: credentials, account or clock; ends the run.
 */
export type EciErrorKind =
  | 'throttled'
  | 'busy'
  | 'unavailable'
  | 'unanswered'
  | 'gone'
  | 'rejected'
  | 'fatal';

export interface EciErrorDetails {
  readonly kind: EciErrorKind;
  /** The API's own code, or a word of ours (`Unanswered`, `InvalidAnswer`) where it sent none. */
  readonly apiCode: string;
  readonly apiName: string;
  readonly region: Region;
  /** True when the service may have done what was asked although the call failed. */
  readonly outcomeUnknown: boolean;
  readonly httpStatus?: number;
  readonly requestId?: string;
}

/** A failed ECI call. The message is short and redacted: no URL, no signature, no key. */
export class EciError extends CleanupError {
  static override readonly name: string = 'EciError';
  readonly kind: EciErrorKind;
  readonly apiCode: string;
  readonly apiName: string;
  readonly region: Region;
  readonly outcomeUnknown: boolean;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, details: EciErrorDetails, options?: ErrorOptions) {
    super('ECI', message, options);
    this.kind = details.kind;
    this.apiCode = details.apiCode;
    this.apiName = details.apiName;
    this.region = details.region;
    this.outcomeUnknown = details.outcomeUnknown;
    this.httpStatus = details.httpStatus;
    this.requestId = details.requestId;
  }
}

/** Whether a call was refused because of the status that a resource is in. */
export function isStatusRefusal(error: EciError): boolean {
  return error.apiCode === 'IncorrectStatus' || error.apiCode.startsWith('IncorrectStatus.');
}
