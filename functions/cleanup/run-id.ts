import { createHash } from 'node:crypto';
import { chainRunId } from '../../lib/run/chain.ts';
import type { Start } from './event.ts';

/** What tells one function from another where both write to one log store. */
export interface FunctionIdentity {
  readonly accountId: string;
  readonly region: string;
  readonly functionName: string;
  readonly requestId: string;
}

const ASKED = 'req-';

/**
 * The run's id: the same cause gives the same id, so that a repeated delivery is known as one.
 *
 * A timer's run is named after trigger and time, an event's after `source` and `id`, any other after the id
 * that it asks for, behind `req-`, or the platform's request id, which a retry of the platform keeps.
 *
 * @returns letters, digits, `-` and `_`, at most 64.
 */
export function deriveRunId(start: Start, identity: FunctionIdentity): string {
  const { accountId, region, functionName } = identity;
  const hash = (...parts: readonly string[]) =>
    createHash('sha256')
      .update(JSON.stringify([accountId, region, functionName, ...parts]))
      .digest('hex')
      .slice(0, 16);
  switch (start.kind) {
    case 'timer':
      return `timer-${start.triggerTime.replace(/[^0-9TZ]/g, '').slice(0, 20)}-${hash(start.triggerName, start.triggerTime)}`;
    case 'creations':
      return `event-${hash(...start.events.causes)}`;
    case 'continuation':
      return chainRunId(start.payload);
    case 'request':
      if ('runId' in start.wish && start.wish.runId !== undefined) return askedRunId(start.wish.runId);
      return requestRunId(identity.requestId, hash);
    default:
      return requestRunId(identity.requestId, hash);
  }
}

/** What a request calls itself must not be taken for a run of a timer or an event. */
function askedRunId(runId: string): string {
  return runId.startsWith(ASKED) ? runId : `${ASKED}${runId}`;
}

function requestRunId(requestId: string, hash: (...parts: readonly string[]) => string): string {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$/.test(requestId) ? requestId : `run-${hash(requestId)}`;
}
