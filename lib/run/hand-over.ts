import type { Book } from '../change/book.ts';
import { callsPerMinute } from '../pace/quotas.ts';
import { WINDOW_MS } from '../pace/window.ts';
import type { Plan, Removal } from '../plan/types.ts';
import type { Continuation } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';
import type { Totals } from '../report/totals.ts';
import { allowanceAfter, type Chain, MAX_HOPS, MAX_IDLE_HOPS } from './chain.ts';
import {
  digestOf,
  firstChain,
  notHandedOver,
  type Onward,
  payloadOf,
  submitContinuation,
} from './continuation.ts';
import type { CleanupRequest } from './request.ts';
import type { Session } from './session.ts';

/** Far under the 128 KB that an asynchronous invocation takes, even where each character is three bytes. */
const MAX_PAYLOAD_CHARACTERS = 40_000;

/** An admitted plan, and how far it was carried out. */
export interface Unfinished {
  readonly plan: Plan;
  readonly book: Book;
  readonly totals: Totals;
  readonly stop: RunStop;
}

/** Kept back before the deadline for submitting a hand-over, with its retries. */
export const HAND_OVER_MS = 5000;

/** Hands what time did not allow to another invocation of the function; events are left to EventBridge's own retries. */
export async function goOn(
  session: Session,
  request: CleanupRequest,
  unfinished: Unfinished,
): Promise<Onward> {
  const { stop, totals } = unfinished;
  const { invoker } = session.ports;
  const isOver = stop.kind !== 'cut' || totals.tags.notReached === 0;
  if (invoker === undefined || isOver || request.narrowing.resourceIds !== undefined) return {};
  try {
    const next = await submitNext(session, request, unfinished);
    return 'ends' in next ? { stop: { ...stop, reason: `${stop.reason} ${next.ends}` } } : next;
  } catch (error) {
    return { stop: notHandedOver(error) };
  }
}

async function submitNext(
  session: Session,
  request: CleanupRequest,
  unfinished: Unfinished,
): Promise<{ readonly continuation: Continuation } | { readonly ends: string }> {
  const { totals, plan } = unfinished;
  const chain = request.chain ?? firstChain(request, session);
  const isHeldUp = wasHeldUp(session, request.policy.pace.share);
  const idleHops = idleHopsAfter(chain, totals, isHeldUp);
  if (idleHops >= MAX_IDLE_HOPS) {
    return { ends: `${idleHops} invocations in a row got nothing done, so the chain ends here.` };
  }
  if (chain.hop >= MAX_HOPS) return { ends: `The chain ends after ${MAX_HOPS} invocations.` };
  if (isHeldUp) await session.ports.clock.sleep(Math.min(session.time.leftMs(), WINDOW_MS));
  const next = {
    ...chain,
    hop: chain.hop + 1,
    idleHops,
    sent: [...session.eci.sent()],
    allowance: allowanceAfter(plan, request.policy.limits, totals),
  };
  const pinned = request.planDigest === undefined ? undefined : digestOf(plan, leftOf(unfinished));
  const payload = payloadOf(request, next, request.narrowing.regions, pinned);
  if (JSON.stringify(payload).length > MAX_PAYLOAD_CHARACTERS) {
    return { ends: 'The policy came with the request and is too large to hand over; keep it as a file.' };
  }
  return { continuation: await submitContinuation(session, payload) };
}

/** Invocations in a row that got nothing done; one that had to wait for the window of the one before is none. */
function idleHopsAfter(chain: Chain, { tags }: Totals, isHeldUp: boolean): number {
  if (tags.notReached < tags.planned) return 0;
  return isHeldUp ? chain.idleHops : chain.idleHops + 1;
}

/** Whether nothing could be sent, since what was sent before takes up the share until the time ends. */
function wasHeldUp({ eci }: Session, share: number): boolean {
  if (eci.counts.untag > 0) return false;
  const most = callsPerMinute('UntagResources', share);
  const byRegion = new Map<string, number>();
  for (const { api, region, calls } of eci.sent()) {
    if (api === 'UntagResources') byRegion.set(region, (byRegion.get(region) ?? 0) + calls);
  }
  return [...byRegion.values()].some((calls) => calls >= most);
}

/** What a plan made now would hold if nothing else changed: what was not reached, and what failed. */
function* leftOf({ plan, book }: Unfinished): Generator<Removal> {
  for (const [row, removal] of plan.removals.entries()) {
    const tags = removal.tags.filter((_, at) => {
      const end = book.endOf(book.table.firstSlot(row) + at);
      return end === 'notReached' || end === 'failed';
    });
    if (tags.length > 0) yield { ...removal, tags };
  }
}
