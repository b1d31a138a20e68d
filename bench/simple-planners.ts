import type { CoverGroup } from '../lib/batch/types.ts';

/*
 * Plain ways to plan, written for themselves: they share nothing with the planner that they are held
 * against. Each covers the cells of a group with requests of at most R resources and K keys.
 */

/** What a request may hold. */
export interface Size {
  readonly resources: number;
  readonly keys: number;
}

/** Requests in the making: for each, the keys that it removes for the sake of each row. */
export class Sheet {
  readonly requests: Request[] = [];
  readonly size: Size;
  /** Per row, its keys that no request removes yet. */
  readonly open: Set<number>[];
  /** Per key, the rows where it is open. */
  readonly openRows: Set<number>[];
  private readonly kept: ReadonlySet<number>[] | undefined;
  private readonly must: ReadonlySet<number>[];
  private readonly requestsOfKey: Set<Request>[];

  constructor(group: CoverGroup, size: Size) {
    this.size = size;
    this.must = group.must.map((keys) => new Set(Array.from(keys)));
    this.kept = group.absentIsKept ? undefined : group.kept.map((keys) => new Set(Array.from(keys)));
    this.open = this.must.map((keys) => new Set(keys));
    this.openRows = group.keys.map(() => new Set());
    this.requestsOfKey = group.keys.map(() => new Set());
    for (const [row, keys] of this.must.entries()) for (const key of keys) this.openRows[key]!.add(row);
  }

  keeps(row: number, key: number): boolean {
    return this.kept === undefined ? !this.must[row]!.has(key) : this.kept[row]!.has(key);
  }

  start(): Request {
    const request = { rows: new Map<number, Set<number>>(), keys: new Map<number, number>() };
    this.requests.push(request);
    return request;
  }

  /** Whether the request can remove these keys from the row as well. */
  fits({ rows, keys }: Request, row: number, wanted: Iterable<number>): boolean {
    if (!rows.has(row) && rows.size === this.size.resources) return false;
    let count = keys.size;
    for (const key of wanted) {
      if (keys.has(key)) continue;
      if (++count > this.size.keys || this.keeps(row, key)) return false;
      for (const other of rows.keys()) if (this.keeps(other, key)) return false;
    }
    if (rows.has(row)) return true;
    for (const key of keys.keys()) if (this.keeps(row, key)) return false;
    return true;
  }

  give(request: Request, row: number, wanted: Iterable<number>): void {
    const own = request.rows.get(row) ?? new Set();
    request.rows.set(row, own);
    for (const key of wanted) {
      own.add(key);
      request.keys.set(key, (request.keys.get(key) ?? 0) + 1);
      this.requestsOfKey[key]!.add(request);
      this.open[row]!.delete(key);
      this.openRows[key]!.delete(row);
    }
  }

  /** Takes a cell back from the request that has it. */
  take(row: number, key: number): void {
    for (const request of this.requestsOfKey[key]!) {
      const own = request.rows.get(row);
      if (!own?.delete(key)) continue;
      if (own.size === 0) request.rows.delete(row);
      const left = request.keys.get(key)! - 1;
      if (left > 0) request.keys.set(key, left);
      else {
        request.keys.delete(key);
        this.requestsOfKey[key]!.delete(request);
      }
      break;
    }
    this.open[row]!.add(key);
    this.openRows[key]!.add(row);
  }

  /** Takes all cells of a request away again. */
  clear(request: Request): void {
    for (const key of request.keys.keys()) this.requestsOfKey[key]!.delete(request);
    for (const [row, keys] of request.rows) {
      for (const key of keys) {
        this.open[row]!.add(key);
        this.openRows[key]!.add(row);
      }
    }
    request.rows.clear();
    request.keys.clear();
  }

  /** Up to 64 requests that hold some of the keys, those of the rarest first. */
  near(wanted: readonly number[]): Set<Request> {
    const found = new Set<Request>();
    for (const key of [...wanted].sort((a, b) => this.requestsOfKey[a]!.size - this.requestsOfKey[b]!.size)) {
      for (const request of this.requestsOfKey[key]!) if (found.size < 64) found.add(request);
    }
    return found;
  }

  count(): number {
    return this.requests.filter(({ rows }) => rows.size > 0).length;
  }
}

interface Request {
  readonly rows: Map<number, Set<number>>;
  readonly keys: Map<number, number>;
}

/** Longest rows first, each whole into the request that has most of its keys. */
export function rowsByBestFit(group: CoverGroup, size: Size): Sheet {
  const sheet = new Sheet(group, size);
  fitRows(sheet, () => true);
  return sheet;
}

/** Common keys by rows, then rare keys column by column into the slots that are left. */
export function rowsAndColumns(group: CoverGroup, size: Size): Sheet {
  const sheet = new Sheet(group, size);
  const uses = sheet.openRows.map((rows) => rows.size);
  fitRows(sheet, (key) => uses[key]! > size.resources / 2);
  const rare = group.keys.map((_, key) => key).filter((key) => sheet.openRows[key]!.size > 0);
  for (const key of rare.sort((a, b) => uses[a]! - uses[b]!)) {
    for (const row of [...sheet.openRows[key]!]) place(sheet, row, [key], true);
  }
  return sheet;
}

