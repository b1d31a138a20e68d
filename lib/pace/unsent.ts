import { EciError } from '../errors.ts';
import type { ApiName } from '../ports.ts';
import type { Region } from '../resource.ts';

/** `apiCode` of a call that was not sent because the deadline came first. */
export const DEADLINE_REACHED = 'DeadlineReached';
/** `apiCode` of a call that was not sent because the run was stopped; `cause` tells why. */
export const STOPPED = 'Stopped';

const WHY = {
  [DEADLINE_REACHED]: 'the time of the run ends before its turn comes',
  [STOPPED]: 'the run was stopped before its turn came',
} as const;

/** Whether a call was never sent: nothing was done, and nothing is wrong with what it asked for. */
export function wasNotSent(error: unknown): boolean {
  return (
    error instanceof EciError &&
    !error.outcomeUnknown &&
    (error.apiCode === DEADLINE_REACHED || error.apiCode === STOPPED)
  );
}

/** The failure of a call that was never sent. */
export function notSent(api: ApiName, region: Region, apiCode: keyof typeof WHY, cause: unknown): EciError {
  return new EciError(
    `${api} in ${region} was not sent: ${WHY[apiCode]}.`,
    { kind: 'unavailable', apiCode, apiName: api, region, outcomeUnknown: false },
    cause === undefined ? undefined : { cause },
  );
}

/** The last failure of a call; if an earlier try was left unanswered, it says that it may have been done. */
export function stillUnknown(last: EciError, unanswered: EciError | undefined): EciError {
  if (unanswered === undefined || last.outcomeUnknown) return last;
  const { kind, apiCode, apiName, region, httpStatus, requestId } = last;
  return new EciError(
    `${last.message} An earlier try of the same call had no answer (${unanswered.apiCode}), so it may have been done all the same.`,
    {
      kind,
      apiCode,
      apiName,
      region,
      outcomeUnknown: true,
      ...(httpStatus === undefined ? {} : { httpStatus }),
      ...(requestId === undefined ? {} : { requestId }),
    },
    { cause: last },
  );
}
