import type { Policy } from '../../lib/policy/policy.ts';
import type { Report } from '../../lib/report/report.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import { aRequest } from '../support/runs.ts';
import { type Execution, pairOf } from './execution.ts';
import { judgeCalls } from './judge.ts';
import { play } from './play.ts';
import { EXACT } from './readings.ts';
import { checkReport } from './rules.ts';
import { aSimulatedPolicy } from './scenario.ts';
import { SETTLE_MS, type World } from './world.ts';

/** Of so many resources the word of one list is taken that they are gone. */
const HANDFUL = 5;

/**
 * A run that meets a service which takes more than it is asked, or whose lists go empty: what it does before it knows is
 * bounded by the canary, and never told as success. Then the service is mended.
 */
export async function playHarmfulService(world: World, runId: string): Promise<void> {
  await world.clock.sleep(SETTLE_MS);
  const { random, oracle } = world;
  const limits = { maxPercent: 100, maxFailures: 1000, canary: random.pick([1, 3, 20]) };
  const drawn = aSimulatedPolicy(world.intent, random, limits);
  // What is given back goes at the pace of the policy: at two calls a minute its reading is old when its turn comes.
  const policy = { ...drawn, pace: { ...drawn.pace, share: 0.5 } };
  const { execution, report, error } = await play(world, {
    start: { runId, kind: 'run' },
    mayDie: random.chance(0.3),
    run: (ports, options) => runCleanup(aRequest({ policy, runId }), ports, options),
  });
  oracle.faults.push(...judgeCalls(execution, policy, 'apply'));
  if (error !== undefined) throw error;
  if (report !== undefined) {
    oracle.faults.push(
      ...checkReport(report, execution.calls()),
      ...checkBounded(execution, policy),
      ...checkTold(world, execution, policy, report),
    );
  }
  world.readings = EXACT;
}

/** The kept tags that the execution's own requests took, and that are not there again. */
function takenBeside(execution: Execution): ReadonlySet<string> {
  const own = new Map(execution.calls().map((call) => [call.at, call]));
  const gone = new Set<string>();
  for (const { name, key, call, after } of execution.events()) {
    if (key === undefined) continue;
    const pair = pairOf(name, key);
    // What was to go anyway is no harm, whichever request took it.
    if (execution.journal.has(pair)) continue;
    if (after !== undefined) gone.delete(pair);
    else if (call !== undefined && own.get(call)?.keys?.includes(key) === false) gone.add(pair);
  }
  return gone;
}

/** Where the canary was harmed nothing else was touched. */
function checkBounded(execution: Execution, policy: Policy): readonly string[] {
  const { canary } = policy.limits;
  const touched = new Set<string>();
  const canaryNames = new Set<string>();
  for (const { api, region, type, ids } of execution.calls()) {
    if (api !== 'UntagResources') continue;
    for (const id of ids ?? []) {
      const name = `${region}/${type}/${id}`;
      touched.add(name);
      if (canaryNames.size < canary) canaryNames.add(name);
    }
  }
  const own = new Map(execution.calls().map((call) => [call.at, call]));
  const harmed = execution
    .events()
    .filter(({ key, call }) => call !== undefined && own.get(call)?.keys?.includes(key!) === false)
    .filter(({ name, key }) => !execution.journal.has(pairOf(name, key!)))
    .map(({ name }) => name);
  return touched.size > canary && harmed.some((name) => canaryNames.has(name))
    ? [`${touched.size} resources touched, and harm had been done to the canary of ${canary}`]
    : [];
}

function checkTold(
  { readings }: World,
  execution: Execution,
  policy: Policy,
  report: Report,
): readonly string[] {
  const broken: string[] = [];
  const gone = takenBeside(execution);
  if (gone.size > 0 && policy.verify === 'all' && report.outcome === 'success')
    broken.push(`${gone.size} kept tags went, ${[...gone][0]} among them, and the run was a success`);
  const removals = execution.calls().filter(({ api, answer }) => api === 'UntagResources' && answer === 'ok');
  const touched = new Set(removals.flatMap(({ ids, type }) => (ids ?? []).map((id) => `${type}/${id}`)));
  const wentBlind = readings.listsGoEmptyAfter > 0 && removals.length >= readings.listsGoEmptyAfter;
  if (wentBlind && touched.size > HANDFUL && report.proof.verified)
    broken.push(`${touched.size} resources could not be seen any more, and the run was verified`);
  return broken;
}
