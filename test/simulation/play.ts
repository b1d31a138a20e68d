import { CleanupError } from '../../lib/errors.ts';
import type { Invoker } from '../../lib/ports.ts';
import type { Report } from '../../lib/report/report.ts';
import type { RunOptions, RunPorts } from '../../lib/run/request.ts';
import type { Execution, ExecutionStart } from './execution.ts';
import { createMortal } from './mortal.ts';
import type { Chapter } from './story.ts';
import type { World } from './world.ts';

/** What came of one execution: its report, or nothing where it was killed, or did not even begin. */
export interface Played {
  readonly execution: Execution;
  readonly report?: Report;
  readonly error?: CleanupError;
  readonly met: ReadonlySet<string>;
  /** Whether it was left to work in peace: no deadline, and nothing that it cannot get over. */
  readonly isSurvivable: boolean;
}

/** One execution that is to be played. */
export interface Plan {
  readonly start: ExecutionStart & { readonly undoOf?: string };
  readonly deadlineMs?: number;
  readonly invoker?: Invoker;
  readonly mayDie: boolean;
  readonly run: (ports: RunPorts, options: RunOptions) => Promise<Report>;
}

/** Runs one execution under the weather, and tells what came of it. */
export async function play(world: World, plan: Plan): Promise<Played> {
  const { random, weather, clock, oracle } = world;
  const kind = plan.start.kind;
  world.played[kind] = (world.played[kind] ?? 0) + 1;
  const mark = weather.mark();
  weather.hurried = plan.deadlineMs !== undefined;
  const execution = oracle.begin(plan.start);
  const chapter: Chapter = { runId: plan.start.runId, kind, beganAtMs: clock.now() };
  world.chapters.push(chapter);
  const mortal = createMortal({
    eci: oracle.api,
    audit: world.audit,
    clock,
    chance: random.next,
    ...(world.signer && { signer: world.signer }),
    ...(plan.invoker && { invoker: plan.invoker }),
    ...(plan.mayDie && random.chance(0.35) && { diesAt: random.whole(1, random.pick([10, 60, 200])) }),
    lastArrives: random.chance(0.5),
    onStep: world.others.act,
  });
  const deadlineAtMs = plan.deadlineMs === undefined ? undefined : clock.now() + plan.deadlineMs;
  const options = { identity: {}, ...(deadlineAtMs !== undefined && { deadlineAtMs }) };
  const outcome = await Promise.race([plan.run(mortal.ports, options).catch(known), mortal.died]);
  chapter.endedAtMs = clock.now();
  if (outcome instanceof CleanupError) chapter.error = outcome;
  else if (outcome !== undefined) chapter.report = outcome;
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

/** A deadline, now and then. */
export function someDeadline(world: World): { readonly deadlineMs?: number } {
  if (!world.random.chance(0.25)) return {};
  return { deadlineMs: world.random.whole(2000, 60_000) };
}
