import { openFor } from './construct-by-rows.ts';
import { liveRequests, tearOut } from './dissolve.ts';
import type { Draft } from './draft.ts';
import { Placer } from './place.ts';
import { RectanglePacker } from './rectangle-packer.ts';

/** So many requests are torn out together at the most. */
const MOST_TORN = 6;

/** In each round so many requests may be tried before the list of live ones is made anew. */
const ROUND = 64;

/** Tries at the most: half of what can be gained on large fleets is gained in the first thousand. */
const MOST_TRIES = 6_000;

/** More are made, divided by the requests of the plan: of few, one is a large part. */
const MORE_TRIES_OVER_REQUESTS = 240_000;

/** When this part of the tries brought nothing, the others are not made. */
const PATIENCE = 1 / 3;

/** A plan with the load this much more even is taken, too, by chance: it leads out of dead ends. */
const EVENNESS = 0.05;

/**
 * Tears out a few requests that share keys or rows, packs their cells anew, and keeps the result when it
 * takes fewer requests, or as many with the load hardly more even: uneven, the emptiest are easier to
 * dissolve.
 *
 * Chance has a seed, and what ends the search is the number of tries, so that the plan is the same every
 * time. Valid at every instant.
 *
 * @param least stops at so many requests.
 * @param effort how many times the usual tries.
 */
export function ruinAndRecreate(draft: Draft, least: number, effort: number): void {
  const search = new Search(draft);
  const tries = effort * usualTries(draft);
  let fewest = draft.live;
  for (let done = 0, gained = 0; done < tries && done - gained < PATIENCE * tries; ) {
    if (draft.live <= least || draft.live === 1) return;
    const live = liveRequests(draft).sort((a, b) => draft.cells[a]! - draft.cells[b]! || a - b);
    for (let i = 0; i < ROUND; i++, done++) {
      const seed = live[Math.floor(search.chance() ** 2 * live.length)]!;
      if (draft.rowCount[seed] === 0) continue;
      search.tryAnew(search.neighbors(seed));
      if (draft.live < fewest) {
        fewest = draft.live;
        gained = done;
      }
    }
  }
}

function usualTries({ owner, live }: Draft): number {
  const cells = owner.length;
  return Math.min(MOST_TRIES + MORE_TRIES_OVER_REQUESTS / live, Math.max(12 * cells, cells ** 2 / 100));
}

class Search {
  readonly chance = seededChance();
  private readonly draft: Draft;
  private readonly placer: Placer;
  private readonly packer: RectanglePacker;

  constructor(draft: Draft) {
    this.draft = draft;
    this.placer = new Placer(draft);
    this.packer = new RectanglePacker(draft);
  }

  tryAnew(torn: readonly number[]): void {
    const { draft } = this;
    const before = draft.live;
    const leastLoad = this.load(torn) * (1 - EVENNESS * this.chance());
    draft.record();
    const rows = new Set<number>();
    for (const q of torn) for (const row of tearOut(draft, q)) rows.add(row);
    const opened = this.recreate([...rows], before);
    if (opened !== undefined && (draft.live < before || this.load(opened) >= leastLoad)) draft.keep();
    else draft.undo();
  }

  /** Covers the open cells of rows. @returns the requests opened; nothing where more would be needed than before. */
  private recreate(rows: readonly number[], before: number): number[] | undefined {
    const { draft, placer } = this;
    const most = before - draft.live;
    const opened = this.chance() < 0.5 ? [] : this.packer.pack(rows, this.drawTaste(), most);
    placer.extra = opened;
    for (const row of this.shuffle(rows)) {
      if (placer.placeWhole(row)) continue;
      if (draft.live < before - 1) opened.push(openFor(draft, row));
      else if (!placer.placeParts(row)) {
        if (draft.live === before) return undefined;
        opened.push(openFor(draft, row));
      }
    }
    return opened;
  }

  private drawTaste() {
    return { slotPrice: 3 * this.chance(), crowding: 0.5 + 0.6 * this.chance(), leastWorth: this.chance() };
  }

  /** Rows with many open cells come first, save for some chance. */
  private shuffle(rows: readonly number[]): number[] {
    const rank = new Map(rows.map((row) => [row, this.openCells(row) + this.chance() * 3]));
    return [...rows].sort((a, b) => rank.get(b)! - rank.get(a)!);
  }

  /** Sum of squares of the cells owned: higher is less even. */
  private load(requests: readonly number[]): number {
    const { rowCount, cells } = this.draft;
    return requests.reduce((sum, q) => sum + (rowCount[q]! > 0 ? cells[q]! ** 2 : 0), 0);
  }

  private openCells(row: number): number {
    const { owner, matrix } = this.draft;
    let open = 0;
    for (let cell = matrix.start[row]!; cell < matrix.start[row + 1]!; cell++) if (owner[cell] === -1) open++;
    return open;
  }

  /** A request and some that hold rows or keys of it. */
  neighbors(seed: number): number[] {
    const { draft, chance } = this;
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
