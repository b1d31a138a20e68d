import type { CoverGroup } from './types.ts';

/** How a group's keys are used: what bounds and orders are made of. */
export interface KeyUses {
  /** Per key of the group, how many resources lose it. */
  readonly uses: Int32Array;
  /** Per number of keys, how many resources lose so many. */
  readonly rowsOfLength: Int32Array;
}

/** Counts in one pass over the pairs that go. */
export function countKeyUses({ keys, must }: CoverGroup): KeyUses {
  const uses = new Int32Array(keys.length);
  const rowsOfLength = new Int32Array(keys.length + 1);
  for (const row of must) {
    for (let j = 0; j < row.length; j++) uses[row[j]!]!++;
    rowsOfLength[row.length]!++;
  }
  return { uses, rowsOfLength };
}
