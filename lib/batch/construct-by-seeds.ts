import type { Draft } from './draft.ts';
import { indexes } from './indexes.ts';

/** So many rows of a key are looked at when a request takes the key: lists of common keys are long. */
const MOST_ENTERING = 128;

/** A row counts by its missing keys to this power: one that is nearly finished weighs far more. */
const NEARNESS = 4;

/**
 * Makes one request at a time around the row that is hardest to place, and widens it by the key that most
 * nearly finishes the rows in sight, until slots are out or a request's worth of rows is finished.
 *
 * Rows are placed whole, and all of them; splitting is left to dissolving. For sparse or overlapping key
 * sets, where best fit scatters what belongs together.
 */
export function packSeeds(draft: Draft): void {
  const { start } = draft.matrix;
  const sight = new Sight(draft);
  for (const seed of sight.order) {
    if (sight.placed[seed] === 1) continue;
    const q = draft.open();
    for (const row of sight.gather(seed)) {
      sight.placed[row] = 1;
      for (let cell = start[row]!; cell < start[row + 1]!; cell++) draft.assign(row, cell, q);
    }
  }
}

/** The rows in sight of one request in the making, and what each further key would do for them. */
class Sight {
  /** Rows, hardest first: those whose keys few others share. */
  readonly order: Int32Array;
  /** 1 for rows that have a request. */
  readonly placed: Uint8Array;
  private readonly draft: Draft;
  /** Rows of each key, hardest first, from `listFrom` (what is before is placed) to `listStart` of the next. */
  private readonly listStart: Int32Array;
  private readonly listFrom: Int32Array;
  private readonly list: Int32Array;
  /** Per row, the stamp of the request it is in sight of; negative: excluded from it, since it keeps a key. */
  private readonly sighted: Int32Array;
  private readonly missing: Uint16Array;
  /** Per key, the stamp of the request that has it. */
  private readonly taken: Int32Array;
  /** Per key, the stamp of the request for which `score` and `waiting` hold. */
  private readonly scored: Int32Array;
  private readonly score: Float64Array;
  private readonly waiting: (number[] | undefined)[];
  private readonly worth: Float64Array;
  private stamp = 0;
  private chosen: number[] = [];
  private candidates: number[] = [];
  private inSight: number[] = [];
  private finished = 0;

  constructor(draft: Draft) {
    const { rowCount, keyCount, start, keys, keyRows } = draft.matrix;
    this.draft = draft;
    this.placed = new Uint8Array(rowCount);
    this.sighted = new Int32Array(rowCount);
    this.missing = new Uint16Array(rowCount);
    this.taken = new Int32Array(keyCount);
    this.scored = new Int32Array(keyCount);
    this.score = new Float64Array(keyCount);
    this.waiting = new Array(keyCount);
    this.worth = Float64Array.from({ length: draft.slots + 1 }, (_, m) => 1 / Math.max(1, m) ** NEARNESS);
    this.order = hardestFirst(draft);
    this.listStart = new Int32Array(keyCount + 1);
    for (let key = 0; key < keyCount; key++) this.listStart[key + 1] = this.listStart[key]! + keyRows[key]!;
    this.listFrom = this.listStart.slice(0, keyCount);
    this.list = new Int32Array(keys.length);
    const end = this.listStart.slice(0, keyCount);
    for (const row of this.order) {
      for (let cell = start[row]!; cell < start[row + 1]!; cell++) this.list[end[keys[cell]!]!++] = row;
    }
  }

  /** The rows of the next request, the seed among them; at most as many as it seats. */
  gather(seed: number): readonly number[] {
    const { draft } = this;
    const { start, keys } = draft.matrix;
    this.stamp++;
    this.chosen = [];
    this.candidates = [];
    this.inSight = [];
    this.finished = 0;
    this.enter(seed);
    for (let cell = start[seed]!; cell < start[seed + 1]!; cell++) this.take(keys[cell]!);
    while (this.chosen.length < draft.slots && this.finished < draft.seats) {
      const key = this.bestKey(seed);
      if (key === undefined) break;
      this.take(key);
    }
    return this.inSight.filter((row) => this.isFinished(row)).slice(0, draft.seats);
  }

  private isFinished(row: number): boolean {
    return this.sighted[row] === this.stamp && this.missing[row] === 0;
  }

  private bestKey(seed: number): number | undefined {
    const { classOf, isKept } = this.draft.matrix;
    let best: number | undefined;
    let bestScore = 0;
    for (const key of this.candidates) {
      if (this.taken[key] === this.stamp || this.score[key]! <= bestScore) continue;
      if (isKept?.(classOf[seed]!, key)) continue;
      best = key;
      bestScore = this.score[key]!;
    }
    return best;
  }

  /** Adds a key to the request: rows that keep it leave, rows that need it come nearer, more rows come in sight. */
  private take(key: number): void {
    this.taken[key] = this.stamp;
    this.chosen.push(key);
    this.exclude(key);
    for (const row of this.scored[key] === this.stamp ? this.waiting[key]! : []) this.approach(row);
    const end = this.listStart[key + 1]!;
    while (this.listFrom[key]! < end && this.placed[this.list[this.listFrom[key]!]!] === 1) {
      this.listFrom[key]!++;
    }
    let entering = 0;
    for (let at = this.listFrom[key]!; at < end && entering < MOST_ENTERING; at++) {
      const row = this.list[at]!;
      if (this.placed[row] === 1) continue;
      entering++;
      if (Math.abs(this.sighted[row]!) !== this.stamp) this.enter(row);
    }
  }

  private exclude(key: number): void {
    const { classOf, isKept } = this.draft.matrix;
    if (isKept === undefined) return;
    for (const row of this.inSight) {
      if (this.sighted[row] !== this.stamp || !isKept(classOf[row]!, key)) continue;
      if (this.missing[row] === 0) this.finished--;
      else this.addScore(row, -this.worth[this.missing[row]!]!);
      this.sighted[row] = -this.stamp;
    }
  }

  private enter(row: number): void {
    const { start, keys, classOf, isKept } = this.draft.matrix;
    if (isKept !== undefined && this.chosen.some((key) => isKept(classOf[row]!, key))) {
      this.sighted[row] = -this.stamp;
      return;
    }
    this.sighted[row] = this.stamp;
    this.inSight.push(row);
    let missing = 0;
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      const key = keys[cell]!;
      if (this.taken[key] === this.stamp) continue;
      missing++;
      if (this.scored[key] !== this.stamp) this.consider(key);
      this.waiting[key]!.push(row);
    }
    this.missing[row] = missing;
    if (missing === 0) this.finished++;
    else this.addScore(row, this.worth[missing]!);
  }

  private consider(key: number): void {
    this.scored[key] = this.stamp;
    this.score[key] = 0;
    this.waiting[key] = [];
    this.candidates.push(key);
  }

  private approach(row: number): void {
    if (this.sighted[row] !== this.stamp) return;
    const missing = --this.missing[row]!;
    if (missing === 0) this.finished++;
    else this.addScore(row, this.worth[missing]! - this.worth[missing + 1]!);
  }

  private addScore(row: number, worth: number): void {
    const { start, keys } = this.draft.matrix;
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      if (this.taken[keys[cell]!] !== this.stamp) this.score[keys[cell]!]! += worth;
    }
  }
}

function hardestFirst({ matrix }: Draft): Int32Array {
  const { rowCount, start, keys, keyRows } = matrix;
  const hardness = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      hardness[row]! += 1 / Math.sqrt(keyRows[keys[cell]!]!);
    }
  }
  return indexes(rowCount).sort((a, b) => hardness[b]! - hardness[a]! || a - b);
}
