import { CODES } from '../codes.ts';
import { CleanupError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { END_NOT_KEPT } from './session.ts';

/** A run that did not do what it was asked for; its records are written, and tell the same. */
export class RunNotDoneError extends CleanupError {
  static override readonly name: string = 'RunNotDoneError';
  readonly report: Report;

  constructor(report: Report) {
    const { runId, outcome, reason, code = 'UNFINISHED' } = report;
    const what = { refused: 'was refused', failure: 'failed' }[outcome as string] ?? 'is not done';
    const hint = CODES[code].passes ? ' It may go well at another time.' : '';
    super(code, `Run ${runId} ${what}: ${reason}${hint}`);
    this.report = report;
  }
}

/**
 * Makes the platform see that an invocation did not do what it was asked for: refused, failed, or left undone with
 * nobody to go on. What it is thrown for counts as an error of the function, is tried again where it was asynchronous, and
 * is kept in the failure queue when it fails for good.
 *
 * @throws {RunNotDoneError}
 */
export function leaveToPlatform(report: Report): Report {
  if (isDone(report)) return report;
  throw new RunNotDoneError(report);
}

/** Whether a run did what it was asked for: what was handed over is its heir's, and single tags may have failed. */
export function isDone({ outcome, code, continuation, children, tags }: Report): boolean {
  if (outcome === 'refused' || outcome === 'failure') return false;
  if (code === 'INVOCATION_FAILED') return false;
  const hasHeir = continuation !== null || children.length > 0;
  return hasHeir || (code === undefined && tags.notReached === 0);
}

/** Whether the log tells of what was thrown: as the end of its run, which the alarms look at. */
export function isRecorded(error: unknown): boolean {
  if (!(error instanceof RunNotDoneError)) return false;
  const { audit, warnings } = error.report;
  return audit !== null && !warnings.some((warning) => warning.startsWith(END_NOT_KEPT));
}
