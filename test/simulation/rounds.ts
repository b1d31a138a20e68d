import type { CleanupError } from '../../lib/errors.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { planCleanup, runCleanup } from '../../lib/run/cleanup.ts';
import { applySavedPlan } from '../../lib/run/saved-plan.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { aRequest } from '../support/runs.ts';
import { markNow } from './execution.ts';
import { judgeCalls, judgeRun, judgeUndo } from './judge.ts';
import { type Played, play, someDeadline } from './play.ts';
import { checkSame, isAboveLimits, meantBy, without } from './rules.ts';
import { aSimulatedPolicy, someLimits } from './scenario.ts';
import type { State } from './tag-store.ts';
import { SETTLE_MS, type World } from './world.ts';

const CLI = { type: 'cli', name: 'test' } as const;

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
  const planned = plan.removals.flatMap(({ region, type, id, tags }) =>
    tags.map(({ key, value }) => ({ name: `${region}/${type}/${id}`, key, value })),
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
  // Nothing goes that could not be put back: a log out of reach refuses whatever was admitted.
  const isBlind =
    report.code === 'AUDIT_UNAVAILABLE' && [...played.met].some((what) => what.startsWith('log'));
  if (!isBlind && (refusal === undefined) === (report.outcome === 'refused'))
    oracle.faults.push(
      `the plan was ${refusal?.code ?? 'admitted'} when made, and ${report.outcome} when applied`,
    );
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
    run: (ports, options) =>
      runUndo({ undo: undoOf, mode, trigger: CLI, runId, attempts: 'all' }, ports, options),
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
  const later = oracle.later(undoOf);
  const asked = oracle.askedBy(undoOf);
  const broken: string[] = [];
  for (const [name, was] of before) {
    const now = after.get(name)!;
    const wanted = [...announced].filter(
      ([pair, value]) =>
        pair.startsWith(`${name} `) && value !== undefined && !was.has(pair.slice(name.length + 1)),
    );
    const must = wanted.filter(([pair]) => asked.has(pair) && !later.asked.has(pair));
    const added = [...now.keys()].filter((key) => !was.has(key));
    const room = 20 - was.size;
    if (added.length < Math.min(room, must.length))
      broken.push(`${name} got ${added.length} tags back, of ${must.length} with room for ${room}`);
    if (now.size > 20) broken.push(`${name} has ${now.size} tags`);
    for (const [key, value] of was)
      if (now.get(key) !== value) broken.push(`${name} ${key} was touched by an undo`);
    for (const key of added)
      if (later.taken.has(`${name} ${key}`)) broken.push(`${name} ${key} got an older value than it had`);
      else if (announced.get(`${name} ${key}`) !== now.get(key))
        broken.push(`${name} ${key} came from nowhere`);
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
