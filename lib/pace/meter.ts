import type { Chance, Clock } from '../clock.ts';
import { EciError, type EciErrorKind, isStatusRefusal } from '../errors.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import type { ApiName, EciApi, UntagRequest } from '../ports.ts';
import type { Region } from '../resource.ts';
import { type CallCounts, countCall, newCounts } from './counts.ts';
import { createPacer, type Pace, type SentBefore } from './pacer.ts';
import { createRetryBudget, retryDelayMs } from './retry.ts';
import { DEADLINE_REACHED, notSent, STOPPED, stillUnknown, wasNotSent } from './unsent.ts';

/** An ECI that keeps the pace, retries, and counts what it sent. */
export interface MeteredEci extends EciApi {
  /** Live: what was sent up to now, retries included. */
  readonly counts: CallCounts;
  /**
   * How long the slowest call took so far, milliseconds. On the wire alone: what waits for its turn or for a
   * retry says nothing about how long the last call before a deadline may take.
   */
  slowestCallMs(): number;
  /** What was sent in the last minute, for whoever goes on with the run. */
  sent(): readonly SentBefore[];
}

export interface MeterOptions {
  readonly pace: Pace;
  readonly clock: Clock;
  readonly chance: Chance;
  /** What was sent just before, by the run that this one goes on with. */
  readonly before?: readonly SentBefore[] | undefined;
  /** Nothing is sent from this instant on. Epoch milliseconds. */
  readonly deadlineAtMs?: number;
  /** Ends everything that waits; calls in flight go on to their end. */
  readonly signal?: AbortSignal;
}

/** DescribeRegions is not sent to the region of anything. */
const ANYWHERE = 'any region';

/**
 * Wraps an `EciApi`: bounds the calls in flight per region, paces per API and region, retries by kind of
 * failure with one budget for all, and counts.
 *
 * The rejection is the last failure. Its `outcomeUnknown` is true when any try of the call was left
 * unanswered: a later refusal does not tell what that one did. A `fatal` failure is never retried, and ends
 * everything that waits. What was never sent is told by `wasNotSent`. The same request object is sent again,
 * so its ClientToken is too.
 */
export function meterEci(eci: EciApi, options: MeterOptions): MeteredEci {
  const { pace, clock, chance, signal } = options;
  const deadlineAtMs = options.deadlineAtMs ?? Number.POSITIVE_INFINITY;
  const counts = newCounts();
  const budget = createRetryBudget();
  const pacer = createPacer({ pace, clock, deadlineAtMs, before: options.before });
  const halt = new AbortController();
  /** One for each call that waits before its next try: a single signal warns of many listeners. */
  const alarms = new Set<AbortController>();

  const stop = (reason: unknown) => {
    halt.abort(reason);
    pacer.stop();
    for (const alarm of alarms) alarm.abort();
  };
  if (signal?.aborted) stop(signal.reason);
  else signal?.addEventListener('abort', () => stop(signal.reason));

  let slowestMs = 0;
  const timed = async <T>(send: () => Promise<T>): Promise<T> => {
    const startedAtMs = clock.now();
    try {
      return await send();
    } finally {
      slowestMs = Math.max(slowestMs, clock.now() - startedAtMs);
    }
  };

  const attempt = async <T>(api: ApiName, region: Region, again: boolean, send: () => Promise<T>) => {
    try {
      return await pacer.schedule(api, region, () => {
        countCall(counts, api, again);
        return timed(send);
      });
    } catch (refusal) {
      if (refusal === STOPPED || refusal === DEADLINE_REACHED)
        throw notSent(api, region, refusal, halt.signal.reason);
      throw refusal;
    }
  };

  /** Waits before the next try; false when there is none: no patience, no budget, no time. */
  const waitToRetry = async (error: EciError, tries: number, isFinal: boolean): Promise<boolean> => {
    const delayMs = isFinal || wasNotSent(error) ? undefined : retryDelayMs(error.kind, tries, chance);
    if (delayMs === undefined || halt.signal.aborted) return false;
    if (clock.now() + delayMs >= deadlineAtMs || !budget.take()) return false;
    const alarm = new AbortController();
    alarms.add(alarm);
    await clock.sleep(delayMs, alarm.signal).catch(() => undefined);
    alarms.delete(alarm);
    return !halt.signal.aborted;
  };

  const note = (error: EciError) => {
    if (error.kind === 'throttled') counts.throttled += 1;
    if (error.kind === 'fatal') stop(error);
  };

  const call = async <T>(
    api: ApiName,
    region: Region,
    send: () => Promise<T>,
    isFinal: (error: EciError) => boolean = () => false,
  ): Promise<T> => {
    const tries: Partial<Record<EciErrorKind, number>> = {};
    let unanswered: EciError | undefined;
    for (let again = false; ; again = true) {
      try {
        const answer = await attempt(api, region, again, send);
        budget.earn();
        return answer;
      } catch (error) {
        if (!(error instanceof EciError)) throw error;
        note(error);
        if (error.outcomeUnknown) unanswered = error;
        tries[error.kind] = (tries[error.kind] ?? 0) + 1;
        if (!(await waitToRetry(error, tries[error.kind]!, isFinal(error))))
          throw stillUnknown(error, unanswered);
      }
    }
  };

  const change = <T>(
    api: ApiName,
    { region, inFinalStatus }: Pick<UntagRequest, 'region' | 'inFinalStatus'>,
    send: () => Promise<T>,
  ) => call(api, region, send, inFinalStatus ? isStatusRefusal : undefined);

  return {
    counts,
    slowestCallMs: () => slowestMs,
    sent: pacer.sent,
    describeRegions: () => call('DescribeRegions', ANYWHERE, () => eci.describeRegions()),
    listResources: (query) =>
      call(RESOURCE_KINDS[query.type].list.api, query.region, () => eci.listResources(query)),
    listContainerGroupStatus: (query) =>
      call('DescribeContainerGroupStatus', query.region, () => eci.listContainerGroupStatus(query)),
    listTagResources: (query) => call('ListTagResources', query.region, () => eci.listTagResources(query)),
    untagResources: (request) => change('UntagResources', request, () => eci.untagResources(request)),
    tagResources: (request) => change('TagResources', request, () => eci.tagResources(request)),
  };
}
