import { counted } from '../text.ts';
import type { Classes } from './classes.ts';
import { indexes } from './indexes.ts';
import { includesSorted, keepsNothing } from './kept.ts';
import type { KeyUses } from './key-uses.ts';
import type { CoverGroup, RequestLimits } from './types.ts';

/** A lower bound of one group, and why it holds. */
export interface GroupBound {
  readonly requests: number;
  readonly argument: string;
}

/** The best of the bounds of one group; each holds by itself. */
export function boundGroup(
  group: CoverGroup,
  uses: KeyUses,
  classes: Classes,
  limits: RequestLimits,
): GroupBound {
  const bounds = [boundByRows(group, uses, limits), boundBySlots(uses, limits)];
  if (group.absentIsKept === true) bounds.push(boundByRarestKey(group, uses, limits));
  else if (!keepsNothing(group)) bounds.push(boundByConflicts(group, uses, classes, limits));
  return bounds.reduce((best, bound) => (bound.requests > best.requests ? bound : best));
}

function boundByRows(group: CoverGroup, { rowsOfLength }: KeyUses, limits: RequestLimits): GroupBound {
  let seats = 0;
  for (let length = 1; length < rowsOfLength.length; length++) {
    seats += rowsOfLength[length]! * Math.ceil(length / limits.keys);
  }
  return {
    requests: Math.ceil(seats / limits.resources),
    argument:
      `${counted(group.must.length, 'resource')} ${group.must.length === 1 ? 'takes' : 'take'} at least ` +
      `${counted(seats, 'place')} in requests, and a request has ${limits.resources}.`,
  };
}

function boundBySlots({ uses }: KeyUses, limits: RequestLimits): GroupBound {
  const slots = countChunks(uses, limits.resources);
  return {
    requests: Math.ceil(slots / limits.keys),
    argument:
      `Each key must be named once for every ${limits.resources} of its resources, ${slots} times in all, ` +
      `and a request names ${limits.keys}.`,
  };
}

/**
 * Where every pair that does not go is kept, a request names only keys that all its resources lose. Were it
 * to name the rarest keys of two resources, both would lose both, and so the two keys would be one.
 */
function boundByRarestKey(group: CoverGroup, { uses }: KeyUses, limits: RequestLimits): GroupBound {
  const rowsOfKey = new Int32Array(group.keys.length);
  for (const keys of group.must) {
    let rarest = keys[0]!;
    for (let j = 1; j < keys.length; j++) {
      const key = keys[j]!;
      if (uses[key]! < uses[rarest]! || (uses[key] === uses[rarest] && key < rarest)) rarest = key;
    }
    rowsOfKey[rarest]!++;
  }
  return {
    requests: countChunks(rowsOfKey, limits.resources),
    argument:
      'No request removes the rarest keys of two resources that differ in that key (one of them would lose a ' +
      `key that it keeps), so each such key needs a request of its own for every ${limits.resources} of the resources.`,
  };
}

/** So many classes are looked at for pairs that conflict, largest first, and so many are taken at the most. */
const MOST_LOOKED_AT = 4_000;
const MOST_TAKEN = 400;

/**
 * Picks from each class of equal rows at most one key, so that of two classes with different keys one keeps
 * the key of the other: then no request serves both.
 */
function boundByConflicts(
  group: CoverGroup,
  { uses }: KeyUses,
  classes: Classes,
  limits: RequestLimits,
): GroupBound {
  const sizeOf = (cls: number): number => classes.memberStart[cls + 1]! - classes.memberStart[cls]!;
  const bySize = indexes(classes.count).sort((a, b) => sizeOf(b) - sizeOf(a) || a - b);
  const keeps = (cls: number, key: number): boolean => includesSorted(group.kept[classes.sample[cls]!]!, key);
  const taken: { readonly cls: number; readonly key: number }[] = [];
  const rowsOfKey = new Map<number, number>();
  for (const cls of bySize.subarray(0, MOST_LOOKED_AT)) {
    const keys = Array.from(group.must[classes.sample[cls]!]!).sort(
      (a, b) => Number(rowsOfKey.has(a)) - Number(rowsOfKey.has(b)) || uses[a]! - uses[b]! || a - b,
    );
    const key = keys.find((some) =>
      taken.every((other) => other.key === some || keeps(cls, other.key) || keeps(other.cls, some)),
    );
    if (key === undefined) continue;
    taken.push({ cls, key });
    rowsOfKey.set(key, (rowsOfKey.get(key) ?? 0) + sizeOf(cls));
    if (taken.length === MOST_TAKEN) break;
  }
  const rows = Int32Array.from(rowsOfKey.values());
  const paired = rows.reduce((sum, count) => sum + count, 0);
  return {
    requests: countChunks(rows, limits.resources),
    argument:
      `${counted(rows.length, 'key')} can be paired with ${counted(paired, 'resource')} that lose them so that of any two ` +
      'resources with different keys one keeps the key of the other: no request serves both, and ' +
      `each key needs one for every ${limits.resources} of its resources.`,
  };
}

/** Requests of `size` that the counts need when none is shared. */
function countChunks(counts: Int32Array, size: number): number {
  let chunks = 0;
  for (const count of counts) chunks += Math.ceil(count / size);
  return chunks;
}
