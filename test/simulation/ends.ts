import { type Report, TAG_ENDS, type TagEnd } from '../../lib/report/report.ts';
import type { TagKey } from '../../lib/resource.ts';
import type { CloudCall } from './cloud.ts';
import { type Execution, pairOf, statesOf } from './execution.ts';
import type { Intent } from './scenario.ts';
import type { CourseEvent } from './tag-store.ts';

/** A tag that a plan, or an undo, has to deal with. */
export interface Due {
  readonly name: string;
  readonly key: TagKey;
  /** Left out: nobody kept it. */
  readonly value: string | undefined;
}

/** What befell one tag, from the cloud's own course of events. */
interface Fate {
  /** Calls of the execution that named it. */
  readonly calls: readonly CloudCall[];
  /** Whether some call that named it was answered as done. */
  readonly answered: boolean;
  /** Whether the execution itself changed it. */
  readonly ours: boolean;
  /** Whether others took it away, or its resource. */
  readonly lost: boolean;
  readonly destroyed: boolean;
  /** Whether others set it again, after it had gone, with the value that it is due with. */
  readonly setAgain: boolean;
  /** Whether it had another value than it is due with, at any time. */
  readonly differed: boolean;
  /** Whether it was there with the value that it is due with, and not by the execution's hand. */
  readonly thereByOthers: boolean;
}

type Ends = ReadonlySet<TagEnd>;

/** Whether the ends that were told are some of those possible, and each failure one that could be. */
export function checkEnds(
  report: Report,
  dues: readonly Due[],
  possible: readonly Ends[],
): readonly string[] {
  const mayFail = new Set(
    dues.filter((_, at) => possible[at]!.has('failed')).map((due) => pairOf(due.name, due.key)),
  );
  return [...checkCounts(report.tags, possible), ...checkFailures(report, (pair) => mayFail.has(pair))];
}

/**
 * Holds the ends that a report counts against the ends that each tag can have had.
 *
 * The report names only numbers, so this asks whether any assignment fits them: for each set of ends, it
 * must count at least the tags that can have no other (Hall's condition).
 */
function checkCounts(counts: Report['tags'], possible: readonly Ends[]): readonly string[] {
  const masks = new Map<number, number>();
  for (const ends of possible) {
    const mask = [...ends].reduce((sum, end) => sum | (1 << TAG_ENDS.indexOf(end)), 0);
    masks.set(mask, (masks.get(mask) ?? 0) + 1);
  }
  if (possible.length !== counts.planned)
    return [`${counts.planned} tags planned, and there were ${possible.length}`];
  const told = TAG_ENDS.map((end) =>
    end === 'removed' ? counts.removed + (counts.restored ?? 0) : counts[end],
  );
  for (let set = 0; set < 1 << TAG_ENDS.length; set++) {
    let least = 0;
    for (const [mask, tags] of masks) if ((mask & ~set) === 0) least += tags;
    const sum = told.reduce((all, count, at) => all + (set & (1 << at) ? count : 0), 0);
    if (sum >= least) continue;
    const names = TAG_ENDS.filter((_, at) => set & (1 << at)).join(' or ');
    return [
      `${least} tags ended as ${names || 'nothing that has a name'}, and the report counts ${sum}: ${JSON.stringify(counts)}`,
    ];
  }
  return [];
}

/**
 * What an execution can have known: whether each reading told the truth, and came.
 *
 * @param isClouded whether changes show late, or time could end before a reading was whole.
 */
export function sawClearly(execution: Execution, report: Report, isClouded: boolean): boolean {
  const isHeard = report.code === undefined || report.code === 'MAX_FAILURES';
  return !isClouded && isHeard && !execution.calls().some(isFailedReading);
}

