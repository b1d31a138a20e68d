import type { Draft } from './draft.ts';

const NONE = -1;

/** So many rows of the key that a request begins with are looked at; for seats that are left, this part of them for each key. */
const MOST_SEEN = 1_000;
const TRIED_SHARE = 0.3;

/** Beyond so many cells a quarter as many rows are looked at: there time counts for more than a per cent. */
const MANY_CELLS = 2_000_000;

/** What a packer goes by; in the improvement some are drawn. */
export interface RectangleTaste {
  /** The price of naming a key, over that of a place. */
  readonly slotPrice: number;
  /** Where more rows are at hand than seats, how much their number counts against what they are worth together. */
  readonly crowding: number;
  /** What a request must be worth to be made; one that is full in both ways is worth 1 + `slotPrice`. */
  readonly leastWorth: number;
}

/**
 * Makes one request at a time: takes the rarest key with open cells and the rows that need it, widens it
 * key by key as long as that makes it worth more, though rows that keep the key must leave, and gives seats
 * that are left to the rows whose cells are worth most.
 *
 * A cell is worth its part of a place in a request, and its part of a naming of its key: the fewer cells
 * its row has left, and the fewer rows its key, the more.
 */
export class RectanglePacker {
  /** Cells looked at so far: a measure of work that no clock disturbs. */
  work = 0;
  private readonly draft: Draft;
  /** Per key: open cells among the rows at hand, and where its rows stand in `list`. */
  private readonly left: Int32Array;
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private list = new Int32Array(0);
  /** Per row, its open cells. */
  private readonly rowLeft: Int32Array;
  /** Per row, the stamp of the last request that looked at it. */
  private readonly met: Int32Array;
  /** Per row that was met, what its cells of the chosen keys are worth. */
  private readonly value: Float32Array;
  /** Per key, what it would add to the request in the making. */
  private readonly gain: Float32Array;
  /** Per key, the stamp of the request for which it is chosen, or the same negated: it is weighed. */
  private readonly mark: Int32Array;
  private readonly mostSeen: number;
  private stamp = 0;
  private chosen: number[] = [];
  private rows: number[] = [];
  private total = 0;
  private taste: RectangleTaste = { slotPrice: 1, crowding: 1, leastWorth: 0 };

  constructor(draft: Draft) {
    const { keyCount, rowCount } = draft.matrix;
    this.draft = draft;
    this.mostSeen = draft.matrix.keys.length > MANY_CELLS ? MOST_SEEN / 4 : MOST_SEEN;
    this.left = new Int32Array(keyCount);
    this.from = new Int32Array(keyCount);
    this.to = new Int32Array(keyCount);
    this.gain = new Float32Array(keyCount);
    this.mark = new Int32Array(keyCount);
    this.rowLeft = new Int32Array(rowCount);
    this.met = new Int32Array(rowCount);
    this.value = new Float32Array(rowCount);
  }

  /**
   * Covers the open cells of the rows, save for those of which no request is worth it.
   *
   * @param most - so many requests are opened; then the rest is left open, too.
   * @returns the requests opened.
   */
  pack(rows: ArrayLike<number>, taste: RectangleTaste, most: number): number[] {
    this.taste = taste;
    const opened: number[] = [];
    const keys = this.index(rows);
    for (const key of keys) {
      while (this.left[key]! > 0 && opened.length < most && this.gather(key)) opened.push(this.open());
    }
    for (const key of keys) this.left[key] = 0;
    return opened;
  }

