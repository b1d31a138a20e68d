import type { Draft } from './draft.ts';
import { indexes } from './indexes.ts';
import { Placer } from './place.ts';

/** How many of the requests opened last are weighed for a row that shares keys with none. */
const RECENT = 8;

/** Packs rows whole by best fit into the requests that share most keys, and opens one where none has room. */
export function packRows(draft: Draft): void {
  packInOrder(draft, indexes(draft.matrix.rowCount));
}

/**
 * The same for the open cells of some rows.
 *
 * @param order rows, in the order in which they are packed.
 * @param leastKey only keys from this number up are packed: common keys have high numbers.
 */
export function packInOrder(draft: Draft, order: Iterable<number>, leastKey = 0): void {
  const placer = new Placer(draft, leastKey);
  placeOrOpen(draft, order, placer, (row) => placer.placeWhole(row), leastKey);
}

/** Packs the open cells of rows into all requests that have room for some of them, and opens one for the rest. */
export function packParts(draft: Draft, order: Iterable<number>): void {
  const placer = new Placer(draft);
  placeOrOpen(draft, order, placer, (row) => placer.placeParts(row));
}

function placeOrOpen(
  draft: Draft,
  order: Iterable<number>,
  placer: Placer,
  place: (row: number) => boolean,
  leastKey = 0,
): void {
  const recent: number[] = [];
  placer.extra = recent;
  for (const row of order) {
    if (place(row)) continue;
    const q = openFor(draft, row, leastKey);
    if (recent.length === RECENT) recent.shift();
    recent.push(q);
  }
}

/** Opens a request for the cells of a row that nobody owns. */
export function openFor(draft: Draft, row: number, leastKey = 0): number {
  const { start, keys } = draft.matrix;
  const q = draft.open();
  for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
    if (draft.owner[cell] === -1 && keys[cell]! >= leastKey) draft.assign(row, cell, q);
  }
  return q;
}