/** The ends that a planned tag of a run can have had. */
export function endsOfRemoval(
  due: Due,
  execution: Execution,
  report: Report,
  { intent, isClear }: { readonly intent: Intent; readonly isClear: boolean },
): Ends {
  const fate = fateOf(due, execution);
  const gone = fate.ours || fate.lost || fate.destroyed || fate.differed;
  const stopped = report.code !== undefined || report.children.length > 0;
  if (fate.answered) {
    const isProved = report.proof.verified && !gone;
    // What others set again with the same value looks like an answer that was not true.
    return ends({ removed: !isProved, failed: report.code === 'CANARY' || !gone || fate.setAgain });
  }
  const turned = statesOf(execution, due.name).some(
    (tags) => !intent.removes(tags, due.key, due.value ?? ''),
  );
  return ends({
    removed: fate.calls.length > 0 && gone,
    absent: fate.lost,
    stale: fate.differed || (turned && mayLookAgain(execution)),
    vanished: fate.destroyed,
    // What was done and not answered is found out by reading.
    failed: fate.calls.some((call) => call.answer !== 'ok') && !(isClear && fate.ours),
    notReached: stopped,
  });
}

/** The ends that a tag of an undo can have had; `removed` is what was put back. */
export function endsOfRestore(
  due: Due,
  execution: Execution,
  report: Report,
  known: { readonly wasAsked: boolean; readonly dueOnResource: number; readonly isClear: boolean },
): Ends {
  const fate = fateOf(due, execution);
  // What others took away before the canary was read looks like an answer that was not true: neither shows.
  if (fate.answered) return ends({ removed: true, failed: !fate.ours || fate.lost });
  const full = statesOf(execution, due.name).some((tags) => tags.size + known.dueOnResource > 20);
  const refused = fate.calls.some((call) => call.answer !== 'ok') && !(known.isClear && fate.ours);
  return ends({
    removed: fate.calls.length > 0 && (fate.ours || fate.thereByOthers),
    absent: fate.thereByOthers || !known.wasAsked,
    stale: fate.differed,
    vanished: fate.destroyed || !execution.before.has(due.name),
    failed: refused || due.value === undefined || full,
    notReached: report.code !== undefined || execution.calls().some(isFailedReading),
  });
}

/** Holds the failures that a report names against the tags that can have failed. */
function checkFailures(report: Report, mayFail: (pair: string) => boolean): readonly string[] {
  const pairs = report.failures.flatMap(({ region, resourceType, resourceId, keys }) =>
    keys.map((key) => pairOf(`${region}/${resourceType}/${resourceId}`, key)),
  );
  const broken = pairs.filter((pair) => !mayFail(pair)).map((pair) => `${pair} is said to have failed`);
  if (report.failuresCut === undefined && pairs.length !== report.tags.failed)
    broken.push(`${report.tags.failed} tags failed, and ${pairs.length} are named`);
  return broken;
}

function fateOf({ name, key, value }: Due, execution: Execution): Fate {
  const calls = execution.calls().filter((call) => names(call, name, key));
  const own = execution.events().filter((event) => event.name === name);
  const changes = own.filter((event) => event.key === key);
  const isOurs = (event: CourseEvent): boolean => calls.some((call) => call.at === event.call);
  const first = execution.before.get(name)?.get(key);
  const theirs = changes.filter((event) => !isOurs(event));
  const held = [first, ...theirs.map((event) => event.after)].filter((one) => one !== undefined);
  return {
    calls,
    answered: calls.some((call) => call.answer === 'ok'),
    ours: changes.some(isOurs),
    lost:
      theirs.some((event) => event.after === undefined) || own.some((event) => event.what === 'destroyed'),
    setAgain: theirs.some((event) => event.before === undefined && event.after === value),
    destroyed: own.some((event) => event.what === 'destroyed'),
    differed: held.some((one) => one !== value) || value === undefined,
    thereByOthers: held.some((one) => one === value),
  };
}

function names(call: CloudCall, name: string, key: TagKey): boolean {
  if (call.api !== 'UntagResources' && call.api !== 'TagResources') return false;
  if (call.keys?.includes(key) !== true) return false;
  return call.ids?.some((id) => `${call.region}/${call.type}/${id}` === name) === true;
}

/** A plan that was saved is held against what is there; so is one that was read long ago. */
function mayLookAgain(execution: Execution): boolean {
  const calls = execution.calls();
  return execution.kind === 'saved' || (calls.at(-1)?.atMs ?? 0) - (calls[0]?.atMs ?? 0) > 10 * 60_000;
}

function isFailedReading(call: CloudCall): boolean {
  return call.api.startsWith('Describe') && call.answer !== 'ok';
}

function ends(possible: Partial<Record<TagEnd, boolean>>): Ends {
  return new Set(TAG_ENDS.filter((end) => possible[end] === true));
}
