import type { HttpResponse } from '../http.ts';

/** The status that each code comes with. */
const STATUS: Readonly<Record<string, number>> = {
  MissingContentLength: 411,
  InvalidContentType: 415,
  SignatureNotMatch: 401,
  Unauthorized: 401,
  InvalidAccessKeyId: 401,
  WriteQuotaExceed: 403,
  ShardWriteQuotaExceed: 403,
  ProjectForbidden: 403,
  MetaOperationQpsLimitExceeded: 403,
  ProjectNotExist: 404,
  LogStoreNotExist: 404,
  DashboardNotExist: 404,
  SavedSearchNotExist: 404,
  JobNotExist: 404,
  PostBodyTooLarge: 413,
  MethodNotSupported: 405,
  InternalServerError: 500,
  RequestTimeout: 500,
  ServerBusy: 503,
};

/** What the service answers when it refuses; 400 unless the code has another status. */
export class SlsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = STATUS[code] ?? 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function errorResponse(error: SlsError, requestId: string): HttpResponse {
  return jsonResponse({ errorCode: error.code, errorMessage: error.message }, requestId, error.status);
}

export function jsonResponse(
  value: unknown,
  requestId: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...commonHeaders(requestId), ...headers },
    body: JSON.stringify(value),
  };
}

/** Success without a body has no content type: clients would try to read JSON. */
export function emptyResponse(requestId: string): HttpResponse {
  return { status: 200, headers: commonHeaders(requestId) };
}

function commonHeaders(requestId: string): Readonly<Record<string, string>> {
  return { server: 'Tengine', 'x-log-requestid': requestId };
}
