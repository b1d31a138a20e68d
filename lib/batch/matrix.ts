import type { Classes } from './classes.ts';
import { indexesWhere } from './indexes.ts';
import { type IsKept, keepsNothing, keptTest, NO_KEY } from './kept.ts';
import type { KeyUses } from './key-uses.ts';
import type { CoverGroup, RequestLimits } from './types.ts';

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
  readonly keys: Int32Array;
}

/** Classes cut to at most K keys; piece p is of class `cls[p]` and has `keys[start[p]]` to `keys[start[p + 1]]`. */
interface Pieces {
  readonly count: number;
  readonly cls: Int32Array;
  readonly start: Int32Array;
  /** Of the group. */
  readonly keys: Int32Array;
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
  { uses }: KeyUses,
  classes: Classes,
  limits: RequestLimits,
  setFullApart: boolean,
): Residue {
  const pieces = cutPieces(group, uses, classes, limits.keys);
  const fullBatches: FullBatch[] = [];
  const firstLeft = new Int32Array(pieces.count);
  for (let p = 0; p < pieces.count; p++) {
    const end = classes.memberStart[pieces.cls[p]! + 1]!;
    let at = classes.memberStart[pieces.cls[p]!]!;
    for (; setFullApart && end - at >= limits.resources; at += limits.resources) {
      fullBatches.push({
        resources: classes.members.subarray(at, at + limits.resources),
        keys: pieces.keys.subarray(pieces.start[p]!, pieces.start[p + 1]!),
      });
    }
    firstLeft[p] = at;
  }
  return { fullBatches, ...numberRows(group, classes, pieces, firstLeft) };
}

/** Rows of more than K keys are cut into pieces, common keys together. */
function cutPieces(group: CoverGroup, uses: Int32Array, classes: Classes, most: number): Pieces {
  let count = 0;
  let cells = 0;
  for (let c = 0; c < classes.count; c++) {
    const { length } = group.must[classes.sample[c]!]!;
    count += Math.ceil(length / most);
    cells += length;
  }
  const cls = new Int32Array(count);
  const start = new Int32Array(count + 1);
  const keys = new Int32Array(cells);
  let p = 0;
  let cell = 0;
  for (let c = 0; c < classes.count; c++) {
    const row = group.must[classes.sample[c]!]!;
    const end = cell + row.length;
    for (let j = 0; j < row.length; j++) keys[cell + j] = row[j]!;
    if (row.length > most) keys.subarray(cell, end).sort((a, b) => uses[b]! - uses[a]! || a - b);
    for (; cell < end; p++) {
      cell = Math.min(end, cell + most);
      cls[p] = c;
      start[p + 1] = cell;
    }
  }
  return { count, cls, start, keys };
}

function numberRows(
  group: CoverGroup,
  classes: Classes,
  pieces: Pieces,
  firstLeft: Int32Array,
): Omit<Residue, 'fullBatches'> {
  const left = firstLeft.map((at, p) => classes.memberStart[pieces.cls[p]! + 1]! - at);
  const { uses, keyOf, numberOf } = numberKeys(group.keys.length, pieces, left);
  const numbered = pieces.keys.map((key) => numberOf[key]!);
  for (let p = 0; p < pieces.count; p++) sortFew(numbered, pieces.start[p]!, pieces.start[p + 1]!);
  const order = indexesWhere(pieces.count, (p) => left[p]! > 0);
  order.sort((a, b) => comparePieces(pieces.start, numbered, a, b) || a - b);
  let rowCount = 0;
  let cellCount = 0;
  for (const p of order) {
    rowCount += left[p]!;
    cellCount += left[p]! * (pieces.start[p + 1]! - pieces.start[p]!);
  }
  const start = new Int32Array(rowCount + 1);
  const keys = new Int32Array(cellCount);
  const classOf = new Int32Array(rowCount);
  const resourceOf = new Int32Array(rowCount);
  let row = 0;
  for (const p of order) {
    const end = classes.memberStart[pieces.cls[p]! + 1]!;
    for (let at = firstLeft[p]!; at < end; at++, row++) {
      let cell = start[row]!;
      for (let from = pieces.start[p]!; from < pieces.start[p + 1]!; from++) keys[cell++] = numbered[from]!;
      start[row + 1] = cell;
      classOf[row] = pieces.cls[p]!;
      resourceOf[row] = classes.members[at]!;
    }
  }
  const keyRows = keyOf.map((key) => uses[key]!);
  const isKept = keepsNothing(group) ? undefined : keptTest(group, classes, numberOf, keyOf);
  return {
    matrix: { rowCount, keyCount: keyOf.length, start, keys, keyRows, classOf, isKept },
    resourceOf,
    keyOf,
  };
}

/** Numbers the keys that are left, rarest first; a key that is not gets `NO_KEY`. */
function numberKeys(
  keyCount: number,
  pieces: Pieces,
  left: Int32Array,
): { uses: Int32Array; keyOf: Int32Array; numberOf: Int32Array } {
  const uses = new Int32Array(keyCount);
  for (let p = 0; p < pieces.count; p++) {
    for (let at = pieces.start[p]!; at < pieces.start[p + 1]!; at++) uses[pieces.keys[at]!]! += left[p]!;
  }
  const keyOf = indexesWhere(keyCount, (key) => uses[key]! > 0);
  keyOf.sort((a, b) => uses[a]! - uses[b]! || a - b);
  const numberOf = new Int32Array(keyCount).fill(NO_KEY);
  for (let number = 0; number < keyOf.length; number++) numberOf[keyOf[number]!] = number;
  return { uses, keyOf, numberOf };
}

/** Sorts the numbers from `from` to `to` in place, by insertion: they are at most K. */
function sortFew(numbers: Int32Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const number = numbers[at]!;
    let hole = at;
    for (; hole > from && numbers[hole - 1]! > number; hole--) numbers[hole] = numbers[hole - 1]!;
    numbers[hole] = number;
  }
}

function comparePieces(start: Int32Array, keys: Int32Array, a: number, b: number): number {
  let i = start[a]!;
  let j = start[b]!;
  for (; i < start[a + 1]! && j < start[b + 1]!; i++, j++)
    if (keys[i] !== keys[j]) return keys[i]! - keys[j]!;
  return start[a + 1]! - i - (start[b + 1]! - j);
}
