import { CleanupError } from '../../lib/errors.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Invoker } from '../../lib/ports.ts';
import type { Report } from '../../lib/report/report.ts';
import { planCleanup, runCleanup } from '../../lib/run/cleanup.ts';
import type { CleanupRequest, RunOptions, RunPorts } from '../../lib/run/request.ts';
import { applySavedPlan } from '../../lib/run/saved-plan.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { aRequest } from '../support/runs.ts';
import { type Execution, type ExecutionStart, markNow } from './execution.ts';
import { judgeCalls, judgeRun, judgeUndo } from './judge.ts';
import { createMortal } from './mortal.ts';
import { createPlatform, requestOf } from './platform.ts';
import { checkSame, isAboveLimits, meantBy, without } from './rules.ts';
import { aSimulatedPolicy, someLimits } from './scenario.ts';
import type { State } from './tag-store.ts';
import { SETTLE_MS, type World } from './world.ts';

const CLI = { type: 'cli', name: 'test' } as const;

/** What came of one execution: its report, or nothing where it was killed, or did not even begin. */
interface Played {
  readonly execution: Execution;
  readonly report?: Report;
  readonly error?: CleanupError;
  readonly met: ReadonlySet<string>;
  /** Whether it was left to work in peace: no deadline, and nothing that it cannot get over. */
  readonly isSurvivable: boolean;
}

interface Plan {
  readonly start: ExecutionStart & { readonly undoOf?: string };
  readonly deadlineMs?: number;
  readonly invoker?: Invoker;
  readonly mayDie: boolean;
  readonly run: (ports: RunPorts, options: RunOptions) => Promise<Report>;
}

/** Runs one execution under the weather, and tells what came of it. */
async function play(world: World, plan: Plan): Promise<Played> {
  const { random, weather, clock, oracle } = world;
  const kind = plan.start.kind;
  world.played[kind] = (world.played[kind] ?? 0) + 1;
  const mark = weather.mark();
  const execution = oracle.begin(plan.start);
  const mortal = createMortal({
    eci: oracle.api,
    audit: world.audit,
    clock,
    chance: random.next,
    ...(plan.invoker && { invoker: plan.invoker }),
    ...(plan.mayDie && random.chance(0.35) && { diesAt: random.whole(1, random.pick([10, 60, 200])) }),
    lastArrives: random.chance(0.5),
    onStep: world.others.act,
  });
  const deadlineAtMs = plan.deadlineMs === undefined ? undefined : clock.now() + plan.deadlineMs;
  const options = { identity: {}, ...(deadlineAtMs !== undefined && { deadlineAtMs }) };
  const outcome = await Promise.race([plan.run(mortal.ports, options).catch(known), mortal.died]);
  if (outcome === undefined) weather.count('crash');
  if (outcome !== undefined && clock.now() > (deadlineAtMs ?? FOREVER) + 1000)
    oracle.faults.push('ended after its deadline');
  const met = weather.since(mark);
  return {
    execution,
    met,
    isSurvivable: outcome !== undefined && deadlineAtMs === undefined && weather.isSurvivable(met),
    ...(outcome instanceof CleanupError ? { error: outcome } : outcome !== undefined && { report: outcome }),
  };
}

function known(error: unknown): CleanupError {
  if (error instanceof CleanupError) return error;
  throw error;
}

const FOREVER = Number.POSITIVE_INFINITY;

function someDeadline(world: World): { readonly deadlineMs?: number } {
  if (!world.random.chance(0.25)) return {};
  return { deadlineMs: world.random.whole(2000, 60_000) };
}

/** A run in which anything may go wrong. */
export async function playRun(world: World, runId: string): Promise<void> {
  await world.clock.sleep(SETTLE_MS);
  const { random, oracle, cloud } = world;
  const policy = aSimulatedPolicy(world.intent, random, someLimits(random));
  const mode = random.chance(0.15) ? 'dry-run' : 'apply';
  const played = await play(world, {
    start: { runId, kind: 'run' },
    ...someDeadline(world),
    mayDie: true,
    run: (ports, options) => runCleanup(aRequest({ policy, mode, runId }), ports, options),
  });
  const { execution, report } = played;
  oracle.faults.push(...judgeCalls(execution, policy, mode));
  if (played.error !== undefined) throw played.error;
  if (report === undefined) return;
  oracle.faults.push(...judgeRun(world, execution, { policy, report }));
  if (mode === 'apply' && played.isSurvivable)
    oracle.faults.push(...checkSurvived(world, played, policy, cloud.state()));
}

