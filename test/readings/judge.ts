import type { Journey, Tags } from './journey.ts';
import type { ReadingOfService } from './readings.ts';

/** What is wrong with a journey, in sentences; empty where it is as it must be. */
export function faultsOf(journey: Journey, readings: readonly ReadingOfService[]): readonly string[] {
  const ends = readings.map((reading) => reading.ends);
  if (ends.includes('stops')) return faultsOfStop(journey);
  const { before, afterApply, meant, report } = journey;
  const gone = minus(before, afterApply);
  const left = minus(meant, gone);
  const faults = [
    ...sayIf(minus(gone, meant), 'went although the policy keeps them'),
    ...sayIf(minus(afterApply, before), 'came from nowhere'),
    ...(report.tags.removed === gone.size
      ? []
      : [`the report says ${report.tags.removed} went, and ${gone.size} did`]),
  ];
  if (left.size > 0 && isCleanSuccess(journey))
    faults.push(...sayIf(left, 'were left, and success was told'));
  if (!ends.includes('told')) {
    if (journey.plan.outcome !== 'success') faults.push(`the plan is ${journey.plan.outcome}`);
    if (journey.plan.tags.planned !== meant.size)
      faults.push(`the plan names ${journey.plan.tags.planned}, and ${meant.size} are meant`);
    faults.push(...sayIf(left, 'were left'));
    if (report.outcome !== 'success') faults.push(`the outcome is ${report.outcome}: ${report.reason}`);
    if (!report.proof.verified) faults.push(`not verified: ${JSON.stringify(report.proof)}`);
    if (!journey.verified) faults.push('verify does not bear the run out');
  }
  if (journey.again.tags.removed > left.size)
    faults.push(`a second run removed ${journey.again.tags.removed}`);
  const undoneAll = minus(before, journey.afterUndo);
  return [...faults, ...sayIf(undoneAll, `did not come back: ${journey.undone.reason}`)];
}

/** A service that takes more than was asked, or goes blind, must never be told as a clean success. */
function faultsOfStop(journey: Journey): readonly string[] {
  const { before, afterApply, meant, report } = journey;
  const lost = minus(minus(before, afterApply), meant);
  if (isCleanSuccess(journey)) {
    const left = minus(meant, minus(before, afterApply));
    return lost.size > 0 || left.size > 0 ? [`success was told: ${JSON.stringify(report.tags)}`] : [];
  }
  return [];
}

/** What the plan of a fleet with `Env` beside `env` always says. */
const CASE_PAIR = /differs by case alone/;

/** Told as done, verified, with nothing that a reader would stop at. */
function isCleanSuccess({ report }: Journey): boolean {
  return (
    report.outcome === 'success' &&
    report.proof.verified &&
    report.unseen === 0 &&
    report.skipped.length === 0 &&
    report.warnings.every((warning) => CASE_PAIR.test(warning)) &&
    report.tags.ended === 0
  );
}

function sayIf(tags: Tags, what: string): readonly string[] {
  const [first] = tags;
  return first === undefined ? [] : [`${tags.size} tags ${what}, ${first} among them`];
}

function minus(a: Tags, b: Tags): Tags {
  return new Set([...a].filter((tag) => !b.has(tag)));
}
