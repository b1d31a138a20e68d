import { packInOrder } from './construct-by-rows.ts';
import type { Draft } from './draft.ts';
import { indexes, indexesWhere } from './indexes.ts';
import { Placer } from './place.ts';

/** A key is common when more than one in so many of a request's resources lose it. */
const COMMON_SHARE = 8;

/**
 * Packs the common keys by rows, then the rare ones into the key slots left over, first of requests that
 * hold the row already; what finds no slot is packed by rows again.
 *
 * For long tails of rare keys, where key slots are scarce rather than seats.
 */
export function packHybrid(draft: Draft): void {
  const { start, keys } = draft.matrix;
  const leastCommon = firstCommonKey(draft);
  packInOrder(draft, byCommonPart(draft, leastCommon), leastCommon);
  const rest = rowsLeft(draft);
  const rarity = new Float64Array(rest.length);
  for (let i = 0; i < rest.length; i++) rarity[i] = meanRows(draft, rest[i]!, leastCommon);
  const order = indexes(rest.length).sort((a, b) => rarity[a]! - rarity[b]! || a - b);
  const home = new Placer(draft);
  for (const i of order) if (keys[start[rest[i]! + 1]! - 1]! >= leastCommon) home.placeAtHome(rest[i]!);
  packInOrder(draft, rowsLeft(draft));
}

/** Keys from this number up are common: they are numbered rarest first. */
function firstCommonKey({ matrix, seats }: Draft): number {
  const first = matrix.keyRows.findIndex((rows) => rows > seats / COMMON_SHARE);
  return first === -1 ? matrix.keyCount : first;
}

/** Rows with common keys, those alike in them together, and each run of them spread over its requests. */
function byCommonPart(draft: Draft, leastCommon: number): Int32Array {
  const { rowCount, start, keys } = draft.matrix;
  const first = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let cell = start[row]!;
    while (cell < start[row + 1]! && keys[cell]! < leastCommon) cell++;
    first[row] = cell;
  }
  const order = indexesWhere(rowCount, (row) => first[row]! < start[row + 1]!);
  const compare = (a: number, b: number): number => {
    let i = first[a]!;
    let j = first[b]!;
    for (; i < start[a + 1]! && j < start[b + 1]!; i++, j++) {
      if (keys[i] !== keys[j]) return keys[i]! - keys[j]!;
    }
    return start[a + 1]! - i - (start[b + 1]! - j);
  };
  order.sort((a, b) => compare(a, b) || a - b);
  return spreadRuns(order, compare, draft.seats);
}

/** Deals each run of equals out like cards, so that no request gets all those with many rare keys. */
function spreadRuns(order: Int32Array, compare: (a: number, b: number) => number, seats: number): Int32Array {
  const spread = new Int32Array(order.length);
  let dealt = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && compare(order[from]!, order[to]!) === 0) to++;
    const hands = Math.ceil((to - from) / seats);
    for (let hand = 0; hand < hands; hand++) {
      for (let at = from + hand; at < to; at += hands) spread[dealt++] = order[at]!;
    }
  }
  return spread;
}

/** Rows with cells that nobody owns. */
function rowsLeft(draft: Draft): Int32Array {
  const { rowCount, start } = draft.matrix;
  return indexesWhere(rowCount, (row) => {
    let cell = start[row]!;
    while (cell < start[row + 1]! && draft.owner[cell] !== -1) cell++;
    return cell < start[row + 1]!;
  });
}

/** How many rows, in the mean, share the rare keys of a row. */
function meanRows(draft: Draft, row: number, leastCommon: number): number {
  const { start, keys, keyRows } = draft.matrix;
  let sum = 0;
  let count = 0;
  for (let cell = start[row]!; cell < start[row + 1]! && keys[cell]! < leastCommon; cell++, count++) {
    sum += keyRows[keys[cell]!]!;
  }
  return count === 0 ? 0 : sum / count;
}
