import type { Clock, TimeLeft } from '../clock.ts';

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
