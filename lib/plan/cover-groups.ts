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
  for (let at = 1; at <= planned.length; at += 1) {
    if (at === planned.length || !sameGroup(planned[from]!.removal, planned[at]!.removal)) {
      groups.push(coverGroup(planned.slice(from, at), judge));
      from = at;
    }
  }
  return groups;
}

function sameGroup(a: Removal, b: Removal): boolean {
  return a.region === b.region && a.resourceType === b.resourceType;
}

function coverGroup(planned: readonly PlannedResource[], judge: Judge): CoverGroup {
  const keys = keysOf(planned);
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const free = createFreeKeys(keys, judge);
  const shared = new Map<string, Row>();
  const rows = planned.map((one) => rowOf(one, indexOf, free, shared));
  const { region, resourceType } = planned[0]!.removal;
  return {
    region,
    resourceType,
    keys,
    resourceIds: planned.map((one) => one.removal.resourceId),
    must: rows.map((row) => row.must),
    kept: rows.map((row) => row.kept),
  };
}

function keysOf(planned: readonly PlannedResource[]): readonly TagKey[] {
  const keys = new Set<TagKey>();
  for (const { removal } of planned) {
    for (const tag of removal.tags) {
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
