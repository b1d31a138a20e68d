import type { Fault } from '../faults.ts';
import type { HttpResponse } from '../http.ts';
import { errorResponse, SlsError } from './errors.ts';

/** Whether a call that meets this fault is carried out all the same. */
export function isApplied(fault: Fault): boolean {
  return fault.kind === 'slow' || fault.kind === 'trickle' || fault.applied === true;
}

/** What a call that meets a fault is answered with; `truth` is the right answer. */
export function answerFault(fault: Fault, truth: HttpResponse, requestId: string): HttpResponse {
  switch (fault.kind) {
    case 'error':
      return errorResponse(
        new SlsError(fault.code, fault.message ?? `${fault.code} by request.`, fault.status),
        requestId,
      );
    case 'code-in-ok':
      return errorResponse(new SlsError(fault.code, `${fault.code} by request.`, 200), requestId);
    case 'html':
      return {
        status: fault.status ?? 502,
        headers: { 'content-type': 'text/html', server: 'Tengine' },
        body: '<html><head><title>502 Bad Gateway</title></head><body>Tengine</body></html>',
      };
    case 'empty':
      return { status: fault.status ?? 503 };
    case 'truncated': {
      const body = Buffer.from(truth.body ?? '');
      return { ...truth, body: body.subarray(0, Math.floor(body.length / 2)) };
    }
    case 'cut':
      return { ...truth, body: truth.body ?? 'cut', delivery: { kind: 'cut' } };
    case 'reset':
      return { ...truth, delivery: { kind: 'reset' } };
    case 'hang':
      return { ...truth, delivery: { kind: 'hang' } };
    case 'trickle':
      return {
        ...truth,
        delivery: { kind: 'trickle', bytes: fault.bytes ?? 64, everyMs: fault.everyMs ?? 5 },
      };
    case 'slow':
      return truth;
  }
}
