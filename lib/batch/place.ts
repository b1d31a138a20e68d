import type { Draft } from './draft.ts';

const NONE = -1;

/** How many requests are weighed for one row: the lists of common keys are long. */
const MAX_VISITS = 64;

/**
 * Finds room in existing requests for the cells of a row that nobody owns.
 *
 * Requests that hold the row's rarest keys are weighed first: a rare key's slot is the one that is not to
 * be had elsewhere.
 */
export class Placer {
  private readonly draft: Draft;
  private readonly leastKey: number;
  /** Of the draft: with it the keys that the row needs are marked, and the requests that were weighed. */
  private stamp = 0;
  /** Requests also weighed although they may share no key. */
  extra: readonly number[] = [];
  private readonly need: number[] = [];
  /** How many requests were weighed so far: a measure of work that no clock disturbs. */
  weighed = 0;
  private best = NONE;
  private bestScore = 0;

  /** @param leastKey keys below it are left alone. */
  constructor(draft: Draft, leastKey = 0) {
    this.draft = draft;
    this.leastKey = leastKey;
  }

  /** Places all unowned cells of the row in one request; false when none has room for all. */
  placeWhole(row: number): boolean {
    this.search(row, true);
    if (this.best === NONE) return this.need.length === 0;
    this.give(row, this.best);
    return true;
  }

  /** Places all unowned cells of the row, in several requests if need be; false when some stay unowned. */
  placeParts(row: number): boolean {
    for (;;) {
      this.search(row, false);
      if (this.need.length === 0) return true;
      if (this.best === NONE) return false;
      this.give(row, this.best);
    }
  }

  /** Places all unowned cells of the row in a request that holds it already; false when none has slots for all. */
  placeAtHome(row: number): boolean {
    this.collect(row);
    this.weighMembers(row, true);
    if (this.best === NONE) return this.need.length === 0;
    this.give(row, this.best);
    return true;
  }

  private search(row: number, whole: boolean): void {
    this.collect(row);
    if (this.need.length === 0) return;
    this.weighMembers(row, whole);
    this.walk(row, whole);
    const { draft } = this;
    for (const q of this.extra) {
      if (draft.rowCount[q]! > 0 && draft.rowCount[q]! < draft.seats) this.weigh(row, q, whole, false);
    }
  }

  private collect(row: number): void {
    const { draft, need } = this;
    const { start, keys } = draft.matrix;
    this.best = NONE;
    this.bestScore = 0;
    this.stamp = ++draft.stamp;
    need.length = 0;
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      if (draft.owner[cell] !== NONE || keys[cell]! < this.leastKey) continue;
      need.push(cell);
      draft.keyMark[keys[cell]!] = this.stamp;
    }
  }

  private weighMembers(row: number, whole: boolean): void {
    const { draft } = this;
    const { start } = draft.matrix;
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      const q = draft.owner[cell]!;
      if (q !== NONE) this.weigh(row, q, whole, true);
    }
  }

  private walk(row: number, whole: boolean): void {
    const { draft, need } = this;
    const { keys } = draft.matrix;
    let visits = 0;
    for (let i = 0; i < need.length && visits < MAX_VISITS; i++) {
      let slot = draft.head[keys[need[i]!]!]!;
      for (; slot !== NONE && visits < MAX_VISITS; slot = draft.next[slot]!) {
        this.weigh(row, Math.floor(slot / draft.slots), whole, false);
        visits++;
      }
    }
  }

  /** Most cells covered first, then fewest new keys, then the request that is fuller. */
  private weigh(row: number, q: number, whole: boolean, member: boolean): void {
    const { draft } = this;
    if (draft.requestMark[q] === this.stamp) return;
    draft.requestMark[q] = this.stamp;
    this.weighed++;
    const shared = this.countShared(row, q, member);
    if (shared === NONE) return;
    const room = draft.slots - draft.keyCount[q]!;
    const missing = this.need.length - shared;
    if (whole && missing > room) return;
    let score = this.score(q, shared, Math.min(missing, room), member);
    if (score <= this.bestScore) return;
    if (missing > 0 && draft.matrix.isKept !== undefined) {
      const addable = this.countAddable(q);
      if (whole && addable < missing) return;
      score = this.score(q, shared, Math.min(addable, room), member);
      if (score <= this.bestScore) return;
    }
    this.best = q;
    this.bestScore = score;
  }

  /** How many needed keys request q has; -1 when it has one that the row keeps. */
  private countShared(row: number, q: number, member: boolean): number {
    const { draft } = this;
    const isKept = member ? undefined : draft.matrix.isKept;
    const cls = draft.matrix.classOf[row]!;
    const from = q * draft.slots;
    const to = from + draft.keyCount[q]!;
    let shared = 0;
    for (let slot = from; slot < to; slot++) {
      const key = draft.keys[slot]!;
      if (draft.keyMark[key] === this.stamp) shared++;
      else if (isKept?.(cls, key)) return NONE;
    }
    return shared;
  }

  private score(q: number, shared: number, added: number, member: boolean): number {
    if (shared + added === 0) return 0;
    const { draft } = this;
    const fullness = draft.keyCount[q]! / (draft.slots + 1);
    return (
      (shared + added) * 1000 -
      added * 30 +
      (member ? 500 : 0) +
      fullness * 20 +
      draft.rowCount[q]! / draft.seats
    );
  }

  /** How many needed keys request q lacks and none of its rows keeps. */
  private countAddable(q: number): number {
    const { keys } = this.draft.matrix;
    let addable = 0;
    for (const cell of this.need) {
      const key = keys[cell]!;
      if (this.draft.slotOf(q, key) === NONE && canAddKey(this.draft, q, key)) addable++;
    }
    return addable;
  }

  private give(row: number, q: number): void {
    const { draft } = this;
    const { keys } = draft.matrix;
    for (const cell of this.need) {
      const key = keys[cell]!;
      if (draft.slotOf(q, key) === NONE) {
        if (draft.keyCount[q] === draft.slots || !canAddKey(draft, q, key)) continue;
      }
      draft.assign(row, cell, q);
    }
  }
}

/** Whether no row of request q keeps the key. */
export function canAddKey(draft: Draft, q: number, key: number): boolean {
  const { isKept, classOf } = draft.matrix;
  if (isKept === undefined) return true;
  const from = q * draft.seats;
  const to = from + draft.rowCount[q]!;
  for (let at = from; at < to; at++) if (isKept(classOf[draft.rows[at]!]!, key)) return false;
  return true;
}
