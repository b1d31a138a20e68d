import { InvocationError } from '../errors.ts';
import { estimateMs } from '../pace/estimate.ts';
import { callsPerMinute } from '../pace/quotas.ts';
import { WINDOW_MS } from '../pace/window.ts';
import { planDigest } from '../plan/digest.ts';
import type { Plan, Removal } from '../plan/types.ts';
import { type Invoker, MAX_IDS_PER_LIST } from '../ports.ts';
import { describeError } from '../redact.ts';
import type { Ledger, LedgerTotals } from '../report/ledger.ts';
import type { RemovalIndex } from '../report/removal-index.ts';
import type { Child, Continuation } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';
import type { Region } from '../resource.ts';
import {
  allowanceAfter,
  type Chain,
  type ContinuationPayload,
  chainRunId,
  chainTaskId,
  MAX_HOPS,
  MAX_IDLE_HOPS,
  unusedBy,
} from './chain.ts';
import type { CleanupRequest } from './request.ts';
import type { Findings, Session } from './session.ts';
import { type Shard, shardByRegion } from './shards.ts';

/** Far under the 128 KB that an asynchronous invocation takes, even where each character is three bytes. */
const MAX_PAYLOAD_CHARACTERS = 40_000;

/** An admitted plan, and how far it was carried out. */
export interface Unfinished {
  readonly plan: Plan;
  readonly index: RemovalIndex;
  readonly ledger: Ledger;
  readonly totals: LedgerTotals;
  readonly stop: RunStop;
}

/** Kept back before the deadline for submitting a hand-over, with its retries. */
export const HAND_OVER_MS = 5000;

/** What the findings of a run become when it goes on elsewhere, or cannot. */
type Onward = Partial<Pick<Findings, 'stop' | 'continuation' | 'children'>>;

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
    const next = await submitNext(session, request, unfinished, invoker);
    return 'ends' in next ? { stop: { ...stop, reason: `${stop.reason} ${next.ends}` } } : next;
  } catch (error) {
    return { stop: notHandedOver(error) };
  }
}

/**
 * Whether regions are done by an invocation each: the policy names none, or one invocation's time is too short for the
 * removals and for reading everything again.
 */
export function shouldFanOut(
  session: Session,
  request: CleanupRequest,
  plan: Plan,
  seenByRegion: ReadonlyMap<Region, number>,
): boolean {
  const { invoker } = session.ports;
  const isChild = request.chain !== undefined;
  if (invoker === undefined || isChild || request.narrowing.resourceIds !== undefined) return false;
  const regions = new Set(plan.removals.map((removal) => removal.region));
  if (regions.size < 2) return false;
  const { policy } = request;
  const wholeAccount = policy.scope.regions === 'all' && request.narrowing.regions === undefined;
  if (wholeAccount) return true;
  const untagMs = estimateMs(
    'UntagResources',
    plan.batches.map((batch) => batch.region),
    policy.pace,
  );
  const proofMs =
    policy.verify === 'none' ? 0 : estimateMs('DescribeContainerGroups', pagesOf(seenByRegion), policy.pace);
  return untagMs + proofMs > session.time.leftMs();
}

/** The region of each call that reading everything again takes; nearly all resources are container groups. */
function* pagesOf(seenByRegion: ReadonlyMap<Region, number>): Iterable<Region> {
  for (const [region, seen] of seenByRegion) {
    for (let read = 0; read < seen; read += MAX_IDS_PER_LIST.ContainerGroup) yield region;
  }
}

/**
 * Starts one invocation per region that has something to lose; regions that pass `maxPercent` by themselves
 * share one. The plan was admitted as a whole: what its limits leave unused is shared out evenly, so that the
 * invocations together cannot pass them.
 *
 * @returns nothing when certainly none was started, so that this invocation can do them itself.
 */
export async function startRegions(
  session: Session,
  request: CleanupRequest,
  plan: Plan,
  seenByRegion: ReadonlyMap<Region, number>,
): Promise<Onward | undefined> {
  const shards = shardByRegion(plan, seenByRegion, request.policy.limits.maxPercent);
  if (shards.length < 2) return undefined;
  const children: Child[] = [];
  try {
    await submitShards(session, request, { plan, shards }, children);
    return { children };
  } catch (error) {
    if (children.length === 0 && error instanceof InvocationError && error.notStarted) {
      session.warnings.push(
        `The regions were not done side by side: ${describeError(error)} This invocation does them itself.`,
      );
      return undefined;
    }
    // What was submitted stays so, and is not started twice when the platform tries this invocation again.
    return { stop: notHandedOver(error) };
  }
}

