import { lazyList, readerOf } from '../lazy-list.ts';
import type { Region, Resource, ResourceType, Tag } from '../resource.ts';
import type { Pools } from './pools.ts';
import { createResourceTable } from './resource-table.ts';

/**
 * The resources of one region and type as they come in, each once: the last sighting counts, and the tags of
 * earlier ones that differ are kept beside it.
 */
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
  /** Those that no sighting showed the tags of. */
  bare(): readonly Resource[];
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
  const others = new Map<string, (readonly Tag[])[]>();
  const bare = new Set<string>();
  const whole = (resource: Resource): Resource => {
    const otherTags = others.get(resource.id);
    return otherTags === undefined ? resource : { ...resource, otherTags };
  };
  const get = (id: string): Resource | undefined => {
    const resource = table.get(id);
    return resource && whole(resource);
  };
  return {
    add(resource) {
      const { id, resourceGroupId } = resource;
      if (groups && resourceGroupId !== undefined && !groups.has(resourceGroupId)) return;
      const before = table.get(id);
      table.put(resource);
      if (resource.tags) bare.delete(id);
      else bare.add(id);
      if (before?.tags && !sameTags(before.tags, table.get(id)!.tags)) {
        others.set(id, [...(others.get(id) ?? []), before.tags]);
      }
    },
    has: table.has,
    get,
    all() {
      const list = table.all();
      if (others.size === 0) return list;
      const at = readerOf(list);
      return lazyList(list.length, (position) => whole(at(position)));
    },
    get size() {
      return table.size;
    },
    get changed() {
      return others.size;
    },
    bare: () => [...bare].map((id) => get(id)!),
  };
}

/** Whether two lists of tags, sorted by key, are equal; unseen tags are equal to unseen ones only. */
export function sameTags(a: readonly Tag[] | undefined, b: readonly Tag[] | undefined): boolean {
  if (!a || !b) {
    return a === b;
  }
  return a.length === b.length && a.every((tag, at) => tag.key === b[at]!.key && tag.value === b[at]!.value);
}