/** A plan that is saved, looked at while others go on, and applied. */
export async function playSavedPlan(world: World, runId: string): Promise<void> {
  await world.clock.sleep(SETTLE_MS);
  const { random, oracle, weather, cloud, clock } = world;
  const policy = aSimulatedPolicy(world.intent, random, someLimits(random));
  const wasBad = weather.bad;
  weather.bad = false;
  const mark = markNow(cloud);
  const request = aRequest({ policy, runId });
  const ports = { eci: cloud.api, audit: null, clock, chance: random.next };
  const { plan, refusal } = await planCleanup(request, ports, { identity: {} });
  weather.bad = wasBad;
  const planned = plan.removals.flatMap(({ region, resourceType, resourceId, tags }) =>
    tags.map(({ key, value }) => ({ name: `${region}/${resourceType}/${resourceId}`, key, value })),
  );
  if (wasBad) world.others.interfere(planned);
  await clock.sleep(random.chance(0.8) ? SETTLE_MS : 0);
  const saved = JSON.parse(JSON.stringify(plan)) as typeof plan;
  const played = await play(world, {
    start: { runId, kind: 'saved', mark },
    ...someDeadline(world),
    mayDie: wasBad,
    run: (own, options) => applySavedPlan({ plan: saved, mode: 'apply', trigger: CLI, runId }, own, options),
  });
  const { execution, report } = played;
  oracle.faults.push(...judgeCalls(execution, policy, 'apply'));
  if (played.error !== undefined) throw played.error;
  if (report === undefined) return;
  oracle.faults.push(...judgeRun(world, execution, { policy, report, planned }));
  if ((refusal === undefined) === (report.outcome === 'refused'))
    oracle.faults.push(
      `the plan was ${refusal?.code ?? 'admitted'} when made, and ${report.outcome} when applied`,
    );
}

/** A run that hands over where its time ends, on a platform that tries again what broke. */
export async function playFamily(world: World, rootId: string, isLast: boolean): Promise<readonly Report[]> {
  const { random, oracle, weather, clock } = world;
  await clock.sleep(SETTLE_MS);
  const limits = isLast ? OPEN_LIMITS : someLimits(random);
  const drawn = aSimulatedPolicy(world.intent, random, limits);
  const policy = isLast ? { ...drawn, pace: { ...drawn.pace, share: 1 } } : drawn;
  const platform = createPlatform(random, weather);
  platform.begin(aRequest({ policy, runId: rootId }));
  const reports: Report[] = [];
  let mark = markNow(world.cloud);
  const calls: Parameters<typeof judgeFamily>[1][number][] = [];
  for (let task = platform.next(); task !== undefined; task = platform.next()) {
    const request: CleanupRequest = task.payload === undefined ? task.first : requestOf(task.payload, policy);
    if (random.chance(0.5)) {
      await clock.sleep(SETTLE_MS);
      mark = markNow(world.cloud);
    }
    const played = await play(world, {
      // What was changed just before may not show yet: its story begins where all was settled.
      start: { runId: request.runId, rootId, kind: 'run', mark },
      deadlineMs: random.whole(isLast ? 8000 : 2000, isLast ? 20_000 : 60_000),
      invoker: platform.invoker,
      mayDie: true && weather.bad,
      run: (ports, options) => runCleanup(request, ports, options),
    });
    const { execution, report, error } = played;
    oracle.faults.push(...judgeCalls(execution, policy, 'apply'));
    calls.push({ execution, isWhole: report !== undefined });
    if (report === undefined) {
      if (error !== undefined && error.code !== 'INVOCATION_FAILED') throw error;
      platform.tryAgain(task);
      continue;
    }
    reports.push(report);
    oracle.faults.push(
      ...judgeRun(world, execution, { policy, report, isPart: request.chain !== undefined }),
    );
  }
  oracle.faults.push(...platform.faults, ...judgeFamily(policy, calls));
  return reports;
}

const OPEN_LIMITS = { maxPercent: 100, maxFailures: 1000, canary: 3 };