async function submitNext(
  session: Session,
  request: CleanupRequest,
  unfinished: Unfinished,
  invoker: Invoker,
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
  await invoker.submit(payload, chainTaskId(next));
  return { continuation: { taskId: chainTaskId(next), hop: next.hop } };
}

/** Invocations in a row that got nothing done; one that had to wait for the window of the one before is none. */
function idleHopsAfter(chain: Chain, { tags }: LedgerTotals, isHeldUp: boolean): number {
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

async function submitShards(
  session: Session,
  request: CleanupRequest,
  { plan, shards }: { readonly plan: Plan; readonly shards: readonly Shard[] },
  children: Child[],
): Promise<void> {
  const { limits } = request.policy;
  const unused = unusedBy(plan, limits);
  const base = firstChain(request, session);
  for (const [at, { name, regions, removals }] of shards.entries()) {
    const part = (whole: number): number => shareOf(whole, shards.length, at);
    const chain: Chain = {
      ...base,
      shard: name,
      sent: session.eci.sent().filter(({ region }) => regions.includes(region)),
      allowance: {
        resources: removals.length + part(unused.resources),
        tags: countTags(removals) + part(unused.tags),
        failures: part(limits.maxFailures),
      },
    };
    const pinned = request.planDigest === undefined ? undefined : digestOf(plan, removals);
    await session.ports.invoker?.submit(payloadOf(request, chain, regions, pinned), chainTaskId(chain));
    const losing = new Set(removals.map(({ region }) => region));
    children.push(...[...losing].map((region) => ({ region, runId: chainRunId(chain) })));
  }
}

/** What the part at `at` gets of a whole number: all parts together make the whole. */
function shareOf(whole: number, parts: number, at: number): number {
  return Math.floor(whole / parts) + (at < whole % parts ? 1 : 0);
}

function notHandedOver(error: unknown): RunStop {
  return {
    kind: 'cut',
    code: 'INVOCATION_FAILED',
    reason: `The rest could not be handed over: ${describeError(error)}`,
  };
}

/** The chain that begins with this run. */
function firstChain(request: CleanupRequest, session: Session): Chain {
  return {
    familyId: request.runId,
    shard: 'all',
    hop: 0,
    idleHops: 0,
    allowance: { resources: 0, tags: 0, failures: 0 },
    startedAtMs: session.startedAtMs,
  };
}

function payloadOf(
  request: CleanupRequest,
  chain: Chain,
  regions: readonly Region[] | undefined,
  pinned: string | undefined,
): ContinuationPayload {
  const { policy, narrowing } = request;
  return {
    tagsweep: 'continuation',
    version: 1,
    ...chain,
    policy: policy.name,
    ...(request.policyIsInline && { document: policy.document as Record<string, unknown> }),
    policyDigest: policy.digest,
    mode: 'apply',
    ...(pinned !== undefined && { planDigest: pinned }),
    ...(regions !== undefined && { regions: [...regions] }),
    ...(narrowing.resourceTypes !== undefined && { resourceTypes: [...narrowing.resourceTypes] }),
  };
}

/** What a plan made now would hold if nothing else changed: what was not reached, and what failed. */
function* leftOf({ index, ledger }: Unfinished): Generator<Removal> {
  for (const [position, removal] of index.removals.entries()) {
    const tags = removal.tags.filter((_, at) => {
      const end = ledger.endOf(index.firstSlot(position) + at);
      return end === 'notReached' || end === 'failed';
    });
    if (tags.length > 0) yield { ...removal, tags };
  }
}

function digestOf(plan: Plan, removals: Iterable<Removal>): string {
  const { accountId } = plan;
  return planDigest({
    ...(accountId !== undefined && { accountId }),
    policyDigest: plan.policy.digest,
    removals,
  });
}

function countTags(removals: readonly Removal[]): number {
  return removals.reduce((sum, removal) => sum + removal.tags.length, 0);
}
