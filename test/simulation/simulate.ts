import type { AuditLog, EciApi } from '../../lib/ports.ts';
import { type Report, TAG_ENDS } from '../../lib/report/report.ts';
import type { TagKey } from '../../lib/resource.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import type { RunPorts } from '../../lib/run/request.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { aRequest } from '../support/runs.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { type CloudCall, createCloud } from './cloud.ts';
import { createOracle } from './oracle.ts';
import { createRandom } from './random.ts';
import { aFleet, aSimulatedPolicy, INTENTS, KEYS, VALUES } from './scenario.ts';
import { createWeather } from './weather.ts';

/** What one seed came to. */
export interface Simulated {
  /** Promises that were broken; empty: none. */
  readonly broken: readonly string[];
  /** How often each thing went wrong. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Calls a minute and region, by the published page; those that are not published by a low guess. */
const QUOTA: Readonly<Record<string, number>> = {
  UntagResources: 1000,
  TagResources: 1000,
  ListTagResources: 1000,
  DescribeContainerGroups: 2000,
  DescribeContainerGroupStatus: 10_000,
  DescribeRegions: 10_000,
};

/** Longer than any change takes to show. */
const SETTLE_MS = 120_000;

/** Runs cleanups in bad weather, then one in good, then an undo, and holds everything against the promises. */
export async function simulate(seed: number): Promise<Simulated> {
  const world = createWorld(seed);
  const { random, oracle, weather, cloud } = world;
  const rounds = random.whole(1, 3);
  for (let round = 0; round < rounds; round++) await playBadRound(world, round);
  weather.bad = false;
  await playLastRound(world);
  // A request whose sender was killed is still at work when the next run begins.
  const isOurs = (offence: string): boolean =>
    !offence.startsWith('two') || weather.counts.crash === undefined;
  oracle.faults.push(...cloud.offences.filter(isOurs));
  return { broken: [...new Set(oracle.faults)], faults: weather.counts };
}

type World = ReturnType<typeof createWorld>;

function createWorld(seed: number) {
  const random = createRandom(seed);
  const clock = virtualClock();
  const fleet = aFleet(random);
  const intent = random.pick(INTENTS);
  const cursed = new Set(fleet.filter(() => random.chance(0.03)).map((one) => one.id));
  const weather = createWeather(random, cursed);
  const slow = random.chance(0.3);
  const short = random.chance(0.3);
  const busyOthers = random.chance(0.4);
  const cloud = createCloud(fleet, {
    clock,
    chance: random.next,
    fault: weather.fault,
    visibilityMs: () => (slow && weather.bad ? random.whole(0, 8000) : 0),
    pageSize: () => (short ? random.whole(1, 20) : 20),
  });
  const log = createMemoryLog();
  const oracle = createOracle(cloud, fleet, intent, log);
  const others = (): void => {
    if (!weather.bad || !busyOthers || !random.chance(0.05)) return;
    const ref = random.pick(fleet);
    const key = random.pick(KEYS);
    weather.count('changed by others');
    if (random.chance(0.1)) cloud.destroy(ref);
    else if (random.chance(0.3)) cloud.dropTag(ref, key);
    else cloud.setTag(ref, key, random.pick(VALUES));
    oracle.note(ref);
  };
  return { random, clock, intent, weather, cloud, log, oracle, others, busyOthers, api: oracle.api };
}

/** A run in which anything may go wrong, and which may be killed. */
async function playBadRound(world: World, round: number): Promise<void> {
  const { random, clock, cloud, oracle } = world;
  await clock.sleep(SETTLE_MS);
  oracle.begin();
  const firstCall = cloud.calls.length;
  const maxResources = random.chance(0.15) ? random.whole(0, 5) : 1000;
  const policy = aSimulatedPolicy(world.intent, random, { maxResources });
  const mode = random.chance(0.15) ? 'dry-run' : 'apply';
  const runId = random.chance(0.3) ? 'run-again' : `run-${round}`;
  const deadlineAtMs = random.chance(0.25) ? clock.now() + random.whole(2000, 60_000) : undefined;
  const { died, ...ports } = mortal({ ...world, calls: random.chance(0.6) ? FOREVER : random.whole(1, 60) });
  const options = { identity: {}, ...(deadlineAtMs !== undefined && { deadlineAtMs }) };
  const report = await Promise.race([runCleanup(aRequest({ policy, mode, runId }), ports, options), died]);
  const calls = cloud.calls.slice(firstCall);
  oracle.faults.push(...checkCalls(calls, { maxResources, mode, share: policy.pace.share }));
  if (report === undefined) return;
  oracle.faults.push(...checkReport(report, mode));
  if (clock.now() > (deadlineAtMs ?? FOREVER) + 1000) oracle.faults.push('ended after its deadline');
  if (!world.busyOthers && report.proof.unexplained > 0) oracle.faults.push(`unexplained: ${report.reason}`);
}

/** A run without faults, whose end is what the policy says, and an undo that brings everything back. */
async function playLastRound(world: World): Promise<void> {
  const { random, clock, cloud, oracle } = world;
  await clock.sleep(SETTLE_MS);
  oracle.begin();
  const before = cloud.state();
  const policy = aSimulatedPolicy(world.intent, random, { maxFailures: 1000 });
  const { died: _, ...ports } = mortal({ ...world, calls: FOREVER });
  const options = { identity: {} };
  const report = await runCleanup(aRequest({ policy, runId: 'run-last' }), ports, options);
  oracle.faults.push(...checkReport(report, 'apply'));
  if (report.outcome !== 'success')
    oracle.faults.push(`the last run ended as ${report.outcome}: ${report.reason}`);
  oracle.faults.push(...checkEnd(before, cloud.state(), world.intent.removes));
  if (random.chance(0.5)) return;
  await clock.sleep(SETTLE_MS);
  const trigger = { type: 'cli', name: 'test' } as const;
  await runUndo({ undo: 'run-last', mode: 'apply', trigger, runId: 'undo-1' }, ports, options);
  oracle.faults.push(...checkSame(before, cloud.state()));
}

const FOREVER = Number.POSITIVE_INFINITY;

function checkCalls(
  calls: readonly CloudCall[],
  run: { readonly maxResources: number; readonly mode: string; readonly share: number },
): readonly string[] {
  const broken = [...checkPace(calls, run.share)];
  const asked = new Set(calls.flatMap((call) => (call.api === 'UntagResources' ? (call.ids ?? []) : [])));
  if (asked.size > run.maxResources) broken.push(`${asked.size} resources touched, above the limit`);
  if (run.mode === 'dry-run' && calls.some((call) => /^(?:Unt|T)ag/.test(call.api)))
    broken.push('a dry run wrote');
  return broken;
}

type Mortal = RunPorts & { readonly died: Promise<undefined> };

/** Ports that answer nothing any more after so many calls, as for a process that was killed. */
function mortal(world: {
  readonly calls: number;
  readonly clock: RunPorts['clock'];
  readonly random: ReturnType<typeof createRandom>;
  readonly others: () => void;
  readonly api: EciApi;
  readonly log: AuditLog;
  readonly weather: ReturnType<typeof createWeather>;
}): Mortal {
  const { clock, random, weather, log } = world;
  const logRate = random.pick([0, 0, 0, 0.1, 1]);
  let left = world.calls;
  let die: (value: undefined) => void = () => undefined;
  const died = new Promise<undefined>((resolve) => {
    die = resolve;
  });
  const never = <T>(): Promise<T> => new Promise(() => undefined);
  const living = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left === 0) return never();
    left -= 1;
    if (left === 0) {
      weather.count('crash');
      die(undefined);
      // What was sent arrives, and nobody hears the answer.
      if (random.chance(0.5)) await work().catch(() => undefined);
      return never();
    }
    world.others();
    try {
      return await work();
    } finally {
      if (left === 0) await never();
    }
  };
  const api = Object.fromEntries(
    Object.entries(world.api).map(([name, call]) => [
      name,
      (query: never) => living<unknown>(() => (call as (query: never) => Promise<unknown>)(query)),
    ]),
  ) as unknown as EciApi;
  const audit: AuditLog = {
    ...log,
    write: (records) =>
      living(async () => {
        await clock.sleep(5);
        if (weather.bad && random.chance(logRate)) {
          weather.count('dead log');
          throw new Error('The log is out of reach.');
        }
        await log.write(records);
      }),
  };
  const sleep: typeof clock.sleep = async (ms, signal) => {
    await clock.sleep(ms, signal);
    if (left === 0) await never();
  };
  return { eci: api, audit, clock: { now: clock.now, sleep }, chance: random.next, died };
}

