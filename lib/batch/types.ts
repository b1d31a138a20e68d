import type { Region, ResourceType, TagKey } from '../resource.ts';

/**
 * The cover problem of one region and type: which cells of resources × keys must be covered by
 * requests, and which no request may hold.
 *
 * Every other cell is free. `keys` holds only keys that some resource of the group must lose.
 */
export interface CoverGroup {
  readonly region: Region;
  readonly type: ResourceType;
  readonly keys: readonly TagKey[];
  readonly ids: readonly string[];
  /** Per resource: indexes into `keys` of the tags that go; ascending, never empty. */
  readonly must: readonly ArrayLike<number>[];
  /** Per resource: indexes into `keys` of the pairs that stay, present or absent; ascending, disjoint from `must`. */
  readonly kept: readonly ArrayLike<number>[];
  /** True: every pair that is no must stays, and `kept` is not looked at; saves listing nearly all pairs. */
  readonly absentIsKept?: boolean;
}

/** What one request may hold. */
export interface RequestLimits {
  readonly resources: number;
  readonly keys: number;
  /**
   * Longest ids and keys together as encoded query parameters (`&ResourceId.12=…`, `&TagKey.3=…`), in
   * bytes; a longer request is split. Infinite where they travel in a body.
   */
  readonly bytes: number;
}

/** One request's worth: removes each key from each resource. Neither list is ever empty. */
export interface Batch {
  readonly region: Region;
  readonly type: ResourceType;
  readonly ids: readonly string[];
  readonly keys: readonly TagKey[];
}

export interface BatchPlan {
  readonly batches: readonly Batch[];
  readonly lowerBound: LowerBound;
}

/** How few requests are possible at the least, with the argument that says so. */
export interface LowerBound {
  readonly requests: number;
  /** One sentence per group that a reader can check. */
  readonly arguments: readonly string[];
}
