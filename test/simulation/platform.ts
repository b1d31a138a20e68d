import { InvocationError } from '../../lib/errors.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Invoker } from '../../lib/ports.ts';
import { type ContinuationPayload, chainRunId, continuationSchema } from '../../lib/run/chain.ts';
import type { CleanupRequest } from '../../lib/run/request.ts';
import { aRequest } from '../support/runs.ts';
import type { Random } from './random.ts';
import type { Weather } from './weather.ts';

/** One try of what the platform has to do. */
export interface Task {
  readonly first: CleanupRequest;
  /** Left out: the invocation that began it all. */
  readonly payload?: ContinuationPayload;
  /** The try that asked for it; left out where nobody did. */
  readonly parent?: Task;
  readonly tries: number;
}

/** Starts what is asked of it, each task id once, and tries again what broke. */
export interface Platform {
  readonly invoker: Invoker;
  /** What was submitted, each task once. */
  readonly accepted: readonly ContinuationPayload[];
  /** Broken promises, one sentence each. */
  readonly faults: string[];
  begin(first: CleanupRequest): void;
  next(): Task | undefined;
  /** An asynchronous invocation that failed is tried again, three times in all. */
  tryAgain(task: Task): void;
}

const MOST_TRIES = 3;

export function createPlatform(random: Random, weather: Weather): Platform {
  const waiting: Task[] = [];
  const known = new Set<string>();
  const accepted: ContinuationPayload[] = [];
  const faults: string[] = [];
  let first: CleanupRequest | undefined;
  let current: Task | undefined;
  return {
    accepted,
    faults,
    invoker: {
      call: async () => undefined,
      submit: async (payload, taskId) => {
        if (weather.bad && random.chance(0.1)) {
          weather.count('submission refused');
          throw new InvocationError('status 503', true);
        }
        const text = JSON.stringify(payload);
        if (text.length > 128_000) faults.push('a payload above what the platform takes');
        const isKnown = known.has(taskId);
        known.add(taskId);
        if (!isKnown) {
          const own = continuationSchema.parse(JSON.parse(text));
          accepted.push(own);
          waiting.push({ first: first!, payload: own, tries: 0, ...(current && { parent: current }) });
        }
        if (weather.bad && random.chance(0.1)) {
          weather.count('submission without answer');
          throw new InvocationError('no answer', false);
        }
        return isKnown ? 'duplicate' : 'accepted';
      },
    },
    begin(request) {
      first = request;
      waiting.push({ first: request, tries: 0 });
    },
    next() {
      current = waiting.shift();
      return current;
    },
    tryAgain(task) {
      const tries = task.tries + 1;
      if (tries >= MOST_TRIES) return;
      weather.count('invocation tried again');
      waiting.unshift({ ...task, tries });
    },
  };
}

/** What the handler makes of a continuation. */
export function requestOf(payload: ContinuationPayload, policy: Policy): CleanupRequest {
  const { planDigest, regions, resourceTypes } = payload;
  return aRequest({
    policy,
    narrowing: { ...(regions && { regions }), ...(resourceTypes && { resourceTypes }) },
    ...(planDigest !== undefined && { planDigest }),
    trigger: { type: 'continuation', name: payload.shard },
    runId: chainRunId(payload),
    parentRunId: payload.familyId,
    chain: payload,
  });
}
