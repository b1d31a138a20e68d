import type { Region, ResourceRef, ResourceType } from './resource.ts';

/** Finds resources by name among many, at a few bytes each. */
export interface RefIndex {
  readonly size: number;
  /** The number under which this one was added, from 0; a second adding gives the number of the first. */
  add(ref: ResourceRef): number;
  /** -1 for one that was not added. */
  find(region: Region, type: ResourceType, id: string): number;
  /** The ids, by number. */
  readonly ids: readonly string[];
}

/** Slots of the table for each name, at least: with fewer, long runs of taken slots slow the search. */
const SLOTS_PER_NAME = 2;

/**
 * Numbers names in the order in which they are added. An open table of 32-bit numbers stands for what a map
 * from texts would hold: 8 to 16 bytes a name beside the id itself, a third of a map.
 */
export function createRefIndex(refs: Iterable<ResourceRef> = []): RefIndex {
  const ids: string[] = [];
  const kinds = new Map<string, number>();
  let kindOf = new Uint16Array(64);
  /** One more than the number of the name in the slot; 0 is an empty slot. */
  let table = new Int32Array(128);

  const slotOf = (kind: number, id: string): number => {
    const mask = table.length - 1;
    let slot = hashOf(kind, id) & mask;
    for (;;) {
      const number = table[slot]! - 1;
      if (number < 0 || (kindOf[number] === kind && ids[number] === id)) return slot;
      slot = (slot + 1) & mask;
    }
  };
  const grow = (): void => {
    const wider = new Uint16Array(kindOf.length * 2);
    wider.set(kindOf);
    kindOf = wider;
    table = new Int32Array(table.length * 2);
    for (const [number, id] of ids.entries()) table[slotOf(kindOf[number]!, id)] = number + 1;
  };
  const add = ({ region, type, id }: ResourceRef): number => {
    const name = `${region}/${type}`;
    const kind = kinds.get(name) ?? kinds.size;
    kinds.set(name, kind);
    const known = table[slotOf(kind, id)]! - 1;
    if (known >= 0) return known;
    if ((ids.length + 1) * SLOTS_PER_NAME > table.length) grow();
    const number = ids.length;
    ids.push(id);
    kindOf[number] = kind;
    table[slotOf(kind, id)] = number + 1;
    return number;
  };
  for (const ref of refs) add(ref);
  return {
    get size() {
      return ids.length;
    },
    ids,
    add,
    find(region, type, id) {
      const kind = kinds.get(`${region}/${type}`);
      return kind === undefined ? -1 : table[slotOf(kind, id)]! - 1;
    },
  };
}

/** FNV-1a over the code units, mixed once more since only the low bits are used. */
function hashOf(kind: number, id: string): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
