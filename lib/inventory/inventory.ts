import type { Region, Resource, ResourceType } from '../resource.ts';

/** What a request may take away from a policy's scope, never add to it. */
export interface Narrowing {
  readonly regions?: readonly Region[];
  readonly resourceTypes?: readonly ResourceType[];
  readonly resourceIds?: readonly string[];
}

/**
 * What was seen of the resources in scope.
 *
 * Only a `complete` inventory holds every resource that the policy can touch; any other is looked at,
 * and never acted upon.
 */
export interface Inventory {
  readonly complete: boolean;
  readonly regions: readonly Region[];
  /** Sorted by region, type and id. Resources that the policy provably cannot touch may be missing. */
  readonly resources: readonly Resource[];
  /** All resources in scope, including those that a narrowed reading left out: what `maxPercent` is a percentage of. */
  readonly resourcesSeen: number;
  /** The same by region, as far as it was counted: never more than there are. */
  readonly seenByRegion: ReadonlyMap<Region, number>;
  /** Why it is not complete. */
  readonly gaps: readonly Gap[];
  /** Which way each region and type was read, for people. */
  readonly readings: readonly Reading[];
}

export interface Gap {
  readonly region: Region;
  /** Left out: the whole region, or the list of regions. */
  readonly resourceType?: ResourceType;
  readonly code: string;
  readonly message: string;
}

export interface Reading {
  readonly region: Region;
  readonly resourceType: ResourceType;
  /** In words, such as `plain pages` or `tag filter on 2 keys`. */
  readonly way: string;
  readonly calls: number;
  /** What plain pages would have cost, as far as it is known. */
  readonly plainCalls?: number;
  /** The resources were not counted to the end, so plain pages would have cost more. */
  readonly countCutShort?: true;
  /** What else a reader should know, such as a population that was counted only as far as the limits need. */
  readonly note?: string;
}
