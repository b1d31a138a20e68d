import type { ApiError } from '../errors.ts';
import { messageOf, statusOf } from '../errors.ts';
import type { Fault } from '../faults.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';

type Body = Readonly<Record<string, unknown>>;

/** A JSON answer as the API sends it. */
export function jsonAnswer(status: number, body: Body, requestId: string): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'access-control-allow-origin': '*',
      'x-acs-request-id': requestId,
    },
    body: JSON.stringify(body),
  };
}

/** The five fields of an error, and those that come with it. */
export function errorAnswer(
  error: Pick<ApiError, 'code' | 'status' | 'message' | 'details'>,
  request: HttpRequest,
  requestId: string,
): HttpResponse {
  return jsonAnswer(
    error.status,
    {
      RequestId: requestId,
      HostId: request.headers.host ?? '',
      Code: error.code,
      Message: error.message,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(error.code)}&product=Eci&requestId=${requestId}`,
      ...error.details,
    },
    requestId,
  );
}

const HTML =
  '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body></body>\r\n</html>\r\n';

/**
 * The answer that a fault makes of the right one.
 *
 * @param right `undefined` when the fault struck before anything was done.
 */
export function faultyAnswer(
  fault: Fault,
  right: HttpResponse | undefined,
  request: HttpRequest,
  requestId: string,
): HttpResponse {
  const whole = right ?? jsonAnswer(200, { RequestId: requestId }, requestId);
  switch (fault.kind) {
    case 'error':
      return errorAnswer(
        {
          code: fault.code,
          status: fault.status ?? statusOf(fault.code),
          message: fault.message ?? messageOf(fault.code),
          details: {},
        },
        request,
        requestId,
      );
    case 'code-in-ok':
      return jsonAnswer(
        200,
        { RequestId: requestId, Code: fault.code, Message: messageOf(fault.code) },
        requestId,
      );
    case 'html':
      return { status: fault.status ?? 503, headers: { 'content-type': 'text/html' }, body: HTML };
    case 'empty':
      return { status: fault.status ?? 502 };
    case 'truncated':
      return { ...whole, body: String(whole.body).slice(0, Math.floor(String(whole.body).length / 2)) };
    case 'cut':
      return { ...whole, delivery: { kind: 'cut' } };
    case 'reset':
      return { ...whole, delivery: { kind: 'reset' } };
    case 'hang':
      return { ...whole, delivery: { kind: 'hang' } };
    case 'trickle':
      return {
        ...whole,
        delivery: { kind: 'trickle', bytes: fault.bytes ?? 1, everyMs: fault.everyMs ?? 50 },
      };
    case 'slow':
      return whole;
  }
}

/** Whether the call is carried out although it meets this fault. */
export function isApplied(fault: Fault | undefined): boolean {
  if (fault === undefined || fault.kind === 'slow' || fault.kind === 'trickle') return true;
  return fault.applied === true;
}
