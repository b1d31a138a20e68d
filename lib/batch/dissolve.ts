import type { Draft } from './draft.ts';
import { Placer } from './place.ts';

const NONE = -1;
const EXTRA = 12;

/** How many requests may be weighed for each cell in one round: what keeps large fleets near-linear. */
const WEIGHED_PER_CELL = 24;

/**
 * Takes requests away one at a time, emptiest first, by moving what only they cover into room elsewhere; a
 * request that cannot be emptied stays as it was. In rounds, until one takes nothing away.
 *
 * @param least stops at so many requests: there are no better plans.
 * @param halted asked before each request; true ends it.
 */
export function dissolve(draft: Draft, least: number, halted: () => boolean = () => false): void {
  for (let before = draft.live + 1; draft.live < before && draft.live > least; ) {
    before = draft.live;
    dissolveRound(draft, least, halted);
  }
}

function dissolveRound(draft: Draft, least: number, halted: () => boolean): void {
  const placer = new Placer(draft);
  const mostWeighed = 200_000 + WEIGHED_PER_CELL * draft.owner.length;
  const order = liveRequests(draft).sort((a, b) => draft.cells[a]! - draft.cells[b]! || a - b);
  for (let i = 0; i < order.length && draft.live > least && placer.weighed < mostWeighed; i++) {
    if (halted()) return;
    const q = order[i]!;
    if (draft.rowCount[q] === 0) continue;
    placer.extra = order.slice(i + 1, i + 1 + EXTRA);
    draft.record();
    if (dissolveOne(draft, placer, q)) draft.keep();
    else draft.undo();
  }
}

export function liveRequests(draft: Draft): number[] {
  const live: number[] = [];
  for (let q = 0; q < draft.size; q++) if (draft.rowCount[q]! > 0) live.push(q);
  return live;
}

function dissolveOne(draft: Draft, placer: Placer, q: number): boolean {
  const rows = tearOut(draft, q);
  for (const row of rows) if (!placer.placeParts(row)) return false;
  return true;
}

/** Empties a request; its rows, those with most cells now unowned first. */
export function tearOut(draft: Draft, q: number): number[] {
  const { start } = draft.matrix;
  const rows = Array.from(draft.rows.subarray(q * draft.seats, q * draft.seats + draft.rowCount[q]!));
  const needs = new Map<number, number>();
  for (const row of rows) {
    let need = 0;
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      if (draft.owner[cell] !== q) continue;
      draft.assign(row, cell, NONE);
      need++;
    }
    needs.set(row, need);
  }
  return rows.sort((a, b) => needs.get(b)! - needs.get(a)! || a - b);
}
