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
  /** Places that the account may not use and the scope does not name: nothing is known of them. */
  readonly skipped: readonly SkippedPlace[];
  /** Resources whose tags nobody told. They are kept as they are. */
  readonly unseen: number;
  /** What a person should know of the reading, in sentences. */
  readonly warnings: readonly string[];
  /** Which way each region and type was read, for people. */
  readonly readings: readonly Reading[];
}

/** A region, or one type in it, that is closed to the account. */
export interface SkippedPlace {
  readonly region: Region;
  /** Left out: the whole region. */
  readonly resourceType?: ResourceType;
  /** Of the refusal. */
  readonly code: string;
  readonly why: string;
}

export interface Gap {
  readonly region: Region;
  /** Left out: the whole region, or the list of regions. */
  readonly resourceType?: ResourceType;
  readonly code: string;
  readonly message: string;
  /** The account may not use the place. */
  readonly closed?: true;
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