function fitRows(sheet: Sheet, counts: (key: number) => boolean): void {
  const wanted = sheet.open.map((keys) => [...keys].filter(counts));
  const order = wanted.map((_, row) => row).filter((row) => wanted[row]!.length > 0);
  const name = wanted.map((keys) => keys.join());
  order.sort((a, b) => wanted[b]!.length - wanted[a]!.length || (name[a]! < name[b]! ? -1 : 1));
  for (const row of order) {
    for (let at = 0; at < wanted[row]!.length; at += sheet.size.keys)
      place(sheet, row, wanted[row]!.slice(at, at + sheet.size.keys), true);
  }
}

/** Puts keys of a row where most of them are named already; false when no request has room. */
function place(sheet: Sheet, row: number, wanted: readonly number[], mayOpen: boolean): boolean {
  let best: Request | undefined;
  let bestShared = -1;
  for (const request of [...sheet.near(wanted), ...(mayOpen ? sheet.requests.slice(-4) : [])]) {
    const shared = wanted.filter((key) => request.keys.has(key)).length + (request.rows.has(row) ? 1 : 0);
    if (shared <= bestShared || !sheet.fits(request, row, wanted)) continue;
    best = request;
    bestShared = shared;
  }
  if (best === undefined && !mayOpen) return false;
  sheet.give(best ?? sheet.start(), row, wanted);
  return true;
}

/**
 * Takes the rarest open key and its rows, widens by the key that leaves most open cells in the best rows,
 * and fills the seats with rows that its keys finish, then with parts of rows.
 */
export function greedyRectangles(group: CoverGroup, size: Size): Sheet {
  const sheet = new Sheet(group, size);
  const order = group.keys.map((_, key) => key);
  order.sort((a, b) => sheet.openRows[a]!.size - sheet.openRows[b]!.size);
  for (const seed of order) while (sheet.openRows[seed]!.size > 0) growRectangle(sheet, seed);
  return sheet;
}

function growRectangle(sheet: Sheet, seed: number): void {
  const { size } = sheet;
  const keys = new Set([seed]);
  let rows = firstOf(sheet.openRows[seed]!, 4 * size.resources);
  while (keys.size < size.keys) {
    const wider = widest(sheet, keys, rows);
    if (wider === undefined) break;
    keys.add(wider.key);
    rows = wider.rows;
  }
  const others = new Set([...keys].flatMap((key) => firstOf(sheet.openRows[key]!, 100)));
  for (const row of rows) others.delete(row);
  const allowed = [...others].filter((row) => [...keys].every((key) => !sheet.keeps(row, key)));
  const openIn = (row: number) => [...sheet.open[row]!].filter((key) => keys.has(key));
  const value = (row: number) => {
    const open = openIn(row).length;
    return open + (open === sheet.open[row]!.size ? size.keys : 0);
  };
  const chosen = rows.sort((a, b) => value(b) - value(a)).slice(0, size.resources);
  chosen.push(...allowed.sort((a, b) => value(b) - value(a)).slice(0, size.resources - chosen.length));
  const request = sheet.start();
  for (const row of chosen) sheet.give(request, row, openIn(row));
}

/** The key, of those most needed by the rows, that leaves most open cells in the best of them; none if none helps. */
function widest(
  sheet: Sheet,
  keys: Set<number>,
  rows: readonly number[],
): { readonly key: number; readonly rows: number[] } | undefined {
  const covered = (some: readonly number[], more = -1) => {
    const counts = some.map((row) => {
      let count = 0;
      for (const key of sheet.open[row]!) if (key === more || keys.has(key)) count++;
      return count;
    });
    counts.sort((a, b) => b - a);
    return counts.slice(0, sheet.size.resources).reduce((sum, count) => sum + count, 0);
  };
  const needs = new Map<number, number>();
  for (const row of rows)
    for (const key of sheet.open[row]!) if (!keys.has(key)) needs.set(key, (needs.get(key) ?? 0) + 1);
  let best: { key: number; rows: number[] } | undefined;
  let most = covered(rows);
  for (const [key] of [...needs].sort((a, b) => b[1] - a[1]).slice(0, 8)) {
    const left = rows.filter((row) => !sheet.keeps(row, key));
    const now = covered(left, key);
    if (now <= most) continue;
    best = { key, rows: left };
    most = now;
  }
  return best;
}

function firstOf(rows: ReadonlySet<number>, most: number): number[] {
  const found: number[] = [];
  for (const row of rows) if (found.push(row) === most) break;
  return found;
}

/** The best of the three, each with its emptiest requests dissolved into the others. */
export function referencePlan(group: CoverGroup, size: Size): number {
  return Math.min(
    ...[rowsByBestFit, rowsAndColumns, greedyRectangles].map((plan) => dissolved(plan(group, size))),
  );
}

function dissolved(sheet: Sheet): number {
  const cells = ({ rows }: Request) => [...rows.values()].reduce((sum, keys) => sum + keys.size, 0);
  for (const request of [...sheet.requests].sort((a, b) => cells(a) - cells(b))) {
    const before = new Map(request.rows);
    const moved: Array<{ readonly row: number; readonly key: number }> = [];
    sheet.clear(request);
    const isMoved = [...before].every(([row, keys]) =>
      [...keys].every((key) => place(sheet, row, [key], false) && moved.push({ row, key }) > 0),
    );
    if (isMoved) continue;
    for (const { row, key } of moved) sheet.take(row, key);
    for (const [row, keys] of before) sheet.give(request, row, keys);
  }
  return sheet.count();
}
