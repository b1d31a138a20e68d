import type { Classes } from './matrix.ts';
import type { CoverGroup } from './types.ts';

/** A request as indexes into its group. */
export interface Rectangle {
  readonly resources: ArrayLike<number>;
  readonly keys: ArrayLike<number>;
}

/** One request for every R resources of equal keys and every K of the keys: what a careful script does. */
export function planIdenticalSets(
  group: CoverGroup,
  classes: Classes,
  limits: { readonly resources: number; readonly keys: number },
): Rectangle[] {
  const { members, memberStart } = classes;
  const merged = new Map<string, { readonly keys: ArrayLike<number>; readonly resources: number[] }>();
  for (let cls = 0; cls < classes.count; cls++) {
    const keys = group.must[classes.sample[cls]!]!;
    const name = Array.prototype.join.call(keys, ',');
    let set = merged.get(name);
    if (set === undefined) {
      set = { keys, resources: [] };
      merged.set(name, set);
    }
    for (let at = memberStart[cls]!; at < memberStart[cls + 1]!; at++) set.resources.push(members[at]!);
  }
  return [...merged.values()].flatMap(({ keys, resources }) =>
    chunks(resources, limits.resources).flatMap((some) =>
      chunks(Array.from(keys), limits.keys).map((few) => ({ resources: some, keys: few })),
    ),
  );
}

/** How many requests `planIdenticalSets` would take. */
export function countIdenticalSets(
  group: CoverGroup,
  classes: Classes,
  limits: { readonly resources: number; readonly keys: number },
): number {
  const { memberStart } = classes;
  const sizes = new Map<string, number>();
  let requests = 0;
  for (let cls = 0; cls < classes.count; cls++) {
    const keys = group.must[classes.sample[cls]!]!;
    const size = memberStart[cls + 1]! - memberStart[cls]!;
    if (group.absentIsKept) {
      requests += Math.ceil(size / limits.resources) * Math.ceil(keys.length / limits.keys);
      continue;
    }
    const name = Array.prototype.join.call(keys, ',');
    const before = sizes.get(name) ?? 0;
    sizes.set(name, before + size);
    const more = Math.ceil((before + size) / limits.resources) - Math.ceil(before / limits.resources);
    requests += more * Math.ceil(keys.length / limits.keys);
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
export function countPerKey(group: CoverGroup, limits: { readonly resources: number }): number {
  const uses = new Int32Array(group.keys.length);
  for (const keys of group.must) for (let j = 0; j < keys.length; j++) uses[keys[j]!]!++;
  let requests = 0;
  for (const count of uses) requests += Math.ceil(count / limits.resources);
  return requests;
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}
