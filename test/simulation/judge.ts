import type { Policy } from '../../lib/policy/policy.ts';
import type { Report, TagEnd } from '../../lib/report/report.ts';
import { checkEnds, type Due, endsOfRemoval, endsOfRestore, sawClearly } from './ends.ts';
import { type Execution, pairOf } from './execution.ts';
import {
  checkBudget,
  checkCanary,
  checkDry,
  checkFatal,
  checkPace,
  checkReach,
  checkReport,
  isAboveLimits,
  meantBy,
} from './rules.ts';
import type { World } from './world.ts';

/** What must hold of the calls of a run, whether it came to its end or was killed. */
export function judgeCalls(execution: Execution, policy: Policy, mode: string): readonly string[] {
  execution.sync();
  const calls = execution.calls();
  return [
    ...checkPace(calls, policy.pace.share),
    ...checkFatal(calls),
    ...(mode === 'dry-run' ? checkDry(calls) : []),
    ...checkReach(calls, new Set(execution.journal.keys()), policy.limits),
    ...checkCanary(calls, policy.limits.canary),
  ];
}

export interface RunJudged {
  readonly policy: Policy;
  readonly report: Report;
  /** The tags of a saved plan; left out, the plan is made in the execution. */
  readonly planned?: readonly Due[];
  /** Where an earlier invocation left only a part of the limits, or of the regions. */
  readonly isPart?: boolean;
}

/** What must hold of a run that told its report. */
export function judgeRun(world: World, execution: Execution, judged: RunJudged): readonly string[] {
  const { report, policy } = judged;
  const { intent } = world;
  const regions = new Set([...execution.before.keys()].map((name) => name.split('/')[0])).size;
  const broken = [
    ...checkReport(report, execution.calls()),
    ...checkBudget(report, policy, regions),
    ...judgeProof(world, execution, report),
  ];
  const isQuiet = execution.foreign().length === 0;
  const meant = judged.planned ?? (isQuiet && !judged.isPart ? meantBy(intent, execution.before) : undefined);
  const isPlanned = report.planDigest !== null && report.code !== 'INVENTORY_INCOMPLETE';
  if (isPlanned && isQuiet && meant !== undefined && !judged.isPart && !judged.planned) {
    const must = isAboveLimits(execution.before, meant, policy.limits);
    if (must !== (report.code === 'LIMIT_EXCEEDED'))
      broken.push(
        `${meant.length} tags were meant to go, and the limits say ${must ? 'no' : 'yes'}: ${report.reason}`,
      );
  }
  if (report.mode === 'dry-run') return broken;
  const dues = isPlanned && meant !== undefined ? meant : journaledDues(execution);
  const isClear = sawClearly(execution, report, isSlow(world) || world.weather.hurried);
  const unknown = Math.max(0, report.tags.planned - dues.length);
  const possible = [
    ...dues.map((due) => endsOfRemoval(due, execution, report, { intent, isClear })),
    ...Array.from({ length: unknown }, () => new Set(['notReached', 'absent', 'stale', 'vanished'] as const)),
  ];
  return [...broken, ...checkEnds(report, dues, possible)];
}

function journaledDues(execution: Execution): readonly Due[] {
  return [...execution.journal].map(([pair, value]) => {
    const [name, key] = pair.split(' ') as [string, string];
    return { name, key, value: value ?? execution.before.get(name)?.get(key) };
  });
}

/** What the accounting says of others, and of what it cannot explain, must have a ground. */
function judgeProof(world: World, execution: Execution, { proof, tags }: Report): readonly string[] {
  const broken: string[] = [];
  const theirs = execution.foreign();
  if (proof.foreign > 0 && theirs.length === 0)
    broken.push(`${proof.foreign} foreign changes, and nobody was there`);
  const dropped = theirs.filter(({ what, after }) => what === 'changed' && after === undefined).length;
  if (proof.lost > dropped) broken.push(`${proof.lost} kept tags lost, and others took ${dropped}`);
  const named = (pair: string): boolean =>
    execution
      .calls()
      .some((call) =>
        call.ids?.some((id) => call.keys?.some((key) => pair === `${call.region}/${call.type}/${id} ${key}`)),
      );
  const strange = (proof.differences ?? []).filter((pair) => !named(pair));
  if (strange.length > 0) broken.push(`unexplained without having been asked for: ${strange[0]}`);
  if (proof.verified && tags.removed > 0) {
    const least = foreignForSure(execution, isSlow(world) ? LATEST_SHOWN_MS : 0);
    // What others took from a resource that a request touched may have been the service's doing, for all that is seen.
    const told = proof.foreign + proof.lost;
    if (told < least) broken.push(`${least} foreign changes, and ${told} are told`);
  }
  return broken;
}

