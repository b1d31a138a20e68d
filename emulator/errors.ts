/** An error as the API tells it. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further fields of the body, such as `AccessDeniedDetail`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message?: string,
    details: Readonly<Record<string, unknown>> = {},
    status: number = statusOf(code),
  ) {
    super(message ?? messageOf(code));
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** Codes with their HTTP status and the sentence sent with them; any other code is a 400. */
const KNOWN: Readonly<Record<string, readonly [status: number, message: string]>> = {
  OperationConflict: [400, 'Request was denied due to conflict with a previous request.'],
  IncorrectStatus: [400, 'The current status of the resource does not support this operation.'],
  'NoPermission.Tag': [400, 'You are not authorized to operate the specified tag.'],
  'NumberExceed.Tags': [400, 'The maximum number of tags is exceeded.'],
  Throttling: [400, 'Request was denied due to request throttling.'],
  'Throttling.User': [400, 'Request was denied due to user flow control.'],
  'Throttling.Api': [400, 'Request was denied due to api flow control.'],
  InternalError: [500, 'The request processing has failed due to some unknown error.'],
  ServiceUnavailable: [503, 'The request has failed due to a temporary failure of the server.'],
  UnknownError: [500, 'The request processing has failed due to some unknown error.'],
  ServiceUnavailableTemporary: [503, 'The service is temporarily unavailable.'],
  SystemBusy: [400, 'The system is busy.'],
  TooManyRequests: [429, 'Too many requests.'],
  IncorrectStatusDetail: [403, 'The current status of the resource does not support this operation.'],
  SignatureNonceUsed: [400, 'Specified signature nonce was used already.'],
  'InvalidTimeStamp.Expired': [400, 'Specified time stamp or date value is expired.'],
  'InvalidTimeStamp.Format': [400, 'Specified time stamp or date value is not well formatted.'],
  SignatureDoesNotMatch: [400, 'Specified signature is not matched with our calculation.'],
  IncompleteSignature: [400, 'The request signature does not conform to the standards.'],
  'InvalidAccessKeyId.NotFound': [404, 'Specified access key is not found.'],
  'InvalidAccessKeyId.Inactive': [400, 'Specified access key is disabled.'],
  'InvalidSecurityToken.Expired': [400, 'Specified SecurityToken is expired.'],
  'InvalidSecurityToken.Malformed': [400, 'Specified SecurityToken is malformed.'],
  'InvalidSecurityToken.MismatchWithAccessKey': [400, 'Specified SecurityToken mismatch with the AccessKey.'],
  NoPermission: [403, 'You are not authorized to do this operation.'],
  Forbidden: [403, 'User not authorized to operate on the specified resource.'],
  'Forbidden.SubUser': [403, 'The specified action is not available for you.'],
  'Forbidden.RAM': [403, 'User not authorized to operate on the specified resource.'],
  'Forbidden.UserBussinessStatus': [403, 'Your account has an outstanding payment or is restricted.'],
  'Forbidden.UserNotRealNameAuthentication': [403, 'Your account has not passed real-name authentication.'],
  'Forbidden.RiskControl': [403, 'This operation is not permitted by risk control.'],
  'Forbidden.AccountClosed': [403, 'This account has been closed.'],
  'Account.Arrearage': [400, 'Your account has an outstanding payment.'],
  ServiceNotEnabled: [400, 'The service is not enabled for this account.'],
  MissingParameter: [400, 'A mandatory parameter is missing.'],
  InvalidParameter: [400, 'A parameter is not valid.'],
  'InvalidParameter.LengthExceeded': [400, 'A parameter is too long.'],
  'InvalidParameter.NotFound': [404, 'The specified resource does not exist.'],
  'InvalidResourceId.NotFound': [404, 'The specified ResourceId is not found.'],
  'InvalidRegionId.NotFound': [404, 'The specified RegionId does not exist.'],
  IdempotentParameterMismatch: [
    400,
    'The request uses the same client token as a previous, but non-identical request.',
  ],
  LastTokenProcessing: [400, 'The last request with this client token is still being processed.'],
  'InvalidApi.NotFound': [404, 'Specified api is not found, please check your url and method.'],
  UnsupportedHTTPMethod: [400, 'This http method is not supported.'],
};

/** Every code of the table, for tests that try each. */
export const KNOWN_CODES: readonly string[] = Object.keys(KNOWN);

/** The HTTP status that goes with a code. */
export function statusOf(code: string): number {
  return KNOWN[code]?.[0] ?? 400;
}

/** The sentence that goes with a code. */
export function messageOf(code: string): string {
  return KNOWN[code]?.[1] ?? 'The request was refused.';
}

/** A mandatory parameter that was not sent. */
export function missing(name: string): ApiError {
  return new ApiError(
    'MissingParameter',
    `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
  );
}

/** A parameter that was sent, and is wrong. */
export function invalid(name: string, why: string): ApiError {
  return new ApiError('InvalidParameter', `The specified parameter "${name}" is not valid: ${why}.`);
}
