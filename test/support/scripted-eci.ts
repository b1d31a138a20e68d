import type { Clock } from '../../lib/clock.ts';
import { EciError, type EciErrorKind } from '../../lib/errors.ts';
import type { EciApi, UntagRequest } from '../../lib/ports.ts';

/** A request that any test may send. */
export const anUntagRequest: UntagRequest = {
  region: 'cn-hangzhou',
  type: 'ContainerGroup',
  ids: ['eci-1'],
  keys: ['ci-run'],
  clientToken: 'token',
};

export function aFailure(kind: EciErrorKind, outcomeUnknown = kind === 'unanswered'): EciError {
  return new EciError(`UntagResources in cn-hangzhou failed: ${kind}.`, {
    kind,
    apiCode: kind,
    apiName: 'UntagResources',
    region: 'cn-hangzhou',
    outcomeUnknown,
  });
}

/** An ECI that answers from a script, and then always succeeds; it notes when each call left. */
export function scriptedEci(clock: Clock, script: readonly (EciErrorKind | 'ok')[] = [], roundTripMs = 100) {
  const sent: { readonly atMs: number; readonly request: UntagRequest }[] = [];
  const answers = [...script];
  let inFlight = 0;
  let peak = 0;
  const answer = async <T>(value: T): Promise<T> => {
    const next = answers.shift() ?? 'ok';
    inFlight += 1;
    peak = Math.max(peak, inFlight);
    await clock.sleep(roundTripMs);
    inFlight -= 1;
    if (next !== 'ok') throw aFailure(next);
    return value;
  };
  const eci: EciApi = {
    describeRegions: () => answer(['cn-hangzhou']),
    listResources: () => answer({ items: [] }),
    listContainerGroupStatus: () => answer({ items: [] }),
    listTagResources: () => answer({ items: [] }),
    untagResources: (untag) => {
      sent.push({ atMs: clock.now(), request: untag });
      return answer({ requestId: 'R' });
    },
    tagResources: () => answer({ requestId: 'R' }),
  };
  return { eci, sent, peak: () => peak };
}