/** Changes by others that came while the run removed, stayed, and are of no tag that it was to remove. */
function foreignForSure(execution: Execution, shownAfterMs: number): number {
  const writes = execution.calls().filter((call) => call.api === 'UntagResources');
  const [first, last] = [writes[0], writes.at(-1)];
  if (first === undefined || last?.answeredAtMs === undefined) return 0;
  const changed = new Map<string, number>();
  for (const event of execution.foreign()) {
    const pair = pairOf(event.name, event.key ?? '');
    changed.set(pair, (changed.get(pair) ?? 0) + 1);
  }
  const planned = new Set([...execution.journal.keys()].map((pair) => pair.split(' ')[0]!));
  const destroyed = new Set(
    execution.events().flatMap((event) => (event.what === 'destroyed' ? [event.name] : [])),
  );
  return execution.foreign().filter(
    (event) =>
      event.what === 'changed' &&
      event.before !== event.after &&
      event.atMs > first.answeredAtMs! &&
      event.atMs + shownAfterMs < last.atMs &&
      changed.get(pairOf(event.name, event.key!)) === 1 &&
      planned.has(event.name) &&
      !destroyed.has(event.name) &&
      !execution.journal.has(pairOf(event.name, event.key!)) &&
      !writes.some((call) => call.keys?.includes(event.key!)) &&
      // What was given back at once is no difference any more.
      !execution.restores.has(pairOf(event.name, event.key!)),
  ).length;
}

/** The longest time until readers see a change, in the worst weather; changes of one resource queue up. */
const LATEST_SHOWN_MS = 30_000;

/** Whether changes take their time to show, in the weather of this seed. */
function isSlow({ weather }: World): boolean {
  return weather.counts['slow to show'] !== undefined;
}

/** What must hold of an undo that told its report. */
export function judgeUndo(
  world: World,
  execution: Execution,
  report: Report,
  undoOf: string,
): readonly string[] {
  const { oracle } = world;
  execution.sync();
  const asked = oracle.askedBy(undoOf);
  const dues = [...oracle.announcedBy(undoOf)].map(([pair, value]) => {
    const [name, key] = pair.split(' ') as [string, string];
    return { name, key, value };
  });
  const byResource = new Map<string, number>();
  for (const due of dues) byResource.set(due.name, (byResource.get(due.name) ?? 0) + 1);
  const broken = [
    ...checkReport(report, execution.calls()),
    ...checkPace(execution.calls(), UNDO_SHARE),
    ...checkFatal(execution.calls()),
    ...(report.mode === 'dry-run' ? checkDry(execution.calls()) : []),
    ...judgeProof(world, execution, report),
  ];
  if (report.planDigest !== null) broken.push('an undo with a plan');
  // What broke before the first reading has no account.
  if (report.undo === undefined || report.mode === 'dry-run') return broken;
  const left = report.undo.left.length + (report.undo.leftCut ?? 0);
  const put = report.tags.restored ?? 0;
  if (left !== report.tags.planned - put)
    broken.push(`${put} put back, and ${left} of ${dues.length} explained`);
  const isClear = sawClearly(execution, report, isSlow(world) || world.weather.hurried);
  const later = oracle.later(undoOf);
  const possible = dues.map((due) => {
    const pair = pairOf(due.name, due.key);
    const ends = endsOfRestore(due, execution, report, {
      wasAsked: asked.has(pair),
      isClear,
      dueOnResource: byResource.get(due.name)!,
    });
    // What a later run took again is its to give back; what it only asked for may be taken for that.
    if (later.taken.has(pair)) return new Set([...ends, 'stale' as const].filter((end) => !isPut(end)));
    return later.asked.has(pair) ? new Set([...ends, 'stale' as const]) : ends;
  });
  return [...broken, ...checkEnds(report, dues, possible)];
}

/** Whether a tag with this end was sent to be put back. */
function isPut(end: TagEnd): boolean {
  return end === 'removed' || end === 'failed';
}

/** An undo has no policy of its own that says how fast it may go. */
const UNDO_SHARE = 0.5;
