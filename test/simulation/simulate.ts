import { runCleanup } from '../../lib/run/cleanup.ts';
import { readHistory } from '../../lib/run/history.ts';
import { verifyRun } from '../../lib/run/verify-run.ts';
import { aRequest } from '../support/runs.ts';
import { playFamily } from './family.ts';
import { playHarmfulService } from './harm.ts';
import { judgeCalls, judgeRun } from './judge.ts';
import { isHarmful } from './readings.ts';
import { playRun, playSavedPlan, playUndo } from './rounds.ts';
import { checkSame, meantBy, without } from './rules.ts';
import { aSimulatedPolicy } from './scenario.ts';
import { tellStory } from './story.ts';
import { createWorld, SETTLE_MS, type World } from './world.ts';

/** What one seed came to. */
export interface Simulated {
  /** Promises that were broken; empty: none. */
  readonly broken: readonly string[];
  /** How often each thing went wrong. */
  readonly faults: Readonly<Record<string, number>>;
  /** Executions by kind. */
  readonly played: Readonly<Record<string, number>>;
  /** All that happened, to be read. */
  readonly story: () => string;
}

/**
 * Lets runs, saved plans, families of invocations and undos go their way in bad weather, then one run in
 * good weather, and undoes one; holds everything against the promises.
 */
export async function simulate(seed: number): Promise<Simulated> {
  const world = createWorld(seed);
  const { random, oracle, weather, cloud } = world;
  const roots: string[] = [];
  if (isHarmful(world.readings)) {
    await playHarmfulService(world, 'run-harm');
    roots.push('run-harm');
  } else {
    for (let round = random.whole(1, 3); round > 0; round--) await playBadRound(world, roots, round);
  }
  weather.bad = false;
  const last = await playLastRun(world);
  await world.clock.sleep(SETTLE_MS);
  await playUndo(world, random.chance(0.6) ? last : random.pick([...roots, last]), 'undo-last');
  // A request whose sender was killed may still be at work when the platform tries again.
  const isOurs = (offence: string): boolean =>
    !offence.startsWith('two') || weather.counts.crash === undefined;
  oracle.faults.push(...cloud.offences.filter(isOurs));
  return {
    broken: [...new Set(oracle.faults)],
    faults: weather.counts,
    played: world.played,
    story: () => tellStory(world),
  };
}

async function playBadRound(world: World, roots: string[], round: number): Promise<void> {
  const { random } = world;
  const runId = random.chance(0.2) ? 'run-again' : `run-${round}`;
  const lot = random.next();
  if (lot < 0.25 && roots.length > 0) return await playUndo(world, random.pick(roots), `undo-${round}`);
  roots.push(runId);
  if (lot < 0.6) await playRun(world, runId);
  else if (lot < 0.8) await playSavedPlan(world, runId);
  else await playFamily(world, runId, false);
}

/** In good weather the end is what the policy says, the log tells of it, and it can be proved later. */
async function playLastRun(world: World): Promise<string> {
  const { random, clock, cloud, oracle, log, intent, signer } = world;
  await clock.sleep(SETTLE_MS);
  const before = cloud.state();
  const meant = meantBy(intent, before);
  const runId = 'run-last';
  if (random.chance(0.4)) {
    const reports = await playFamily(world, runId, true);
    const end = reports.at(-1);
    if (end?.outcome !== 'success')
      oracle.faults.push(`the last family ended as ${end?.outcome}: ${end?.reason}`);
  } else {
    world.played.run = (world.played.run ?? 0) + 1;
    const limits = { maxPercent: 100, maxFailures: 1000, canary: random.pick([0, 3, 20]) };
    const policy = aSimulatedPolicy(intent, random, limits);
    const execution = oracle.begin({ runId, kind: 'run' });
    const ports = { eci: oracle.api, audit: log, clock, chance: random.next, ...(signer && { signer }) };
    const report = await runCleanup(aRequest({ policy, runId }), ports, { identity: {} });
    oracle.faults.push(
      ...judgeCalls(execution, policy, 'apply'),
      ...judgeRun(world, execution, { policy, report }),
    );
    if (report.outcome !== 'success')
      oracle.faults.push(`the last run ended as ${report.outcome}: ${report.reason}`);
  }
  oracle.faults.push(...checkSame(without(before, meant), cloud.state()));
  oracle.faults.push(...(await checkLater(world, runId, meant.length)));
  return runId;
}

/** What `verify` and `history` say of the last run. */
async function checkLater(
  { cloud, log, clock, random, signer }: World,
  runId: string,
  removed: number,
): Promise<readonly string[]> {
  const ports = { eci: cloud.api, audit: log, clock, chance: random.next, ...(signer && { signer }) };
  const { tags, proof } = await verifyRun(runId, ports, {}, 'all');
  const broken: string[] = [];
  if (!proof.verified || tags.gone !== tags.announced || tags.gone !== removed)
    broken.push(`verified later, of ${removed} tags: ${JSON.stringify(tags)}`);
  const family = (await readHistory(ports)).families.find(({ run }) => run.runId === runId);
  const told = [family?.run, ...(family?.children ?? [])].reduce(
    (sum, run) => sum + (run?.tags?.removed ?? 0),
    0,
  );
  if (told !== removed) broken.push(`history tells of ${told} tags, and ${removed} went`);
  return broken;
}
