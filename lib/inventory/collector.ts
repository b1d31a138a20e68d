import type { Region, Resource, ResourceType, Tag } from '../resource.ts';
import type { Pools } from './pools.ts';
import { createResourceTable } from './resource-table.ts';

/** The resources of one region and type as they come in, each once: the last sighting counts. */
export interface Collector {
  /** Takes a sighting; one outside the scope's resource groups is passed over. */
  add(resource: Resource): void;
  has(id: string): boolean;
  get(id: string): Resource | undefined;
  /** Sorted by id; each is made when it is looked at. */
  all(): readonly Resource[];
  readonly size: number;
  /** Resources of which two sightings had different tags. */
  readonly changed: number;
}

/**
 * @param resourceGroups - of the scope. A resource that does not tell its group is kept: what it means is
 *   for the policy to say.
 */
export function createCollector(
  place: { readonly region: Region; readonly type: ResourceType },
  pools: Pools,
  resourceGroups?: readonly string[],
): Collector {
  const table = createResourceTable(place.region, place.type, pools);
  const groups = resourceGroups && new Set(resourceGroups);
  const changed = new Set<string>();
  return {
    add(resource) {
      if (groups && resource.resourceGroupId !== undefined && !groups.has(resource.resourceGroupId)) {
        return;
      }
      const before = table.get(resource.id);
      table.put(resource);
      if (before && !sameTags(before.tags, table.get(resource.id)!.tags)) {
        changed.add(resource.id);
      }
    },
    has: table.has,
    get: table.get,
    all: table.all,
    get size() {
      return table.size;
    },
    get changed() {
      return changed.size;
    },
  };
}

/** Whether two lists of tags, sorted by key, are equal; unseen tags are equal to unseen ones only. */
export function sameTags(a: readonly Tag[] | undefined, b: readonly Tag[] | undefined): boolean {
  if (!a || !b) {
    return a === b;
  }
  return a.length === b.length && a.every((tag, at) => tag.key === b[at]!.key && tag.value === b[at]!.value);
}