/** All invocations together stay within the limits, unless one was killed before it could say what it did. */
function judgeFamily(
  policy: Policy,
  all: readonly { readonly execution: Execution; readonly isWhole: boolean }[],
): readonly string[] {
  if (all.some(({ isWhole }) => !isWhole)) return [];
  const tags = new Set<string>();
  for (const { execution } of all) {
    for (const event of execution.events()) {
      const own = execution.calls().some((call) => call.at === event.call);
      if (own && event.key !== undefined && execution.journal.has(`${event.name} ${event.key}`))
        tags.add(`${event.name} ${event.key}`);
    }
  }
  const resources = new Set([...tags].map((pair) => pair.split(' ')[0]));
  const { maxTags, maxResources } = policy.limits;
  return tags.size > maxTags || resources.size > maxResources
    ? [`a family removed ${tags.size} tags of ${resources.size} resources, above its limits`]
    : [];
}

/** An undo of an earlier run in which anything may go wrong. */
export async function playUndo(world: World, undoOf: string, runId: string): Promise<void> {
  await world.clock.sleep(SETTLE_MS);
  const { random, oracle, cloud, weather } = world;
  const mode = random.chance(0.2) ? 'dry-run' : 'apply';
  if (weather.bad && random.chance(0.5)) {
    const about = [...oracle.announcedBy(undoOf).keys()].map((pair) => pair.split(' ') as [string, string]);
    world.others.interfere(about.map(([name, key]) => ({ name, key })));
    await world.clock.sleep(SETTLE_MS);
  }
  const before = cloud.state();
  const played = await play(world, {
    start: { runId, kind: 'undo', undoOf },
    ...(weather.bad ? someDeadline(world) : {}),
    mayDie: weather.bad,
    run: (ports, options) => runUndo({ undo: undoOf, mode, trigger: CLI, runId }, ports, options),
  });
  const { execution, report, error } = played;
  if (error !== undefined)
    return void oracle.faults.push(...checkUndoError(world, undoOf, error, played.met));
  if (report === undefined) return;
  oracle.faults.push(...judgeUndo(world, execution, report, undoOf));
  const isQuiet = execution.foreign().length === 0;
  if (mode === 'dry-run' || !isQuiet || !played.isSurvivable) return;
  oracle.faults.push(...checkRestored(world, undoOf, before, cloud.state()));
}

/** An undo may fail to begin only because the log cannot be read, or holds nothing. */
function checkUndoError(
  { oracle, log }: World,
  undoOf: string,
  error: CleanupError,
  met: ReadonlySet<string>,
): readonly string[] {
  if (
    error.code === 'RUN_NOT_FOUND' &&
    !log.kept.some((one) => one.run_id === undoOf || one.parent_run_id === undoOf)
  )
    return [];
  if (error.code === 'AUDIT_UNAVAILABLE' && met.has('log unreadable')) return [];
  return [`undo of ${undoOf}, which announced ${oracle.announcedBy(undoOf).size} tags: ${error.message}`];
}

/** After an undo that nothing disturbed: what the run took is back where there was room, and nothing else moved. */
function checkRestored(world: World, undoOf: string, before: State, after: State): readonly string[] {
  const { oracle } = world;
  const announced = oracle.announcedBy(undoOf);
  const asked = oracle.askedBy(undoOf);
  const broken: string[] = [];
  for (const [name, was] of before) {
    const now = after.get(name)!;
    const wanted = [...announced].filter(
      ([pair, value]) =>
        pair.startsWith(`${name} `) && value !== undefined && !was.has(pair.slice(name.length + 1)),
    );
    const must = wanted.filter(([pair]) => asked.has(pair));
    const added = [...now.keys()].filter((key) => !was.has(key));
    const room = 20 - was.size;
    if (added.length < Math.min(room, must.length))
      broken.push(`${name} got ${added.length} tags back, of ${must.length} with room for ${room}`);
    if (now.size > 20) broken.push(`${name} has ${now.size} tags`);
    for (const [key, value] of was)
      if (now.get(key) !== value) broken.push(`${name} ${key} was touched by an undo`);
    for (const key of added)
      if (announced.get(`${name} ${key}`) !== now.get(key)) broken.push(`${name} ${key} came from nowhere`);
  }
  return broken;
}

/** A run that met nothing worse than it can get over ends like one that met nothing at all. */
function checkSurvived(
  world: World,
  { execution, report }: Played,
  policy: Policy,
  after: State,
): readonly string[] {
  if (execution.foreign().length > 0) return [];
  const meant = meantBy(world.intent, execution.before);
  if (isAboveLimits(execution.before, meant, policy.limits)) return [];
  const broken = checkSame(without(execution.before, meant), after);
  if (report?.outcome === 'success') return broken;
  return [...broken, `what it met could be got over, and it ended as ${report?.outcome}: ${report?.reason}`];
}
