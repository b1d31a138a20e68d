import { CleanupError } from '../errors.ts';
import { readerOf } from '../lazy-list.ts';
import type { Removal } from '../plan/types.ts';
import { createRefIndex } from '../ref-index.ts';
import type { Region, ResourceType, TagKey } from '../resource.ts';

/**
 * Finds planned tags by name.
 *
 * Every planned tag has a slot, a number from 0 in the order of the plan, so that what is known of
 * millions of tags fits typed arrays. Both lookups answer -1 for what the plan does not name.
 */
export interface RemovalIndex {
  readonly removals: readonly Removal[];
  /** Number of planned tags. */
  readonly slots: number;
  /** The position in `removals` of a resource. */
  find(region: Region, type: ResourceType, id: string): number;
  /** The slot of one key of the removal at `position`. */
  slotOf(position: number, key: TagKey): number;
  /** The slot of the first tag of the removal at `position`; the others follow. */
  firstSlot(position: number): number;
}

/**
 * Indexes a plan's removals.
 *
 * @throws {CleanupError} code `PLAN_REFUSED` when a resource, or a key of a resource, is named twice.
 */
export function createRemovalIndex(removals: readonly Removal[]): RemovalIndex {
  const resources = createRefIndex();
  const removalAt = readerOf(removals);
  const first = new Uint32Array(removals.length + 1);
  for (const [position, removal] of removals.entries()) {
    if (resources.add(removal) < position) throw namedTwice(`resource ${removal.id}`);
    const keys = new Set(removal.tags.map((tag) => tag.key));
    if (keys.size < removal.tags.length) throw namedTwice(`a key of resource ${removal.id}`);
    first[position + 1] = first[position]! + removal.tags.length;
  }
  return {
    removals,
    slots: first[removals.length]!,
    find: resources.find,
    slotOf(position, key) {
      if (position < 0 || position >= removals.length) return -1;
      const at = removalAt(position).tags.findIndex((tag) => tag.key === key);
      return at < 0 ? -1 : first[position]! + at;
    },
    firstSlot: (position) => first[position]!,
  };
}

function namedTwice(what: string): CleanupError {
  return new CleanupError('PLAN_REFUSED', `The plan names ${what} twice; make the plan again.`);
}
