import { createRequire } from 'node:module';
import type { CoverGroup } from '../lib/batch/types.ts';

/** By `require`: the package's types are those of its CommonJS form. */
const { default: loadHighs } = createRequire(import.meta.url)('highs') as typeof import('highs');

/** What is known of the fewest requests of a small group. */
export interface Exact {
  /** The fewest requests if requests could be taken in fractions, rounded up: no plan has fewer. */
  readonly least: number;
  /** The fewest whole requests among all those that the fractions were made of: a plan that exists. */
  readonly found: number;
}

/** A request as the numbers of its cells. */
type Column = readonly number[];

interface Cell {
  readonly row: number;
  readonly key: number;
}

/** A row and what its cells of the chosen keys are worth. */
interface Worth {
  readonly row: number;
  readonly value: number;
}

interface Size {
  readonly resources: number;
  readonly keys: number;
}

/**
 * Covers a group by linear programming over requests that are made as they are needed: the dual prices of the
 * cells say which request would help most, and all sets of keys are gone through to find it. When none helps,
 * the fractions are the best that any requests allow; whole ones are then chosen by branch and bound.
 *
 * For up to some 16 keys and 6 keys a request: it takes seconds.
 */
export async function solveExactly(group: CoverGroup, size: Size): Promise<Exact> {
  const highs = await loadHighs();
  const cells = group.must.flatMap((keys, row) => Array.from(keys, (key) => ({ row, key })));
  const pricing = new Pricing(group, size, cells);
  const columns: Column[] = cells.map((_, cell) => [cell]);
  for (;;) {
    const solution = highs.solve(program(columns, cells.length, false));
    const duals = (solution.Rows as readonly { readonly Dual: number }[]).map(({ Dual }) => Dual);
    const helpful = pricing.find(duals);
    columns.push(...helpful);
    if (helpful.length > 0) continue;
    const least = Math.ceil(solution.ObjectiveValue - 1e-5);
    const whole = highs.solve(program(columns, cells.length, true), { time_limit: 10 });
    return { least, found: Math.round(whole.ObjectiveValue) };
  }
}

/** Each cell in at least one of the requests taken, and as few of them as can be; in the LP format of CPLEX. */
function program(columns: readonly Column[], cells: number, isWhole: boolean): string {
  const covering: number[][] = Array.from({ length: cells }, () => []);
  for (const [column, some] of columns.entries()) for (const cell of some) covering[cell]!.push(column);
  const names = columns.map((_, column) => `x${column}`);
  const rows = covering.map(
    (some, cell) => ` c${cell}: ${some.map((column) => `x${column}`).join(' + ')} >= 1`,
  );
  const kind = isWhole ? `Binary\n ${names.join(' ')}\n` : '';
  return `Minimize\n obj: ${names.join(' + ')}\nSubject To\n${rows.join('\n')}\n${kind}End`;
}

/** Looks for the request whose cells have the highest prices together, through all sets of keys. */
class Pricing {
  private readonly group: CoverGroup;
  private readonly size: Size;
  /** Per row and key, the number of the cell, or -1. */
  private readonly cellAt: Int32Array;
  private readonly keeps: Uint8Array;
  private readonly width: number;
  private duals: readonly number[] = [];
  private chosen: number[] = [];
  private worth = 1;
  private found: Column[] = [];

  constructor(group: CoverGroup, size: Size, cells: readonly Cell[]) {
    this.group = group;
    this.size = size;
    this.width = group.keys.length;
    this.cellAt = new Int32Array(group.must.length * this.width).fill(-1);
    for (const [cell, { row, key }] of cells.entries()) this.cellAt[row * this.width + key] = cell;
    this.keeps = new Uint8Array(this.cellAt.length).fill(group.absentIsKept ? 1 : 0);
    if (!group.absentIsKept) this.mark(group.kept, 1);
    this.mark(group.must, 0);
  }

  /** @returns requests that are worth more than one; the last of them most, and none when none is. */
  find(duals: readonly number[]): readonly Column[] {
    this.duals = duals;
    this.chosen = [];
    this.worth = 1 + 1e-6;
    this.found = [];
    this.extend(
      0,
      this.group.must.map((_, row) => ({ row, value: 0 })),
    );
    return this.found.slice(-20);
  }

  private mark(lists: CoverGroup['must'], value: number): void {
    for (const [row, keys] of lists.entries())
      for (const key of Array.from(keys)) this.keeps[row * this.width + key] = value;
  }

  /** @param rows that keep none of the chosen keys, with what they are worth. */
  private extend(from: number, rows: readonly Worth[]): void {
    this.consider(rows);
    if (this.chosen.length === this.size.keys) return;
    for (let key = from; key < this.width; key++) {
      const left = rows
        .filter(({ row }) => this.keeps[row * this.width + key] === 0)
        .map(({ row, value }) => ({ row, value: value + this.priceOf(row, key) }));
      if (!left.some(({ row }) => this.priceOf(row, key) > 0)) continue;
      this.chosen.push(key);
      this.extend(key + 1, left);
      this.chosen.pop();
    }
  }

  private priceOf(row: number, key: number): number {
    const cell = this.cellAt[row * this.width + key]!;
    return cell >= 0 ? Math.max(0, this.duals[cell]!) : 0;
  }

  private consider(rows: readonly Worth[]): void {
    const top = [...rows].sort((a, b) => b.value - a.value).slice(0, this.size.resources);
    const total = top.reduce((sum, { value }) => sum + value, 0);
    if (total <= this.worth) return;
    this.worth = total;
    const cells = top.flatMap(({ row }) => this.chosen.map((key) => this.cellAt[row * this.width + key]!));
    this.found.push(cells.filter((cell) => cell >= 0));
  }
}
