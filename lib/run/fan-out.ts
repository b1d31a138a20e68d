import { InvocationError } from '../errors.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import { estimateMs } from '../pace/estimate.ts';
import type { Plan, Removal } from '../plan/types.ts';
import { describeError } from '../redact.ts';
import type { Child } from '../report/report.ts';
import type { Region } from '../resource.ts';
import { type Chain, chainRunId, unusedBy } from './chain.ts';
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
import { type Shard, shardByRegion } from './shards.ts';

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
    policy.verify === 'none'
      ? 0
      : estimateMs(RESOURCE_KINDS.ContainerGroup.list.api, pagesOf(seenByRegion), policy.pace);
  return untagMs + proofMs > session.time.leftMs();
}

/** The region of each call that reading everything again takes; nearly all resources are container groups. */
function* pagesOf(seenByRegion: ReadonlyMap<Region, number>): Iterable<Region> {
  for (const [region, seen] of seenByRegion) {
    for (let read = 0; read < seen; read += RESOURCE_KINDS.ContainerGroup.list.ids.most) yield region;
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
    await submitContinuation(session, payloadOf(request, chain, regions, pinned));
    const losing = new Set(removals.map(({ region }) => region));
    children.push(...[...losing].map((region) => ({ region, runId: chainRunId(chain) })));
  }
}

/** What the part at `at` gets of a whole number: all parts together make the whole. */
function shareOf(whole: number, parts: number, at: number): number {
  return Math.floor(whole / parts) + (at < whole % parts ? 1 : 0);
}

function countTags(removals: readonly Removal[]): number {
  return removals.reduce((sum, removal) => sum + removal.tags.length, 0);
}
