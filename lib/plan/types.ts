import type { Batch, RequestLimits } from '../batch/types.ts';
import type { Truth } from '../policy/truth.ts';
import type { Region, Resource, ResourceRef, TagKey } from '../resource.ts';

export type { Truth } from '../policy/truth.ts';

/** Why one tag goes or stays. */
export const REASONS = [
  'matched',
  'noRule',
  'notSelected',
  'selectionUnknown',
  'valueUnknown',
  'protected',
  'protectionUnknown',
  'reservedKey',
  'kubernetesKey',
  'outOfScope',
  'seenTwice',
  'noSurplus',
  'surplusUnknown',
  'unnoticed',
  'noticed',
] as const;

export type Reason = (typeof REASONS)[number];

/** What the policy says of one tag that was seen on a resource. */
export interface Decision {
  readonly key: TagKey;
  readonly value: string;
  readonly verdict: 'remove' | 'keep';
  readonly reason: Reason;
  /** The label of the rule or protection that decided, where one did. */
  readonly rule?: string;
  /** Of a tag that is kept since its notice is not over, epoch milliseconds. */
  readonly notice?: { readonly noticedAtMs: number; readonly dueAtMs: number };
}

/** A decision without the tag that it is about. */
export type Verdict = Omit<Decision, 'key' | 'value'>;

/** One policy at one instant, ready to be asked about any number of resources. */
export interface Judge {
  /** One decision per tag of the resource, in the order of its tags. */
  decide(resource: Resource): readonly Decision[];
  /** The tags that go, or nothing; the same as `decide`, without the reasons, and fast. */
  removals(resource: Resource): readonly RemovalTag[];
  /**
   * Whether the policy would remove `key` from this resource whatever its value, were it there: then
   * naming the pair in a request does no harm even if somebody adds the tag in between. Asked only of
   * keys that the resource lacks.
   */
  isFree(resource: Resource, key: TagKey): boolean;
  /**
   * What `isFree` depends on beside the key, as a short text: of two resources of equal class that both
   * lack a key, either both may be named with it or neither. Few classes make large plans fast; left out:
   * every pair is asked by itself.
   */
  freeClass?(resource: Resource): string;
  /** Whether the resource is in scope and selected. */
  selects(resource: Resource): Truth;
}

/** A tag to remove; equal ones are one shared object, so that large plans stay small. */
export interface RemovalTag {
  readonly key: TagKey;
  readonly value: string;
  readonly rule: string;
}

/** One resource and the tags that it loses, sorted by key; never empty. */
export interface Removal extends ResourceRef {
  /** For people, who know their pods by it; left out: it was not seen. No part of the plan's digest. */
  readonly name?: string;
  readonly tags: readonly RemovalTag[];
}

/** The frozen intent: what goes, from where, in which requests; `plan-file.ts` writes and reads it. */
export interface Plan {
  readonly formatVersion: 1;
  readonly accountId?: string;
  /** The RAM user or role that made it, such as `user/alice`; left out: not known. */
  readonly madeBy?: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Until when it may be applied; ISO 8601, UTC. */
  readonly expiresAt: string;
  /** `document` is the policy itself, so that a saved plan can be judged again; its hash is `digest`. */
  readonly policy: { readonly name: string; readonly digest: string; readonly document: unknown };
  readonly inventory: {
    readonly complete: boolean;
    readonly regions: readonly Region[];
    readonly resourcesSeen: number;
  };
  /** How large one request may be: the policy's `batch`, or less where a profile says so. */
  readonly requests: RequestLimits;
  /** Sorted by region, type and id, in code-unit order. */
  readonly removals: readonly Removal[];
  readonly batches: readonly Batch[];
  readonly calls: { readonly untag: number; readonly lowerBound: number };
  readonly digest: string;
  /** Of the whole, times and requests included. */
  readonly fileDigest: string;
}
