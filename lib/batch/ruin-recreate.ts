import { openFor } from './construct-by-rows.ts';
import { liveRequests, tearOut } from './dissolve.ts';
import type { Draft } from './draft.ts';
import { Placer } from './place.ts';

/** So many requests are torn out together at the most. */
const MOST_TORN = 6;

/** In each round so many requests may be tried before the list of live ones is made anew. */
const ROUND = 64;

/** Tries made for each request of a draft whatever the time, and at the most in all. */
const FREE_TRIES = 20;
const MOST_FREE_TRIES = 2_000;

/** So many tries in a row without one request less end the search. */
const PATIENCE = 50_000;

/**
 * Tears out a few requests that share keys or rows, packs their cells anew, and keeps the result when it
 * takes fewer requests, or as many with the load less even: then the emptiest will be easier to dissolve.
 *
 * Chance has a seed; only the moment when `halted` says so depends on a clock, and a first number of tries
 * is made without asking. Valid at every instant.
 *
 * @param least stops at so many requests.
 */
export function ruinAndRecreate(draft: Draft, least: number, halted: () => boolean): void {
  const chance = seededChance();
  const placer = new Placer(draft);
  const freeTries = Math.min(MOST_FREE_TRIES, FREE_TRIES * draft.live);
  let tries = 0;
  let lastGain = 0;
  while (draft.live > least && draft.live > 1) {
    const live = liveRequests(draft).sort((a, b) => draft.cells[a]! - draft.cells[b]! || a - b);
    for (let i = 0; i < ROUND; i++) {
      if (tries++ >= freeTries && (halted() || tries - lastGain > PATIENCE)) return;
      const seed = live[Math.floor(chance() ** 2 * live.length)]!;
      if (draft.rowCount[seed] === 0) continue;
      const before = draft.live;
      tryAnew(draft, placer, neighbors(draft, seed, chance), chance);
      if (draft.live < before) lastGain = tries;
    }
  }
}

function tryAnew(draft: Draft, placer: Placer, torn: readonly number[], chance: () => number): void {
  const before = draft.live;
  const loadBefore = load(draft, torn);
  draft.record();
  const rows = new Set<number>();
  for (const q of torn) for (const row of tearOut(draft, q)) rows.add(row);
  const order = [...rows].map((row) => ({ row, rank: openCells(draft, row) + chance() * 3 }));
  order.sort((a, b) => b.rank - a.rank);
  const opened: number[] = [];
  placer.extra = opened;
  for (const { row } of order) {
    if (placer.placeWhole(row)) continue;
    if (draft.live < before - 1) opened.push(openFor(draft, row));
    else if (!placer.placeParts(row)) {
      if (draft.live === before) {
        draft.undo();
        return;
      }
      opened.push(openFor(draft, row));
    }
  }
  if (draft.live < before || load(draft, opened) >= loadBefore) draft.keep();
  else draft.undo();
}

/** Sum of squares of the cells owned: higher is less even. */
function load(draft: Draft, requests: readonly number[]): number {
  return requests.reduce((sum, q) => sum + (draft.rowCount[q]! > 0 ? draft.cells[q]! ** 2 : 0), 0);
}

function openCells(draft: Draft, row: number): number {
  const { start } = draft.matrix;
  let open = 0;
  for (let cell = start[row]!; cell < start[row + 1]!; cell++) if (draft.owner[cell] === -1) open++;
  return open;
}

/** A request and some that hold rows or keys of it. */
function neighbors(draft: Draft, seed: number, chance: () => number): number[] {
  const { start } = draft.matrix;
  const found = new Set([seed]);
  const wanted = 2 + Math.floor(chance() * (MOST_TORN - 1));
  for (let tries = 0; tries < 4 * wanted && found.size < wanted; tries++) {
    const row = draft.rows[seed * draft.seats + Math.floor(chance() * draft.rowCount[seed]!)]!;
    const cell = start[row]! + Math.floor(chance() * (start[row + 1]! - start[row]!));
    if (draft.owner[cell] !== -1) found.add(draft.owner[cell]!);
    const key = draft.keys[seed * draft.slots + Math.floor(chance() * draft.keyCount[seed]!)]!;
    let slot = draft.head[key]!;
    for (let skip = Math.floor(chance() * 8); skip > 0 && slot !== -1; skip--) slot = draft.next[slot]!;
    if (slot !== -1 && found.size < wanted) found.add(Math.floor(slot / draft.slots));
  }
  return [...found];
}

function seededChance(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
