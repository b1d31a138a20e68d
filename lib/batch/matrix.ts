import type { CoverGroup, RequestLimits } from './types.ts';

/** Whether a request may not hold a pair: asked per class of equal rows. */
export type IsKept = (cls: number, key: number) => boolean;

/**
 * What is left of a group to be planned, as rows of cells in typed arrays.
 *
 * Keys are numbered by how many rows need them, rarest first; the cells of a row stand in that order. A
 * resource that loses more keys than a request holds is several rows. Equal rows are neighbors.
 */
export interface Matrix {
  readonly rowCount: number;
  readonly keyCount: number;
  /** Cells of row r: `start[r]` to `start[r + 1]`. */
  readonly start: Int32Array;
  /** Per cell, its key. */
  readonly keys: Int32Array;
  /** Per key, in how many rows it is a must. */
  readonly keyRows: Int32Array;
  /** Per row, its class: rows of a class need and keep the same keys. */
  readonly classOf: Int32Array;
  /** Left out where no row keeps anything, which makes much cheap. */
  readonly isKept: IsKept | undefined;
}

/** Rows that are equal in what they lose and keep. */
export interface Classes {
  readonly count: number;
  /** Per class, the first resource that is of it. */
  readonly sample: Int32Array;
  /** Resources of class c: `members[memberStart[c]]` to `members[memberStart[c + 1]]`. */
  readonly memberStart: Int32Array;
  readonly members: Int32Array;
}

const EMPTY = -1;

