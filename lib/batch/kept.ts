import type { Classes } from './classes.ts';
import type { CoverGroup } from './types.ts';

/** Whether a request may not hold a pair: asked per class of equal rows, and key of the matrix. */
export type IsKept = (cls: number, key: number) => boolean;

/** Whether nobody in the group keeps any of its keys. */
export function keepsNothing(group: CoverGroup): boolean {
  if (group.absentIsKept) return group.must.every((keys) => keys.length === group.keys.length);
  return group.kept.every((keys) => keys.length === 0);
}

/** Above this many bytes a bit per class and key is too dear, and lists are searched instead. */
const MAX_BITS_BYTES = 1 << 25;

/** Stands for a key of the group that the matrix has not. */
export const NO_KEY = -1;

/**
 * Makes the test of a group's kept pairs.
 *
 * @param numberOf per key of the group, its number in the matrix, or `NO_KEY`.
 * @param keyOf per key of the matrix, its index in the group.
 */
export function keptTest(
  group: CoverGroup,
  classes: Classes,
  numberOf: Int32Array,
  keyOf: Int32Array,
): IsKept {
  const absentIsKept = group.absentIsKept === true;
  const listOf = (cls: number) => (absentIsKept ? group.must : group.kept)[classes.sample[cls]!]!;
  const words = Math.ceil(keyOf.length / 32);
  if (words * 4 * classes.count > MAX_BITS_BYTES) {
    return (cls, key) => includesSorted(listOf(cls), keyOf[key]!) !== absentIsKept;
  }
  const bits = new Int32Array(words * classes.count);
  for (let cls = 0; cls < classes.count; cls++) {
    const list = listOf(cls);
    if (absentIsKept) bits.fill(-1, cls * words, (cls + 1) * words);
    for (let j = 0; j < list.length; j++) {
      const key = numberOf[list[j]!]!;
      if (key !== NO_KEY) bits[cls * words + (key >> 5)]! ^= 1 << (key & 31);
    }
  }
  return (cls, key) => ((bits[cls * words + (key >> 5)]! >>> (key & 31)) & 1) === 1;
}

/** Whether an ascending list holds a number. */
export function includesSorted(list: ArrayLike<number>, value: number): boolean {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return list[low] === value;
}
