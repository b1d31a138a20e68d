import type { Classes } from './classes.ts';
import type { KeyUses } from './key-uses.ts';
import type { CoverGroup } from './types.ts';

/** A request as indexes into its group. */
export interface Rectangle {
  readonly resources: ArrayLike<number>;
  readonly keys: ArrayLike<number>;
}

/**
 * One request for every R resources of equal keys and every K of the keys: what a careful script does.
 *
 * @param sets classes of resources that lose the same keys.
 */
export function planIdenticalSets(
  group: CoverGroup,
  sets: Classes,
  limits: { readonly resources: number; readonly keys: number },
): Rectangle[] {
  const { members, memberStart } = sets;
  const rectangles: Rectangle[] = [];
  for (let set = 0; set < sets.count; set++) {
    const keys = chunks(Array.from(group.must[sets.sample[set]!]!), limits.keys);
    const end = memberStart[set + 1]!;
    for (let at = memberStart[set]!; at < end; at += limits.resources) {
      const resources = members.subarray(at, Math.min(at + limits.resources, end));
      for (const few of keys) rectangles.push({ resources, keys: few });
    }
  }
  return rectangles;
}

/** How many requests `planIdenticalSets` would take. */
export function countIdenticalSets(
  group: CoverGroup,
  sets: Classes,
  limits: { readonly resources: number; readonly keys: number },
): number {
  const { memberStart } = sets;
  let requests = 0;
  for (let set = 0; set < sets.count; set++) {
    const size = memberStart[set + 1]! - memberStart[set]!;
    const keys = group.must[sets.sample[set]!]!.length;
    requests += Math.ceil(size / limits.resources) * Math.ceil(keys / limits.keys);
  }
  return requests;
}

/** One request for each key and every R of its resources. */
export function planPerKey(group: CoverGroup, limits: { readonly resources: number }): Rectangle[] {
  const resources = group.keys.map((): number[] => []);
  group.must.forEach((keys, i) => {
    for (let j = 0; j < keys.length; j++) resources[keys[j]!]!.push(i);
  });
  return resources.flatMap((list, key) =>
    chunks(list, limits.resources).map((some) => ({ resources: some, keys: [key] })),
  );
}

/** How many requests `planPerKey` would take. */
export function countPerKey({ uses }: KeyUses, limits: { readonly resources: number }): number {
  let requests = 0;
  for (const count of uses) requests += Math.ceil(count / limits.resources);
  return requests;
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}