  /** Lists the rows of each key with open cells. @returns the keys, rarest first. */
  private index(rows: ArrayLike<number>): number[] {
    const { owner, matrix } = this.draft;
    const { start, keys } = matrix;
    const touched: number[] = [];
    let cells = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      this.rowLeft[row] = 0;
      for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
        if (owner[cell] !== NONE) continue;
        if (this.left[keys[cell]!]!++ === 0) touched.push(keys[cell]!);
        this.rowLeft[row]!++;
        cells++;
      }
    }
    touched.sort((a, b) => this.left[a]! - this.left[b]! || a - b);
    if (this.list.length < cells) this.list = new Int32Array(cells);
    let at = 0;
    for (const key of touched) {
      this.from[key] = at;
      this.to[key] = at;
      at += this.left[key]!;
    }
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
        if (owner[cell] === NONE) this.list[this.to[keys[cell]!]!++] = row;
      }
    }
    return touched;
  }

  /** Chooses rows and keys around a key. @returns whether they are worth a request. */
  private gather(seed: number): boolean {
    const { seats } = this.draft;
    this.stamp++;
    this.chosen = [];
    this.rows = [];
    this.total = 0;
    for (let at = this.from[seed]!; at < this.to[seed]! && this.rows.length < this.mostSeen; at++) {
      if (this.isOpen(at, seed)) this.enter(this.list[at]!, 0);
    }
    this.take(seed);
    this.widen();
    if (this.rows.length > seats) {
      this.select(seats);
      this.widen();
    }
    if (this.rows.length < seats) this.fill();
    return this.total >= this.taste.leastWorth;
  }

  /** Whether the row at this place of a key's list still needs the key; forgets the start of the list if not. */
  private isOpen(at: number, key: number): boolean {
    if (this.draft.owner[this.cellOf(this.list[at]!, key)] === NONE) return true;
    if (at === this.from[key]) this.from[key]!++;
    return false;
  }

  /** The row's cell of a key; the end of the row when it has none. */
  private cellOf(row: number, key: number): number {
    const { start, keys } = this.draft.matrix;
    let cell = start[row]!;
    while (cell < start[row + 1]! && keys[cell] !== key) cell++;
    return cell;
  }

  private enter(row: number, value: number): void {
    this.met[row] = this.stamp;
    this.value[row] = value;
    this.total += value;
    this.rows.push(row);
  }

  private price(row: number, key: number): number {
    const { seats, slots } = this.draft;
    const slot = this.taste.slotPrice / (Math.min(this.left[key]!, seats) * slots);
    return slot + 1 / (seats * this.rowLeft[row]!);
  }

  /** Adds a key; rows that keep it leave. */
  private take(key: number): void {
    const { start, isKept, classOf } = this.draft.matrix;
    this.chosen.push(key);
    this.mark[key] = this.stamp;
    this.total = 0;
    let stay = 0;
    for (const row of this.rows) {
      if (isKept?.(classOf[row]!, key)) continue;
      this.rows[stay++] = row;
      const cell = this.cellOf(row, key);
      if (cell < start[row + 1]! && this.draft.owner[cell] === NONE) this.value[row]! += this.price(row, key);
      this.total += this.value[row]!;
    }
    this.rows.length = stay;
  }

  private widen(): void {
    const { slots, matrix } = this.draft;
    while (this.chosen.length < slots) {
      const key = this.bestKey(this.weighKeys(), matrix.isKept !== undefined);
      if (key === NONE) return;
      this.take(key);
    }
  }

  /** The keys not chosen that rows at hand need, with what each would add in `gain`. */
  private weighKeys(): number[] {
    const { owner, matrix } = this.draft;
    const { start, keys } = matrix;
    const found: number[] = [];
    for (const row of this.rows) {
      const end = start[row + 1]!;
      this.work += end - start[row]!;
      for (let cell = start[row]!; cell < end; cell++) {
        const key = keys[cell]!;
        if (owner[cell] !== NONE || this.mark[key] === this.stamp) continue;
        if (this.mark[key] !== -this.stamp) {
          this.mark[key] = -this.stamp;
          this.gain[key] = 0;
          found.push(key);
        }
        this.gain[key]! += this.price(row, key);
      }
    }
    for (const key of found) this.mark[key] = 0;
    return found;
  }

  /** The key that makes the request worth most, or `NONE` when none makes it worth more. */
  private bestKey(candidates: number[], someKeep: boolean): number {
    const { isKept, classOf } = this.draft.matrix;
    if (someKeep) candidates.sort((a, b) => this.gain[b]! - this.gain[a]! || a - b);
    let best = NONE;
    let bestWorth = this.worth(this.total, this.rows.length) * 1.0001;
    for (const key of candidates) {
      let total = this.total + this.gain[key]!;
      if (total <= bestWorth) continue;
      let count = this.rows.length;
      if (isKept !== undefined) {
        this.work += count;
        for (const row of this.rows) {
          if (!isKept(classOf[row]!, key)) continue;
          total -= this.value[row]!;
          count--;
        }
      }
      const worth = this.worth(total, count);
      if (worth <= bestWorth) continue;
      best = key;
      bestWorth = worth;
    }
    return best;
  }

  /** About what the best seats' worth of so many rows is worth. */
  private worth(total: number, count: number): number {
    const { seats } = this.draft;
    return count <= seats ? total : total * (seats / count) ** this.taste.crowding;
  }

  /** Leaves the rows that are worth most. */
  private select(most: number): void {
    this.rows.sort((a, b) => this.value[b]! - this.value[a]! || a - b);
    for (const row of this.rows.splice(most)) this.total -= this.value[row]!;
  }

  private fill(): void {
    const { seats } = this.draft;
    const found: number[] = [];
    for (const key of this.chosen) {
      let tried = 0;
      for (let at = this.from[key]!; at < this.to[key]! && tried < TRIED_SHARE * this.mostSeen; at++) {
        if (!this.isOpen(at, key)) continue;
        tried++;
        const row = this.list[at]!;
        if (this.met[row] === this.stamp) continue;
        this.met[row] = this.stamp;
        if (this.appraise(row)) found.push(row);
      }
    }
    found.sort((a, b) => this.value[b]! - this.value[a]! || a - b);
    for (const row of found.slice(0, seats - this.rows.length)) this.enter(row, this.value[row]!);
  }

  /** Notes what the chosen keys are worth to a row; false when it keeps one of them. */
  private appraise(row: number): boolean {
    const { owner, matrix } = this.draft;
    const { start, keys, isKept, classOf } = matrix;
    if (isKept !== undefined && this.chosen.some((key) => isKept(classOf[row]!, key))) return false;
    let value = 0;
    this.work += start[row + 1]! - start[row]!;
    for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
      if (owner[cell] === NONE && this.mark[keys[cell]!] === this.stamp)
        value += this.price(row, keys[cell]!);
    }
    this.value[row] = value;
    return true;
  }

  /** Opens the request that was gathered. */
  private open(): number {
    const { draft } = this;
    const { start, keys } = draft.matrix;
    const q = draft.open();
    for (const row of this.rows) {
      for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
        const key = keys[cell]!;
        if (draft.owner[cell] !== NONE || this.mark[key] !== this.stamp) continue;
        draft.assign(row, cell, q);
        this.left[key]!--;
        this.rowLeft[row]!--;
      }
    }
    return q;
  }
}
