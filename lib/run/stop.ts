import { CODES } from '../codes.ts';
import { CleanupError, type EciError } from '../errors.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { describeError } from '../redact.ts';
import type { Halt } from '../report/halt.ts';
import type { RunStop } from '../report/summarize.ts';
import { counted } from '../text.ts';

/** Whether an error says no to the run, rather than that something broke. */
export function isRefusal(error: unknown): error is CleanupError {
  return error instanceof CleanupError && CODES[error.code].before === 'refused';
}

/** What an error means for a run that has removed nothing yet. */
export function stopOf(error: unknown): RunStop {
  const code = error instanceof CleanupError ? error.code : 'UNKNOWN';
  return { kind: CODES[code].before, code, reason: describeError(error) };
}

/** What a pulled brake means for a run in its midst. */
export function stopFrom({ code, reason }: Halt): RunStop {
  return { kind: CODES[code].during, code, reason };
}

/**
 * What it means for the run that some resources could not be read, and were left alone for that.
 *
 * @param error - the first failure; left out: the time ended first, or they are all doubted.
 * @param doubted - how many of them the list does not show, while nothing else says that they are gone.
 */
export function stopUnread(resources: number, error: EciError | undefined, doubted = 0): RunStop {
  if (error === undefined && doubted > 0) {
    return {
      kind: 'cut',
      code: 'ECI',
      reason: `${counted(doubted, 'resource')} of those that are meant are not listed any more, and nothing else says that they are gone, so that they were left alone: may this identity still list them? \`tagsweep doctor\` tells.`,
    };
  }
  const isTime = error === undefined || wasNotSent(error);
  const why = error === undefined ? 'the time ended first.' : error.message;
  return {
    kind: error?.kind === 'fatal' ? 'failed' : 'cut',
    code: isTime ? 'TIME' : error.kind === 'throttled' ? 'THROTTLED' : 'ECI',
    reason: `${resources} resources could not be read, and were left alone: ${why}`,
  };
}
