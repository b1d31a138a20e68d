import type { ResourceType } from './kinds.ts';

export { RESOURCE_TYPES, type ResourceType } from './kinds.ts';

/** A region id such as `cn-hangzhou`. */
export type Region = string;

/**
 * How the cloud writes region ids. They become part of host names to which signed requests are sent, and
 * come from policies, plans, journals, requests and answers: whatever is none is refused at each way in.
 */
export const REGION_ID = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)+$/;

/** An id as ECI gives them, such as `eci-2ze81zoc3yl7a3we0000`. */
export const RESOURCE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** A tag key; case-sensitive, 1 to 128 characters. */
export type TagKey = string;

export interface Tag {
  readonly key: TagKey;
  readonly value: string;
}

/** What names one resource: ids are unique only within a region and a type. */
export interface ResourceRef {
  readonly region: Region;
  readonly type: ResourceType;
  readonly id: string;
}

/**
 * One resource as it was seen.
 *
 * A property that the API did not send is left out, and means *unknown*, never empty: `tags: []` is a
 * resource without tags, no `tags` is a resource whose tags were not seen. Tags are sorted by key.
 */
export interface Resource extends ResourceRef {
  readonly name?: string;
  readonly status?: string;
  /** Epoch milliseconds. */
  readonly createdAtMs?: number;
  readonly resourceGroupId?: string;
  /** Of data caches, as the service tells it; the inventory does not keep it. */
  readonly bucket?: string;
  readonly tags?: readonly Tag[];
  /**
   * What other sightings of the same reading showed, where they differ: nothing tells which of them is true, so
   * what one of them protects is protected.
   */
  readonly otherTags?: readonly (readonly Tag[])[];
}

/** The most tags that ECI allows on one resource. */
export const MAX_TAGS_PER_RESOURCE = 20;

/** A key for maps, equal for equal references. */
export function resourceKey(ref: ResourceRef): string {
  return `${ref.region}/${ref.type}/${ref.id}`;
}

/** Code-unit order, the one order used wherever the result must not depend on a locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
