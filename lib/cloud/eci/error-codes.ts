import type { EciErrorKind } from '../../errors.ts';

/** How to take an API error code. */
export interface CodeClass {
  readonly kind: EciErrorKind;
  /** True when the service may have done a part before it failed. */
  readonly mayBeDone: boolean;
  /** What to do about it, for a person; left out where the run deals with it. */
  readonly advice?: string;
}

const CREDENTIALS = 'Check the access key, and the security token that belongs to it.';
const CLOCK = 'Set the clock of this machine: it differs from the service by more than 15 minutes.';
const ACCOUNT = 'Look at the state of the account in the console.';
const PERMISSION =
  'Grant the RAM action to the identity that runs this, or leave the resource out of the scope.';

const throttled: CodeClass = { kind: 'throttled', mayBeDone: false };
const busy: CodeClass = { kind: 'busy', mayBeDone: false };
const failed: CodeClass = { kind: 'unavailable', mayBeDone: true };
const gone: CodeClass = { kind: 'gone', mayBeDone: false };
const rejected: CodeClass = { kind: 'rejected', mayBeDone: false };
const forbidden: CodeClass = { ...rejected, advice: PERMISSION };
const fatal = (advice: string): CodeClass => ({ kind: 'fatal', mayBeDone: false, advice });

/**
 * The error codes of ECI and of the gateway before it.
 *
 * Products disagree about the HTTP status of a code, so where the code is known it alone decides.
 */
const CODES: Readonly<Record<string, CodeClass>> = {
  OperationConflict: busy,
  IncorrectStatus: busy,
  IncorrectStatusDetail: busy,
  // An earlier request with the same ClientToken is still at work.
  LastTokenProcessing: { kind: 'busy', mayBeDone: true },

  InternalError: failed,
  UnknownError: failed,
  ServiceUnavailable: failed,
  ServiceUnavailableTemporary: failed,
  SystemBusy: failed,
  TooManyRequests: throttled,
  SignatureNonceUsed: { kind: 'unavailable', mayBeDone: false },

  'InvalidParameter.NotFound': gone,
  'InvalidResourceId.NotFound': gone,

  NoPermission: forbidden,
  'NoPermission.Tag': {
    ...rejected,
    advice: 'A key of the request is a system tag, or the identity may not change tags.',
  },
  Forbidden: forbidden,
  'Forbidden.RAM': forbidden,
  'Forbidden.SubUser': forbidden,

  'InvalidTimeStamp.Expired': fatal(CLOCK),
  'InvalidTimeStamp.Format': fatal(CLOCK),
  SignatureDoesNotMatch: fatal(CREDENTIALS),
  IncompleteSignature: fatal(CREDENTIALS),
  'InvalidAccessKeyId.NotFound': fatal(CREDENTIALS),
  'InvalidAccessKeyId.Inactive': fatal(CREDENTIALS),
  'InvalidSecurityToken.Expired': fatal('Get new temporary credentials.'),
  'InvalidSecurityToken.Malformed': fatal(CREDENTIALS),
  'InvalidSecurityToken.MismatchWithAccessKey': fatal(CREDENTIALS),
  InvalidCredentials: fatal(CREDENTIALS),
  'Forbidden.UserBussinessStatus': fatal(ACCOUNT),
  'Forbidden.UserNotRealNameAuthentication': fatal(ACCOUNT),
  'Forbidden.RiskControl': fatal(ACCOUNT),
  'Forbidden.AccountClosed': fatal(ACCOUNT),
  'Account.Arrearage': fatal(ACCOUNT),
  // Of one region: others may be open to the account.
  ServiceNotEnabled: {
    ...rejected,
    advice: 'Open the ECI service there, or leave the region out of the scope.',
  },
  'InvalidApi.NotFound': fatal('The endpoint does not know this API: check the endpoint setting.'),
  UnsupportedHTTPMethod: fatal('The endpoint refuses the HTTP method: check the endpoint setting.'),
};

/**
 * Classifies an API error code. One that is not known is told by its status: from 500 up it is the service's own
 * trouble and passes, 429 is a quota, and anything else is permanent for its request.
 *
 * @see ECI reference, section 4.
 */
export function classifyCode(code: string, httpStatus = 0): CodeClass {
  if (/(^|\.)Throttling(\.|$)/.test(code)) return throttled;
  if (code.startsWith('IncorrectStatus.')) return busy;
  if (Object.hasOwn(CODES, code)) return CODES[code]!;
  if (httpStatus >= 500) return failed;
  return httpStatus === 429 ? throttled : rejected;
}