function checkPace(calls: readonly CloudCall[], share: number): readonly string[] {
  const groups = groupCalls(calls);
  return [...groups].flatMap(([name, own]) => {
    const most = Math.max(1, Math.floor((QUOTA[own[0]!.api] ?? 200) * share));
    const over = own.some((call, at) => at >= most && call.atMs - own[at - most]!.atMs < 60_000);
    return over ? [`more than ${most} calls of ${name} in 60 s`] : [];
  });
}

function checkReport(report: Report, mode: string): readonly string[] {
  const sum = TAG_ENDS.reduce((total, end) => total + report.tags[end], 0);
  const expected = mode === 'dry-run' ? 0 : report.tags.planned;
  return sum === expected ? [] : [`the report does not balance: ${JSON.stringify(report.tags)}`];
}

type State = ReadonlyMap<string, ReadonlyMap<TagKey, string>>;
type Removes = (tags: ReadonlyMap<TagKey, string>, key: TagKey, value: string) => boolean;

/** After a run without faults: exactly what the policy says is gone. */
function checkEnd(before: State, after: State, removes: Removes): readonly string[] {
  const expected = new Map(
    [...before].map(([name, tags]) => [
      name,
      new Map([...tags].filter(([key, value]) => !removes(tags, key, value))),
    ]),
  );
  return checkSame(expected, after);
}

function checkSame(expected: State, actual: State): readonly string[] {
  const text = (tags: ReadonlyMap<TagKey, string> | undefined): string =>
    JSON.stringify([...(tags ?? [])].sort());
  return [...expected].flatMap(([name, tags]) =>
    text(tags) === text(actual.get(name)) ? [] : [`${name} is ${text(actual.get(name))}, not ${text(tags)}`],
  );
}

function groupCalls(calls: readonly CloudCall[]): ReadonlyMap<string, readonly CloudCall[]> {
  const groups = new Map<string, CloudCall[]>();
  for (const call of calls) {
    const name = `${call.api} ${call.region}`;
    groups.set(name, [...(groups.get(name) ?? []), call]);
  }
  return groups;
}
