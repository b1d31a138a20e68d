import type { Policy } from '../../lib/policy/policy.ts';
import type { Report } from '../../lib/report/report.ts';
import type { ContinuationPayload } from '../../lib/run/chain.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import type { CleanupRequest } from '../../lib/run/request.ts';
import { aRequest } from '../support/runs.ts';
import type { CloudCall } from './cloud.ts';
import { type Execution, type Mark, markNow } from './execution.ts';
import { judgeCalls, judgeRun } from './judge.ts';
import { createPlatform, type Platform, requestOf, type Task } from './platform.ts';
import { play } from './play.ts';
import { checkPace, checkReach, meantBy, mostCalls } from './rules.ts';
import { aSimulatedPolicy, someLimits } from './scenario.ts';
import type { CourseEvent } from './tag-store.ts';
import { SETTLE_MS, type World } from './world.ts';

const OPEN_LIMITS = { maxPercent: 100, maxFailures: 1000, canary: 3 };

/** One try of one invocation of a family. */
interface Hop {
  readonly task: Task;
  /** Left out: the invocation that began it all. */
  readonly payload?: ContinuationPayload;
  readonly journal: Execution['journal'];
  /** Its own, up to its end. */
  readonly calls: readonly CloudCall[];
  readonly events: readonly CourseEvent[];
  /** Left out: it was killed, or could not hand over. */
  readonly report?: Report;
}

/** A run that hands over where its time ends, on a platform that tries again what broke. */
export async function playFamily(world: World, rootId: string, isLast: boolean): Promise<readonly Report[]> {
  const { random, oracle, weather, clock } = world;
  await clock.sleep(SETTLE_MS);
  const limits = isLast ? OPEN_LIMITS : familyLimits(world);
  const drawn = aSimulatedPolicy(world.intent, random, limits);
  const policy = isLast ? { ...drawn, pace: { ...drawn.pace, share: 1 } } : drawn;
  const platform = createPlatform(random, weather);
  platform.begin(aRequest({ policy, runId: rootId }));
  weather.stalled = weather.bad && random.chance(0.1);
  const hops: Hop[] = [];
  let mark = markNow(world.cloud);
  for (let task = platform.next(); task !== undefined; task = platform.next()) {
    if (hops.length > 0 && weather.bad && random.chance(0.25)) world.others.grow();
    if (random.chance(0.5)) {
      await clock.sleep(SETTLE_MS);
      mark = markNow(world.cloud);
    }
    const deadlineMs = random.whole(isLast ? 8000 : 2000, isLast ? 20_000 : 60_000);
    const hop = await playHop(world, { platform, policy, rootId, mark, deadlineMs }, task);
    hops.push(hop);
    if (hop.report === undefined) platform.tryAgain(task);
  }
  weather.stalled = false;
  oracle.faults.push(...platform.faults, ...judgeFamily(policy, hops, platform.accepted));
  return hops.flatMap(({ report }) => report ?? []);
}

interface HopPlan {
  readonly platform: Platform;
  readonly policy: Policy;
  readonly rootId: string;
  /** What was changed just before may not show yet: its story begins where all was settled. */
  readonly mark: Mark;
  readonly deadlineMs: number;
}

async function playHop(world: World, plan: HopPlan, task: Task): Promise<Hop> {
  const { first, payload } = task;
  const { platform, policy, rootId, mark, deadlineMs } = plan;
  const request: CleanupRequest = payload === undefined ? first : requestOf(payload, policy);
  const {
    execution,
    report: told,
    error,
  } = await play(world, {
    start: { runId: request.runId, rootId, kind: 'run', mark },
    deadlineMs,
    invoker: platform.invoker,
    mayDie: world.weather.bad,
    run: (ports, options) => runCleanup(request, ports, options),
  });
  if (error !== undefined) throw error;
  // The handler throws for it, and the platform tries again.
  const report = told?.code === 'INVOCATION_FAILED' ? undefined : told;
  world.oracle.faults.push(...judgeCalls(execution, policy, 'apply'));
  if (report !== undefined) {
    const isPart = payload !== undefined;
    world.oracle.faults.push(...judgeRun(world, execution, { policy, report, isPart }));
  }
  return {
    task,
    journal: execution.journal,
    calls: execution.calls(),
    events: execution.events(),
    ...(payload && { payload }),
    ...(report && { report }),
  };
}

/** Limits that let the plan of now through, and often little more: what comes later may be above them. */
function familyLimits({ random, intent, cloud }: World): Readonly<Record<string, number>> {
  if (random.chance(0.4)) return someLimits(random);
  const meant = meantBy(intent, cloud.state());
  const resources = new Set(meant.map(({ name }) => name)).size;
  const room = random.whole(0, 3);
  return {
    maxPercent: 100,
    maxFailures: random.pick([0, 3, 10, 1000]),
    canary: random.pick([0, 3]),
    ...(random.chance(0.5) ? { maxResources: resources + room } : { maxTags: meant.length + room }),
  };
}

