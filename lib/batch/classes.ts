import type { CoverGroup } from './types.ts';

const EMPTY = -1;

/** Rows that are equal in what they lose and keep. */
export interface Classes {
  readonly count: number;
  /** Per class, the first resource that is of it. */
  readonly sample: Int32Array;
  /** Resources of class c: `members[memberStart[c]]` to `members[memberStart[c + 1]]`. */
  readonly memberStart: Int32Array;
  readonly members: Int32Array;
}

/** Sorts the resources of a group into classes of equal rows; linear in their cells. */
export function classify(group: CoverGroup): Classes {
  return classifyBy(group, group.absentIsKept === true);
}

/** Sorts the resources of a group into classes of those that lose the same keys, whatever they keep. */
export function classifyByMust(group: CoverGroup): Classes {
  return classifyBy(group, true);
}

function classifyBy(group: CoverGroup, mustAlone: boolean): Classes {
  const total = group.must.length;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, total * 2)));
  const table = new Int32Array(size).fill(EMPTY);
  const hash = rowHash(group, mustAlone);
  const isEqual = (a: number, b: number): boolean =>
    equalLists(group.must[a]!, group.must[b]!) && (mustAlone || equalLists(group.kept[a]!, group.kept[b]!));
  const classOf = new Int32Array(total);
  const sample = new Int32Array(total);
  let count = 0;
  for (let i = 0; i < total; i++) {
    let at = hash(i) & (size - 1);
    while (table[at] !== EMPTY && !isEqual(sample[table[at]!]!, i)) at = (at + 1) & (size - 1);
    if (table[at] === EMPTY) {
      table[at] = count;
      sample[count++] = i;
    }
    classOf[i] = table[at]!;
  }
  return { count, sample: sample.slice(0, count), ...membersOf(classOf, count) };
}

function membersOf(classOf: Int32Array, count: number): Pick<Classes, 'memberStart' | 'members'> {
  const memberStart = new Int32Array(count + 1);
  for (let i = 0; i < classOf.length; i++) memberStart[classOf[i]! + 1]!++;
  for (let c = 0; c < count; c++) memberStart[c + 1]! += memberStart[c]!;
  const next = memberStart.slice(0, count);
  const members = new Int32Array(classOf.length);
  for (let i = 0; i < classOf.length; i++) members[next[classOf[i]!]!++] = i;
  return { memberStart, members };
}

/** Long lists of kept keys are shared by many rows: each is read once. */
const LONG_LIST = 32;

function rowHash(group: CoverGroup, mustAlone: boolean): (row: number) => number {
  const known = new Map<ArrayLike<number>, number>();
  const hashKept = (list: ArrayLike<number>): number => {
    if (list.length < LONG_LIST) return hashList(0x55555555, list);
    const before = known.get(list);
    if (before !== undefined) return before;
    const hash = hashList(0x55555555, list);
    known.set(list, hash);
    return hash;
  };
  return (row) => {
    let hash = hashList(0x811c9dc5, group.must[row]!);
    if (!mustAlone) hash = Math.imul(hash, 31) ^ hashKept(group.kept[row]!);
    return hash ^ (hash >>> 15);
  };
}

function hashList(seed: number, list: ArrayLike<number>): number {
  let hash = seed;
  for (let j = 0; j < list.length; j++) {
    hash = Math.imul(hash ^ list[j]!, 0x9e3779b1);
    hash ^= hash >>> 13;
  }
  return hash;
}

function equalLists(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
