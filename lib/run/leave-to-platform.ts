import { CODES } from '../codes.ts';
import { CleanupError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import type { CleanupRequest } from './request.ts';

/**
 * Makes the platform try an invocation again where nobody else will go on with its work.
 *
 * An event comes once: what time, a throttle, or a service that is away left of it would stay undone, so it
 * is thrown, after the last record. The platform tries again with growing pauses, and keeps what fails for
 * good in the failure queue. A limit, or tags that cannot be removed, would be no different the next time.
 *
 * @throws {CleanupError} code `INVOCATION_FAILED` where a hand-over failed; `UNFINISHED` for an event.
 */
export function leaveToPlatform(request: CleanupRequest, report: Report): void {
  if (report.code === 'INVOCATION_FAILED') throw new CleanupError('INVOCATION_FAILED', report.reason);
  if (request.trigger.type !== 'event' || request.mode !== 'apply' || !isPassing(report)) return;
  throw new CleanupError(
    'UNFINISHED',
    `Run ${report.runId} is not done with its event, and should be tried again: ${report.reason}`,
  );
}

/** Whether what was left undone would go better at another time. */
function isPassing({ code }: Report): boolean {
  return code !== undefined && CODES[code].passes;
}
