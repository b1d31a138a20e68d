import type { CoverGroup } from '../batch/types.ts';
import { compareText, type Resource, type TagKey } from '../resource.ts';
import { createFreeKeys, type FreeKeys } from './free-keys.ts';
import type { Judge, Removal } from './types.ts';

/** A resource and what it loses. */
export interface PlannedResource {
  readonly resource: Resource;
  readonly removal: Removal;
}

/** Kept and planned lists are shared between equal resources, up to this many different ones. */
const MOST_SHARED_ROWS = 200_000;

/**
 * States the cover problem of each region and type: the pairs that go, and the pairs that no request may
 * hold, namely what is there and stays, and what is absent and not free (design, section 8).
 *
 * @param planned - in the order of the plan; the groups come in the same order.
 */
export function coverGroups(planned: readonly PlannedResource[], judge: Judge): readonly CoverGroup[] {
  const groups: CoverGroup[] = [];
  let from = 0;
  let first = planned[0]?.removal;
  for (let at = 1; first !== undefined; at += 1) {
    const next = planned[at]?.removal;
    if (next !== undefined && sameGroup(first, next)) continue;
    groups.push(coverGroup({ planned, from, to: at }, judge));
    from = at;
    first = next;
  }
  return groups;
}

/** The part of a plan that is of one region and type. */
interface Part {
  readonly planned: readonly PlannedResource[];
  readonly from: number;
  readonly to: number;
}

function sameGroup(a: Removal, b: Removal): boolean {
  return a.region === b.region && a.type === b.type;
}

/** Goes through the part twice, since its resources may be made anew each time, and holds on to none. */
function coverGroup(part: Part, judge: Judge): CoverGroup {
  const keys = keysOf(part);
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const free = createFreeKeys(keys, judge);
  const shared = new Map<string, Row>();
  const ids: string[] = [];
  const must: (readonly number[])[] = [];
  const kept: (readonly number[])[] = [];
  for (let at = part.from; at < part.to; at += 1) {
    const one = part.planned[at]!;
    const row = rowOf(one, indexOf, free, shared);
    ids.push(one.removal.id);
    must.push(row.must);
    kept.push(row.kept);
  }
  const { region, type } = part.planned[part.from]!.removal;
  return { region, type, keys, ids, must, kept };
}

function keysOf({ planned, from, to }: Part): readonly TagKey[] {
  const keys = new Set<TagKey>();
  for (let at = from; at < to; at += 1) {
    for (const tag of planned[at]!.removal.tags) {
      keys.add(tag.key);
    }
  }
  return [...keys].sort(compareText);
}

interface Row {
  readonly must: readonly number[];
  readonly kept: readonly number[];
}

function rowOf(
  { resource, removal }: PlannedResource,
  indexOf: ReadonlyMap<TagKey, number>,
  free: FreeKeys,
  shared: Map<string, Row>,
): Row {
  const must = removal.tags.map((tag) => indexOf.get(tag.key)!);
  const present = presentKeys(resource, indexOf);
  const absentKept = free.keptWhenAbsent(resource, present);
  const signature = `${must.join()}|${present.join()}|${absentKept.version}`;
  const known = shared.get(signature);
  if (known) {
    return known;
  }
  const row = { must, kept: keptOf(must, present, absentKept.keys) };
  if (shared.size < MOST_SHARED_ROWS) {
    shared.set(signature, row);
  }
  return row;
}

/** Ascending, as tags are sorted by key and keys too. */
function presentKeys(resource: Resource, indexOf: ReadonlyMap<TagKey, number>): readonly number[] {
  const present: number[] = [];
  for (const tag of resource.tags ?? []) {
    const index = indexOf.get(tag.key);
    if (index !== undefined) {
      present.push(index);
    }
  }
  return present;
}

/** What is present and not planned, and what is kept when absent and not present; ascending. */
function keptOf(
  must: readonly number[],
  present: readonly number[],
  keptWhenAbsent: readonly number[],
): readonly number[] {
  const here = new Set(present);
  const going = new Set(must);
  return [
    ...present.filter((key) => !going.has(key)),
    ...keptWhenAbsent.filter((key) => !here.has(key)),
  ].sort((a, b) => a - b);
}
