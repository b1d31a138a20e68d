import type { Clock, TimeLeft } from '../clock.ts';
import type { ReadByIdsResult } from './by-id.ts';

/** Pauses before what does not show yet is looked for once more; ECI does not say how long a change takes. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000] as const;

/** So long after a change everybody is taken to see it, milliseconds. */
export const PATIENCE_MS = PAUSES_MS.reduce((sum, pauseMs) => sum + pauseMs, 0);

export interface PatienceOptions {
  readonly clock: Clock;
  readonly time: Pick<TimeLeft, 'leftMs'>;
  /** Asked before each pause. */
  readonly isWaiting: () => boolean;
  readonly look: () => Promise<unknown>;
  /** How long a change is known to take until it shows, milliseconds: patience is never less than twice that. */
  readonly visibleAfterMs?: number | undefined;
}

/** What was waited for, and what the last look could not read of it. */
export interface LookedAgain {
  /** False when time ended before patience did, or the account was refused: what does not show may only show late. */
  readonly isSettled: boolean;
  /** Asked for by the last look, and not read: an earlier look does not tell how it is now. */
  readonly unread: ReadByIdsResult['unread'];
}

/**
 * Reads again until nothing is waited for, as `lookAgain` does, and no longer than the account is let in.
 *
 * @param read - reads what is waited for.
 */
export async function readAgain({
  read,
  isWaiting,
  ...options
}: Omit<PatienceOptions, 'look'> & {
  readonly read: () => Promise<ReadByIdsResult>;
}): Promise<LookedAgain> {
  let last: ReadByIdsResult = { unread: [] };
  const isSettled = await lookAgain({
    ...options,
    isWaiting: () => isWaiting() && last.error?.kind !== 'fatal',
    look: async () => {
      last = await read();
    },
  });
  return { isSettled: isSettled && last.error?.kind !== 'fatal', unread: last.unread };
}

/**
 * Looks again after growing pauses, until nothing is waited for.
 *
 * @returns false when time ended before patience did: what does not show then may only show late.
 */
export async function lookAgain({
  clock,
  time,
  isWaiting,
  look,
  visibleAfterMs = 0,
}: PatienceOptions): Promise<boolean> {
  const longest = PAUSES_MS.at(-1)!;
  const more = Math.ceil(Math.max(0, 2 * visibleAfterMs - PATIENCE_MS) / longest);
  for (const pauseMs of [...PAUSES_MS, ...Array<number>(more).fill(longest)]) {
    if (!isWaiting()) return true;
    if (time.leftMs() <= pauseMs) return false;
    await clock.sleep(pauseMs);
    await look();
  }
  return true;
}
