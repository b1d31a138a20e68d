import type { CoverGroup } from '../lib/batch/types.ts';
import type { ResourceType } from '../lib/resource.ts';

/** What the planner needs to know of one resource: which tags go and which stay. */
export interface NeutralResource {
  readonly id: string;
  readonly type: string;
  readonly region: string;
  readonly remove: readonly string[];
  readonly keep: readonly string[];
}

/** What a pair is worth that the resource lacks: removable without harm, or never to be touched. */
export type FreePairs = 'absent' | 'none';

interface OpenGroup {
  readonly region: string;
  readonly type: string;
  readonly ids: string[];
  readonly must: number[][];
  readonly kept: number[][];
}

/** Sorts resources into cover problems as they come in, one a region and type. */
export interface Grouping {
  /** Those that lose nothing are left out. */
  add(resource: NeutralResource): void;
  finish(): CoverGroup[];
}

export function createGrouping(free: FreePairs): Grouping {
  const groups = new Map<string, OpenGroup>();
  const keys: string[] = [];
  const numberOf = new Map<string, number>();
  const number = (key: string): number => {
    let known = numberOf.get(key);
    if (known === undefined) {
      known = keys.length;
      numberOf.set(key, known);
      keys.push(key);
    }
    return known;
  };
  return {
    add({ id, type, region, remove, keep }) {
      if (remove.length === 0) return;
      const name = `${region}/${type}`;
      let group = groups.get(name);
      if (group === undefined) {
        group = { region, type, ids: [], must: [], kept: [] };
        groups.set(name, group);
      }
      group.ids.push(id);
      group.must.push(remove.map(number));
      group.kept.push(free === 'none' ? NOTHING : keep.map(number));
    },
    finish: () => [...groups.values()].map((group) => closeGroup(group, keys, free)),
  };
}

const NOTHING: number[] = [];

/** Numbers the keys anew within the group, and forgets those that nobody loses; in place, to spare memory. */
function closeGroup(group: OpenGroup, allKeys: readonly string[], free: FreePairs): CoverGroup {
  const { must, kept } = group;
  const numberOf = new Int32Array(allKeys.length).fill(-1);
  const keys: string[] = [];
  must.forEach((old, i) => {
    const row = old.map((key) => {
      if (numberOf[key] === -1) {
        numberOf[key] = keys.length;
        keys.push(allKeys[key]!);
      }
      return numberOf[key]!;
    });
    must[i] = [...new Set(row)].sort((a, b) => a - b);
  });
  kept.forEach((old, i) => {
    const row = old.map((key) => numberOf[key]!).filter((key) => key !== -1 && !must[i]!.includes(key));
    kept[i] = row.length === 0 ? NOTHING : row.sort((a, b) => a - b);
  });
  return {
    region: group.region,
    type: group.type as ResourceType,
    keys,
    ids: group.ids,
    must,
    kept,
    absentIsKept: free === 'none',
  };
}
