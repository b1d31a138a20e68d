import { compareText, type Resource, type Tag } from '../resource.ts';
import type { Interner } from './intern.ts';

/** The resources of one region and type as they come in, each once: the last sighting counts. */
export interface Collector {
  /** Takes a sighting; one outside the scope's resource groups is passed over. */
  add(resource: Resource): void;
  has(id: string): boolean;
  get(id: string): Resource | undefined;
  /** Sorted by id. */
  all(): readonly Resource[];
  readonly size: number;
  /** Resources of which two sightings had different tags. */
  readonly changed: number;
}

/**
 * @param resourceGroups - of the scope. A resource that does not tell its group is kept: what it means is
 *   for the policy to say.
 */
export function createCollector(interner: Interner, resourceGroups?: readonly string[]): Collector {
  const resources = new Map<string, Resource>();
  const groups = resourceGroups && new Set(resourceGroups);
  const changed = new Set<string>();
  return {
    add(resource) {
      if (groups && resource.resourceGroupId !== undefined && !groups.has(resource.resourceGroupId)) {
        return;
      }
      const compact = interner.compact(resource);
      const before = resources.get(resource.id);
      if (before && !sameTags(before.tags, compact.tags)) {
        changed.add(resource.id);
      }
      resources.set(resource.id, compact);
    },
    has: (id) => resources.has(id),
    get: (id) => resources.get(id),
    all: () => [...resources.values()].sort((a, b) => compareText(a.id, b.id)),
    get size() {
      return resources.size;
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