/** What must hold of all invocations of a family together. */
function judgeFamily(
  policy: Policy,
  hops: readonly Hop[],
  accepted: readonly ContinuationPayload[],
): readonly string[] {
  const broken = [
    ...checkTogether(policy, hops),
    ...hops.flatMap(checkAllowance),
    ...checkIdle(policy, hops),
  ];
  // Nobody knows what an invocation did that was killed: the next try begins anew.
  if (hops.some(({ report }) => report === undefined)) return broken;
  const calls = hops.flatMap((hop) => hop.calls);
  return [
    ...broken,
    ...checkPace(calls, policy.pace.share),
    ...checkShares(policy, accepted),
    ...checkFailures(policy, hops),
  ];
}

/** All that came to their end stay within the limits together. */
function checkTogether({ limits }: Policy, hops: readonly Hop[]): readonly string[] {
  const tags = new Set<string>();
  for (const { calls, events, journal, report } of hops) {
    if (report === undefined) continue;
    const own = new Set(calls.map((call) => call.at));
    for (const { call, name, key } of events) {
      if (call === undefined || !own.has(call) || key === undefined) continue;
      if (journal.has(`${name} ${key}`)) tags.add(`${name} ${key}`);
    }
  }
  const resources = new Set([...tags].map((pair) => pair.split(' ')[0]));
  return tags.size > limits.maxTags || resources.size > limits.maxResources
    ? [`a family removed ${tags.size} tags of ${resources.size} resources, above its limits`]
    : [];
}

/** Each asks for no more than was handed to it, however often it is tried. */
function checkAllowance({ payload, calls, journal }: Hop): readonly string[] {
  if (payload === undefined) return [];
  const { resources, tags } = payload.allowance;
  const within = { maxResources: resources, maxTags: tags };
  return checkReach(calls, new Set(journal.keys()), within).map(
    (sentence) => `${sentence} that was handed to it`,
  );
}

/** Invocations side by side share what the limits allow. */
function checkShares({ limits }: Policy, accepted: readonly ContinuationPayload[]): readonly string[] {
  const children = accepted.filter(({ hop }) => hop === 0).map(({ allowance }) => allowance);
  const sum = (name: keyof ContinuationPayload['allowance']): number =>
    children.reduce((all, one) => all + one[name], 0);
  return sum('resources') > limits.maxResources ||
    sum('tags') > limits.maxTags ||
    sum('failures') > limits.maxFailures
    ? [`${children.length} regions may together do more than the limits`]
    : [];
}

/** Who comes later may fail as often as the limits allow, less what failed before. */
function checkFailures({ limits }: Policy, hops: readonly Hop[]): readonly string[] {
  return hops.flatMap(({ payload }) => {
    if (payload === undefined || payload.hop === 0) return [];
    const failed = hops
      .filter((one) => shardOf(one) === payload.shard && (one.payload?.hop ?? 0) < payload.hop)
      .reduce((all, { report }) => all + report!.tags.failed, 0);
    return payload.allowance.failures > Math.max(0, limits.maxFailures - failed)
      ? [`after ${failed} failures ${payload.allowance.failures} more are allowed`]
      : [];
  });
}

/**
 * A chain ends after two invocations in a row that got nothing done; one that had no quota left is none. A chain goes
 * from who asked to who was asked: a family that was tried again may have several of one region.
 */
function checkIdle({ pace }: Policy, hops: readonly Hop[]): readonly string[] {
  const idle = new Map<Task, number>();
  const broken: string[] = [];
  for (const [at, { task, report }] of hops.entries()) {
    const before = (task.parent && idle.get(task.parent)) ?? 0;
    if (report === undefined || hadNoQuota(hops.slice(0, at + 1), pace.share)) {
      idle.set(task, before);
      continue;
    }
    const { planned, notReached } = report.tags;
    const inARow = planned === notReached && !isFanOut(report) ? before + 1 : 0;
    idle.set(task, inARow);
    if (inARow >= 2 && report.continuation !== null)
      broken.push(`${inARow} invocations in a row got nothing done, and the chain goes on`);
  }
  return broken;
}

/** Whether it gave its work to others, side by side, instead of doing it. */
function isFanOut({ children }: Report): boolean {
  return children.length > 0;
}

/** Whether the last of them removed nothing, and the ones before had used up the minute. */
function hadNoQuota(hops: readonly Hop[], share: number): boolean {
  const own = hops.at(-1)!.calls;
  if (own.some(({ api }) => api === 'UntagResources')) return false;
  const endMs = own.at(-1)?.atMs ?? 0;
  const before = hops
    .flatMap(({ calls }) => calls)
    .filter(({ api, atMs }) => api === 'UntagResources' && atMs > endMs - MINUTE_MS - SLACK_MS);
  return before.length >= mostCalls('UntagResources', share);
}

const MINUTE_MS = 60_000;

/** What the code under test waits longer than it must. */
const SLACK_MS = 1000;

function shardOf({ payload }: Hop): string {
  return payload?.shard ?? 'all';
}
