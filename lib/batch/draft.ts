import type { Matrix } from './matrix.ts';

const NONE = -1;

/** What the journal can take back; each entry is four numbers. */
const Op = { own: 0, addKey: 1, dropKey: 2, addRow: 3, dropRow: 4 } as const;

/**
 * A plan in the making: requests, and for each cell the one request that owns it.
 *
 * A row sits in a request exactly while a cell of it is owned there, and a request holds a key exactly
 * while a cell of that key is owned there, so seats and key slots are never held for nothing. Requests are
 * numbers; one without rows is free for reuse. With the journal on, everything can be taken back.
 */
export class Draft {
  readonly matrix: Matrix;
  readonly seats: number;
  readonly slots: number;
  /** Per cell, the request that covers it, or -1. */
  readonly owner: Int32Array;
  /** How many request numbers were ever used. */
  size = 0;
  /** How many requests hold rows. */
  live = 0;
  rows: Int32Array;
  rowCount: Int32Array;
  keys: Int32Array;
  keyCount: Int32Array;
  /** Per key slot, the cells owned. */
  keyUse: Int32Array;
  /** Per request, the cells owned. */
  cells: Int32Array;
  /** Per key, the first key slot of a request with a seat left; then `next`. */
  readonly head: Int32Array;
  next: Int32Array;
  /** Marks of whoever looks for room: per key, and per request, the stamp of the last search that met it. */
  readonly keyMark: Int32Array;
  requestMark: Int32Array;
  /** The last stamp that was given out. */
  stamp = 0;
  private prev: Int32Array;
  private free: number[] = [];
  private journal: number[] | undefined;

  /**
   * @param expected about how many requests there will be: room for them is taken at once, since pages
   * never written cost nothing, and arrays that were outgrown do until they are collected.
   */
  constructor(matrix: Matrix, seats: number, slots: number, expected = 0) {
    this.matrix = matrix;
    this.seats = seats;
    this.slots = slots;
    const capacity = 64 + expected;
    this.owner = new Int32Array(matrix.keys.length).fill(NONE);
    this.head = new Int32Array(matrix.keyCount).fill(NONE);
    this.rows = new Int32Array(capacity * seats);
    this.rowCount = new Int32Array(capacity);
    this.keys = new Int32Array(capacity * slots);
    this.keyCount = new Int32Array(capacity);
    this.keyUse = new Int32Array(capacity * slots);
    this.cells = new Int32Array(capacity);
    this.next = new Int32Array(capacity * slots);
    this.prev = new Int32Array(capacity * slots);
    this.keyMark = new Int32Array(matrix.keyCount);
    this.requestMark = new Int32Array(capacity);
  }

  /** Forgets all requests; the room for them stays. */
  clear(): void {
    this.owner.fill(NONE);
    this.head.fill(NONE);
    this.rowCount.fill(0);
    this.keyCount.fill(0);
    this.cells.fill(0);
    this.size = 0;
    this.live = 0;
    this.free = [];
    this.journal = undefined;
  }

  /** Makes the requests anew of which somebody kept who owns each cell; their numbers change. */
  restore(owner: Int32Array): void {
    this.clear();
    const { rowCount, start } = this.matrix;
    const numberOf = new Map<number, number>();
    for (let row = 0; row < rowCount; row++) {
      for (let cell = start[row]!; cell < start[row + 1]!; cell++) {
        const old = owner[cell]!;
        if (old === NONE) continue;
        let q = numberOf.get(old);
        if (q === undefined) {
          q = this.open();
          numberOf.set(old, q);
        }
        this.assign(row, cell, q);
      }
    }
  }

  /** A request number without rows or keys. */
  open(): number {
    for (let q = this.free.pop(); q !== undefined; q = this.free.pop()) if (this.rowCount[q] === 0) return q;
    if (this.size === this.rowCount.length) this.grow();
    return this.size++;
  }

  /** From now on, changes can be taken back. */
  record(): void {
    this.journal = [];
  }

  /** The changes since `record` stay. */
  keep(): void {
    this.journal = undefined;
  }

  /** Takes back all changes since `record`, last first. */
  undo(): void {
    const journal = this.journal ?? [];
    this.journal = undefined;
    for (let at = journal.length - 3; at >= 0; at -= 3) {
      const what = journal[at]!;
      const a = journal[at + 1]!;
      const b = journal[at + 2]!;
      const op = what & 7;
      if (op === Op.own) this.setOwner(a, what >> 3, b);
      else if (op === Op.addKey) this.dropKey(a, this.slotOf(a, b));
      else if (op === Op.dropKey) this.addKey(a, b);
      else if (op === Op.addRow) this.dropRow(a, b);
      else this.addRow(a, b);
    }
  }

