import type { Chance, Clock } from '../../clock.ts';
import { LogFailure } from './log-failure.ts';

const MAX_ATTEMPTS = 4;
const PAUSE_MS = 100;
const QUOTA_PAUSE_MS = 500;

/** What is kept free before the deadline, so that the run can end in order. */
const DEADLINE_MARGIN_MS = 200;

export interface AttemptOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  /** All attempts and pauses together. */
  readonly budgetMs: number;
  /** Epoch milliseconds. */
  readonly deadlineAtMs?: number | undefined;
  /** Asked before an attempt with newer credentials: whether there are any. */
  readonly hasNewCredentials: () => Promise<boolean>;
}

/**
 * Calls `once` up to four times, with growing pauses and full jitter, within the budget and the deadline.
 * What cannot be helped by another attempt is thrown at once; so is the last failure.
 *
 * @param once gets the time that it may take, and the failure before it.
 * @throws {LogFailure}
 */
export async function attempt<T>(
  once: (timeoutMs: number, before: LogFailure | undefined) => Promise<T>,
  options: AttemptOptions,
): Promise<T> {
  const { clock } = options;
  const endMs = Math.min(
    clock.now() + options.budgetMs,
    (options.deadlineAtMs ?? Number.POSITIVE_INFINITY) - DEADLINE_MARGIN_MS,
  );
  const tried = new Set<string>();
  let before: LogFailure | undefined;
  for (let attempts = 1; ; attempts++) {
    const left = endMs - clock.now();
    if (left <= 0)
      throw before ?? new LogFailure('final', 'DeadlineReached', 'no time was left to ask the service');
    try {
      // Half at most, so that one hanging connection leaves time for another.
      return await once(Math.max(1, Math.min(left, options.budgetMs / 2)), before);
    } catch (error) {
      if (!(error instanceof LogFailure)) throw error;
      before = error;
    }
    if (attempts >= MAX_ATTEMPTS || !(await mayHelp(before, tried, options))) throw before;
    const pauseMs = pauseBefore(before, attempts) * options.chance();
    if (clock.now() + pauseMs >= endMs) throw before;
    await clock.sleep(pauseMs);
  }
}

async function mayHelp(failure: LogFailure, tried: Set<string>, options: AttemptOptions): Promise<boolean> {
  if (failure.kind === 'final') return false;
  if (failure.kind === 'transient' || failure.kind === 'quota') return true;
  if (tried.has(failure.kind)) return false;
  tried.add(failure.kind);
  return failure.kind === 'token' ? options.hasNewCredentials() : true;
}

function pauseBefore(failure: LogFailure, attempts: number): number {
  return (failure.kind === 'quota' ? QUOTA_PAUSE_MS : PAUSE_MS) * 2 ** (attempts - 1);
}
