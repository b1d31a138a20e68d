import { CleanupError } from '../errors.ts';
import type { Report, StopCode } from '../report/report.ts';
import type { CleanupRequest } from './request.ts';

/** Why an event may be left undone, or half done, and would go better at another time. */
const PASSING: readonly (StopCode | undefined)[] = [
  'TIME',
  'THROTTLED',
  'INVENTORY_INCOMPLETE',
  'AUDIT_UNAVAILABLE',
  'ECI',
];

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
  if (request.trigger.type !== 'event' || request.mode !== 'apply' || !PASSING.includes(report.code)) return;
  throw new CleanupError(
    'UNFINISHED',
    `Run ${report.runId} is not done with its event, and should be tried again: ${report.reason}`,
  );
}