  /** Where request q holds the key, or -1. */
  slotOf(q: number, key: number): number {
    const from = q * this.slots;
    const to = from + this.keyCount[q]!;
    for (let slot = from; slot < to; slot++) if (this.keys[slot] === key) return slot;
    return NONE;
  }

  hasRow(q: number, row: number): boolean {
    const from = this.matrix.start[row]!;
    const to = this.matrix.start[row + 1]!;
    for (let cell = from; cell < to; cell++) if (this.owner[cell] === q) return true;
    return false;
  }

  /** Gives a cell to request q (or, with -1, to none): seats and slots follow. The caller knows that it fits. */
  assign(row: number, cell: number, q: number): void {
    const old = this.owner[cell]!;
    if (old === q) return;
    const key = this.matrix.keys[cell]!;
    if (q !== NONE) {
      if (!this.hasRow(q, row)) this.addRow(q, row);
      if (this.slotOf(q, key) === NONE) this.addKey(q, key);
    }
    this.setOwner(cell, key, q);
    if (old === NONE) return;
    const slot = this.slotOf(old, key);
    if (this.keyUse[slot] === 0) this.dropKey(old, slot);
    if (!this.hasRow(old, row)) this.dropRow(old, row);
  }

  private setOwner(cell: number, key: number, q: number): void {
    const old = this.owner[cell]!;
    if (old !== NONE) {
      this.keyUse[this.slotOf(old, key)]!--;
      this.cells[old]!--;
    }
    if (q !== NONE) {
      this.keyUse[this.slotOf(q, key)]!++;
      this.cells[q]!++;
    }
    this.owner[cell] = q;
    this.journal?.push((key << 3) | Op.own, cell, old);
  }

  private addKey(q: number, key: number): void {
    const slot = q * this.slots + this.keyCount[q]!++;
    this.keys[slot] = key;
    this.keyUse[slot] = 0;
    if (this.rowCount[q]! < this.seats) this.link(slot, key);
    this.journal?.push(Op.addKey, q, key);
  }

  private dropKey(q: number, slot: number): void {
    const key = this.keys[slot]!;
    const last = q * this.slots + --this.keyCount[q]!;
    const linked = this.rowCount[q]! < this.seats;
    if (linked) this.unlink(slot, key);
    if (slot !== last) {
      const moved = this.keys[last]!;
      if (linked) this.unlink(last, moved);
      this.keys[slot] = moved;
      this.keyUse[slot] = this.keyUse[last]!;
      if (linked) this.link(slot, moved);
    }
    this.journal?.push(Op.dropKey, q, key);
  }

  private addRow(q: number, row: number): void {
    const at = this.rowCount[q]!;
    if (at === 0) this.live++;
    this.rows[q * this.seats + at] = row;
    if (at + 1 === this.seats) this.linkAll(q, false);
    this.rowCount[q] = at + 1;
    this.journal?.push(Op.addRow, q, row);
  }

  private dropRow(q: number, row: number): void {
    const from = q * this.seats;
    const last = from + this.rowCount[q]! - 1;
    let at = from;
    while (this.rows[at] !== row) at++;
    this.rows[at] = this.rows[last]!;
    if (this.rowCount[q] === this.seats) this.linkAll(q, true);
    if (--this.rowCount[q]! === 0) {
      this.live--;
      this.free.push(q);
    }
    this.journal?.push(Op.dropRow, q, row);
  }

  private linkAll(q: number, on: boolean): void {
    const from = q * this.slots;
    const to = from + this.keyCount[q]!;
    for (let slot = from; slot < to; slot++) {
      if (on) this.link(slot, this.keys[slot]!);
      else this.unlink(slot, this.keys[slot]!);
    }
  }

  private link(slot: number, key: number): void {
    const first = this.head[key]!;
    this.next[slot] = first;
    this.prev[slot] = NONE;
    if (first !== NONE) this.prev[first] = slot;
    this.head[key] = slot;
  }

  private unlink(slot: number, key: number): void {
    const before = this.prev[slot]!;
    const after = this.next[slot]!;
    if (before === NONE) this.head[key] = after;
    else this.next[before] = after;
    if (after !== NONE) this.prev[after] = before;
  }

  private grow(): void {
    const doubled = (old: Int32Array): Int32Array => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.rows = doubled(this.rows);
    this.rowCount = doubled(this.rowCount);
    this.keys = doubled(this.keys);
    this.keyCount = doubled(this.keyCount);
    this.keyUse = doubled(this.keyUse);
    this.cells = doubled(this.cells);
    this.next = doubled(this.next);
    this.prev = doubled(this.prev);
    this.requestMark = doubled(this.requestMark);
  }
}