/** Sorts the resources of a group into classes of equal rows; linear in their cells. */
export function classify(group: CoverGroup): Classes {
  const total = group.must.length;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, total * 2)));
  const table = new Int32Array(size).fill(EMPTY);
  const hash = rowHash(group);
  const classOf = new Int32Array(total);
  const sample = new Int32Array(total);
  let count = 0;
  for (let i = 0; i < total; i++) {
    let at = hash(i) & (size - 1);
    while (table[at] !== EMPTY && !equalRows(group, sample[table[at]!]!, i)) at = (at + 1) & (size - 1);
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

function rowHash(group: CoverGroup): (row: number) => number {
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
    if (!group.absentIsKept) hash = Math.imul(hash, 31) ^ hashKept(group.kept[row]!);
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

function equalRows(group: CoverGroup, a: number, b: number): boolean {
  if (!equalLists(group.must[a]!, group.must[b]!)) return false;
  return group.absentIsKept === true || equalLists(group.kept[a]!, group.kept[b]!);
}

function equalLists(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether nobody in the group keeps any of its keys. */
export function keepsNothing(group: CoverGroup): boolean {
  if (group.absentIsKept) return group.must.every((keys) => keys.length === group.keys.length);
  return group.kept.every((keys) => keys.length === 0);
}

/** A matrix with the way back to resources and keys of its group. */
export interface Residue {
  readonly matrix: Matrix;
  /** Per row, the index of its resource in the group. */
  readonly resourceOf: Int32Array;
  /** Per key of the matrix, its index in the group. */
  readonly keyOf: Int32Array;
  /** Requests that are full already: equal rows in R at a time; indexes into the group. */
  readonly fullBatches: readonly FullBatch[];
}

/** A request of equal rows. */
export interface FullBatch {
  readonly resources: Int32Array;
  readonly keys: readonly number[];
}

interface Piece {
  readonly cls: number;
  readonly keys: readonly number[];
}

/**
 * Numbers what is left of a group when full requests of equal rows are set apart.
 *
 * No request can finish more than R rows, so a full one of equal rows is never wasted where rows are
 * scarce; the rest is less than R rows a class. Where key slots are scarce the slots of such requests would
 * be, and nothing is set apart.
 */
export function buildResidue(
  group: CoverGroup,
  classes: Classes,
  limits: RequestLimits,
  setFullApart: boolean,
): Residue {
  const pieces = cutPieces(group, classes, limits.keys);
  const fullBatches: FullBatch[] = [];
  const firstLeft = pieces.map(({ cls, keys }) => {
    const end = classes.memberStart[cls + 1]!;
    let at = classes.memberStart[cls]!;
    for (; setFullApart && end - at >= limits.resources; at += limits.resources) {
      fullBatches.push({ resources: classes.members.subarray(at, at + limits.resources), keys });
    }
    return at;
  });
  return { fullBatches, ...numberRows(group, classes, pieces, firstLeft) };
}

/** Rows of more than K keys are cut into pieces, common keys together. */
function cutPieces(group: CoverGroup, classes: Classes, most: number): Piece[] {
  const pieces: Piece[] = [];
  let uses: Int32Array | undefined;
  for (let cls = 0; cls < classes.count; cls++) {
    const keys = Array.from(group.must[classes.sample[cls]!]!);
    if (keys.length <= most) {
      pieces.push({ cls, keys });
      continue;
    }
    uses ??= countUses(group);
    keys.sort((a, b) => uses![b]! - uses![a]! || a - b);
    for (let at = 0; at < keys.length; at += most) pieces.push({ cls, keys: keys.slice(at, at + most) });
  }
  return pieces;
}

function countUses(group: CoverGroup): Int32Array {
  const uses = new Int32Array(group.keys.length);
  for (const keys of group.must) for (let j = 0; j < keys.length; j++) uses[keys[j]!]!++;
  return uses;
}

function numberRows(
  group: CoverGroup,
  classes: Classes,
  pieces: readonly Piece[],
  firstLeft: readonly number[],
): Omit<Residue, 'fullBatches'> {
  const uses = new Int32Array(group.keys.length);
  const left = pieces.map(({ cls, keys }, p) => {
    const rows = classes.memberStart[cls + 1]! - firstLeft[p]!;
    for (const key of keys) uses[key]! += rows;
    return rows;
  });
  const keyOf = Int32Array.from(uses.keys())
    .filter((key) => uses[key]! > 0)
    .sort((a, b) => uses[a]! - uses[b]! || a - b);
  const numberOf = new Int32Array(group.keys.length).fill(EMPTY);
  keyOf.forEach((key, number) => {
    numberOf[key] = number;
  });

  const numbered = pieces.map(({ keys }) => Int32Array.from(keys, (key) => numberOf[key]!).sort());
  const order = pieces.map((_, p) => p).filter((p) => left[p]! > 0);
  order.sort((a, b) => compareLists(numbered[a]!, numbered[b]!) || a - b);
  const rowCount = order.reduce((sum, p) => sum + left[p]!, 0);
  const cellCount = order.reduce((sum, p) => sum + left[p]! * numbered[p]!.length, 0);
  const start = new Int32Array(rowCount + 1);
  const keys = new Int32Array(cellCount);
  const classOf = new Int32Array(rowCount);
  const resourceOf = new Int32Array(rowCount);
  let row = 0;
  for (const p of order) {
    const end = classes.memberStart[pieces[p]!.cls + 1]!;
    for (let at = firstLeft[p]!; at < end; at++, row++) {
      keys.set(numbered[p]!, start[row]!);
      start[row + 1] = start[row]! + numbered[p]!.length;
      classOf[row] = pieces[p]!.cls;
      resourceOf[row] = classes.members[at]!;
    }
  }
  const keyRows = Int32Array.from(keyOf, (key) => uses[key]!);
  const isKept = keepsNothing(group) ? undefined : keptTest(group, classes, numberOf, keyOf);
  return {
    matrix: { rowCount, keyCount: keyOf.length, start, keys, keyRows, classOf, isKept },
    resourceOf,
    keyOf,
  };
}

function compareLists(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Above this many bytes a bit per class and key is too dear, and lists are searched instead. */
const MAX_BITS_BYTES = 1 << 25;

function keptTest(group: CoverGroup, classes: Classes, numberOf: Int32Array, keyOf: Int32Array): IsKept {
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
      if (key !== EMPTY) bits[cls * words + (key >> 5)]! ^= 1 << (key & 31);
    }
  }
  return (cls, key) => ((bits[cls * words + (key >> 5)]! >>> (key & 31)) & 1) === 1;
}

function includesSorted(list: ArrayLike<number>, value: number): boolean {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return list[low] === value;
}
