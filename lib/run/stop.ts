import { CleanupError, type EciError } from '../errors.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { describeError } from '../redact.ts';
import type { Halt } from '../report/halt.ts';
import type { StopCode } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';

/** Codes that refuse a run before anything was removed. */
const REFUSALS: readonly string[] = [
  'INVENTORY_INCOMPLETE',
  'DIGEST_MISMATCH',
  'LIMIT_EXCEEDED',
  'PLAN_UNPROVED',
  'PLAN_REFUSED',
  'AUDIT_UNAVAILABLE',
  'INVALID_POLICY',
  'INTERRUPTED',
];

/** Whether an error says no to the run, rather than that something broke. */
export function isRefusal(error: unknown): error is CleanupError {
  return error instanceof CleanupError && REFUSALS.includes(error.code);
}

/** What an error means for the run. */
export function stopOf(error: unknown): RunStop {
  return {
    kind: isRefusal(error) ? 'refused' : 'failed',
    code: error instanceof CleanupError ? error.code : 'UNKNOWN',
    reason: describeError(error),
  };
}

const CODE_OF: Readonly<Record<Halt['cause'], StopCode>> = {
  time: 'TIME',
  interrupted: 'INTERRUPTED',
  throttled: 'THROTTLED',
  budget: 'MAX_FAILURES',
  canary: 'CANARY',
  fatal: 'ECI',
  journal: 'AUDIT_UNAVAILABLE',
  gate: 'GATE_CLOSED',
};

/** What a pulled brake means for the run: time and throttling leave work for another run. */
export function stopFrom(halt: Halt): RunStop {
  const leavesWork = halt.cause === 'time' || halt.cause === 'interrupted' || halt.cause === 'throttled';
  const kind = leavesWork ? 'cut' : 'failed';
  return { kind, code: CODE_OF[halt.cause], reason: halt.reason };
}

/**
 * What it means for the run that some resources could not be read, and were left alone for that.
 *
 * @param error - the first failure; left out: the time ended first.
 */
export function stopUnread(resources: number, error: EciError | undefined): RunStop {
  const isTime = error === undefined || wasNotSent(error);
  const why = error === undefined ? 'the time ended first.' : error.message;
  return {
    kind: error?.kind === 'fatal' ? 'failed' : 'cut',
    code: isTime ? 'TIME' : error.kind === 'throttled' ? 'THROTTLED' : 'ECI',
    reason: `${resources} resources could not be read, and were left alone: ${why}`,
  };
}
