import fc from 'fast-check';
import type { Batch, BatchPlan, CoverGroup, RequestLimits } from '../../../lib/batch/types.ts';

export const WIDE = 1_000_000;

/** Rows such as `x.o`: `x` goes, `o` stays, `.` is free; one column a key. */
export function aGroup(rows: readonly string[], overrides: Partial<CoverGroup> = {}): CoverGroup {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const indexes = (row: string, sign: string) =>
    [...row].flatMap((cell, key) => (cell === sign ? [key] : []));
  return {
    region: 'cn-hangzhou',
    type: 'ContainerGroup',
    keys: Array.from({ length: columns }, (_, key) => `key-${key}`),
    ids: rows.map((_, i) => `eci-${i}`),
    must: rows.map((row) => indexes(row, 'x')),
    kept: rows.map((row) => indexes(row, 'o')),
    ...overrides,
  };
}

/** Random small groups in which every key is needed by somebody and every resource needs a key. */
export function groupsOf(most: { rows: number; keys: number }): fc.Arbitrary<CoverGroup> {
  return fc
    .record({
      columns: fc.integer({ min: 1, max: most.keys }),
      signs: fc.constantFrom('x..', 'x.o', 'xxo', 'xoo', 'x....'),
      absentIsKept: fc.boolean(),
    })
    .chain(({ columns, signs, absentIsKept }) =>
      fc
        .array(fc.array(fc.constantFrom(...signs), { minLength: columns, maxLength: columns }), {
          minLength: 1,
          maxLength: most.rows,
        })
        .map((rows) => aGroup(tidy(rows), { absentIsKept })),
    );
}

function tidy(rows: string[][]): string[] {
  const needy = rows.filter((row) => row.includes('x'));
  if (needy.length === 0) needy.push(rows[0]!.map(() => 'x'));
  const used = needy[0]!.map((_, key) => needy.some((row) => row[key] === 'x'));
  return needy.map((row) => row.filter((_, key) => used[key]).join(''));
}

/** Every fault of a plan, found by naming each pair of each request. */
export function faultsOf(groups: readonly CoverGroup[], limits: RequestLimits, plan: BatchPlan): string[] {
  const wanted = new Set<string>();
  const forbidden = new Set<string>();
  for (const group of groups) {
    group.ids.forEach((id, i) => {
      const must = Array.from(group.must[i]!);
      const kept = Array.from(group.kept[i]!);
      group.keys.forEach((key, number) => {
        const pair = pairName(group, id, key);
        if (must.includes(number)) wanted.add(pair);
        else if (group.absentIsKept || kept.includes(number)) forbidden.add(pair);
      });
    });
  }
  const faults: string[] = [];
  for (const batch of plan.batches) {
    faults.push(...formFaults(batch, limits));
    const pairs = batch.ids.flatMap((id) => batch.keys.map((key) => pairName(batch, id, key)));
    faults.push(...pairs.filter((pair) => forbidden.has(pair)).map((pair) => `touches ${pair}`));
    for (const pair of pairs) wanted.delete(pair);
  }
  return [...faults, ...[...wanted].map((pair) => `misses ${pair}`)];
}

function pairName(where: Pick<Batch, 'region' | 'type'>, id: string, key: string): string {
  return `${where.region}/${where.type}/${id}/${key}`;
}

function formFaults({ ids, keys }: Batch, limits: RequestLimits): string[] {
  const query = [
    ...ids.map((id, i) => `&ResourceId.${i + 1}=${encodeURIComponent(id)}`),
    ...keys.map((key, i) => `&TagKey.${i + 1}=${encodeURIComponent(key)}`),
  ];
  const faults = {
    'no resources': ids.length < 1,
    'too many resources': ids.length > limits.resources,
    'no keys': keys.length < 1,
    'too many keys': keys.length > limits.keys,
    'a resource twice': new Set(ids).size !== ids.length,
    'a key twice': new Set(keys).size !== keys.length,
    'too long': query.join('').length > limits.bytes && ids.length * keys.length > 1,
  };
  return Object.entries(faults).flatMap(([fault, found]) => (found ? [fault] : []));
}

/**
 * The fewest requests that cover a tiny group, by search over all rectangles.
 *
 * Only rectangles that cannot be widened count: all subsets of keys, with the rows they may touch.
 */
export function fewestRequests(group: CoverGroup, limits: RequestLimits): number {
  const rows = group.must.map((keys) => bits(keys));
  const kept = group.must.map((keys, i) =>
    group.absentIsKept ? ~bits(keys) & ((1 << group.keys.length) - 1) : bits(group.kept[i]!),
  );
  const width = group.keys.length;
  const covers = new Set<string>();
  for (let keys = 1; keys < 1 << width; keys++) {
    if (count(keys) > limits.keys) continue;
    const may = rows.flatMap((row, i) => ((kept[i]! & keys) === 0 && (row & keys) !== 0 ? [i] : []));
    for (const some of subsets(may, limits.resources)) {
      covers.add(rows.map((row, i) => (some.includes(i) ? row & keys : 0)).join(','));
    }
  }
  const options = maximal([...covers].map((cover) => cover.split(',').map(Number)));
  for (let requests = 1; ; requests++) if (coverable(rows, options, requests)) return requests;
}

function coverable(left: readonly number[], options: readonly number[][], requests: number): boolean {
  const row = left.findIndex((cells) => cells !== 0);
  if (row === -1) return true;
  if (requests === 0) return false;
  const cell = left[row]! & -left[row]!;
  return options.some(
    (option) =>
      (option[row]! & cell) !== 0 &&
      coverable(
        left.map((cells, i) => cells & ~option[i]!),
        options,
        requests - 1,
      ),
  );
}

function maximal(options: number[][]): number[][] {
  return options.filter(
    (a, i) => !options.some((b, j) => i !== j && a.every((cells, row) => (cells & ~b[row]!) === 0)),
  );
}

function subsets(rows: readonly number[], size: number): number[][] {
  if (rows.length <= size) return rows.length === 0 ? [] : [[...rows]];
  const chosen: number[][] = [];
  const extend = (from: number, some: number[]): void => {
    if (some.length === size) chosen.push(some);
    else for (let i = from; i < rows.length; i++) extend(i + 1, [...some, rows[i]!]);
  };
  extend(0, []);
  return chosen;
}

function bits(keys: ArrayLike<number>): number {
  return Array.from(keys).reduce((mask, key) => mask | (1 << key), 0);
}

function count(mask: number): number {
  let ones = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}
