import type { Region, ResourceType, TagKey } from '../resource.ts';
import type { OperatorTest } from './operators.ts';

/** What a run does with its plan: `dry-run` stops at the gate. */
export type Mode = 'dry-run' | 'apply';

/**
 * A policy as it is inside: parsed once, every default filled in, durations in milliseconds, dates as
 * epoch milliseconds. Made by `parsePolicy` only, so that it cannot be wrong.
 */
export interface Policy {
  readonly name: string;
  readonly description?: string;
  readonly mode: Mode;
  readonly scope: Scope;
  /** Which resources; left out: every one in scope. */
  readonly select?: Condition;
  readonly remove: readonly RemoveRule[];
  /** What makes room where a resource has too many tags; stands among the removal rules of the document. */
  readonly trim?: TrimRule;
  readonly protect: readonly Protection[];
  /** Exact Kubernetes keys that the policy may remove all the same. */
  readonly unprotect: readonly TagKey[];
  readonly limits: Limits;
  readonly pace: Pace;
  readonly batch: BatchLimits;
  /** `keys`: the journal holds no values, and what was removed cannot be put back. */
  readonly journal: 'values' | 'keys';
  readonly verify: 'all' | 'none';
  /** Left out: what goes, goes at once. */
  readonly notice?: Notice;
  /** Left out: the channels of the settings. */
  readonly notify?: Notify;
  /** Left out: nobody has to. */
  readonly approval?: ApprovalRule;
  /** `sha256:` and the hash of the canonical document without `mode` and `description`. */
  readonly digest: string;
  /** The document itself, defaults filled in, as plain JSON: what a plan file carries. */
  readonly document: unknown;
}

export interface Scope {
  readonly regions: readonly Region[] | 'all';
  readonly resourceTypes: readonly ResourceType[];
  /** Left out: any. */
  readonly resourceGroups?: readonly string[];
  /** Of data caches; left out: those that a list without a bucket shows. */
  readonly buckets?: readonly string[];
}

export interface Limits {
  readonly maxResources: number;
  readonly maxTags: number;
  /** Of the resources seen in scope; looked at from 20 resources up. */
  readonly maxPercent: number;
  /** In failed tags. */
  readonly maxFailures: number;
  /** Resources in the first wave; 0 means no canary. */
  readonly canary: number;
  /** Tags that all runs of the policy may remove in a day; left out: any number. */
  readonly perDay?: number;
  /** Tags from which on a person types the policy's name. */
  readonly confirmAbove: number;
  /** How old the reading of a resource may be when its tags are removed. */
  readonly readingAgeMs: number;
  /** Part of the runs that read page by page, and hold the shorter way against that; left out: none. */
  readonly plainReadings?: number;
  /** How long after it was made a saved plan may be applied. */
  readonly planAgeMs: number;
  /** Whether a run that could not be undone is refused. */
  readonly requireUndo: boolean;
}

/** How a tag is announced before it goes. */
export interface Notice {
  /** How long after its notice a tag stays at least. */
  readonly graceMs: number;
  /** The tag whose value says whose a resource is. */
  readonly groupBy?: TagKey;
}

/** Who is told; channels by the names that the settings give them. */
export interface Notify {
  readonly channels: readonly string[];
  readonly groupBy?: TagKey;
  /** By value of that tag. */
  readonly routes: ReadonlyMap<string, readonly string[]>;
}

/** Who has to approve a plan. */
export interface ApprovalRule {
  readonly needed: number;
  /** `user/NAME` or `role/NAME`. */
  readonly by: readonly string[];
}

export interface Pace {
  /** Part of each API's published per-minute quota, above 0 and at most 1. */
  readonly share: number;
  /** Requests in flight per region. */
  readonly concurrency: number;
}

/** A request's size. */
export interface BatchLimits {
  readonly resources: number;
  readonly keys: number;
}

export type TextField = 'name' | 'id' | 'status' | 'resourceType' | 'region' | 'resourceGroup';

export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'tag'; readonly key: TagKey; readonly tests: readonly ValueTest[] }
  /** True when the text matches one of the wildcard patterns. */
  | { readonly kind: 'text'; readonly field: TextField; readonly patterns: readonly string[] }
  | { readonly kind: 'age'; readonly olderThanMs?: number; readonly newerThanMs?: number }
  | { readonly kind: 'tagCount'; readonly atLeast?: number; readonly atMost?: number };

/** A test of one tag's value; several are joined by and. */
export type ValueTest =
  | OperatorTest
  /** The opposite of all of its tests together. */
  | { readonly op: 'not'; readonly tests: readonly ValueTest[] };

/** Which keys a removal rule means. */
export type KeyTest =
  | { readonly kind: 'wildcard'; readonly pattern: string }
  /** RE2 syntax. */
  | { readonly kind: 'regex'; readonly pattern: string }
  /** Every key that matches none of the wildcard patterns. */
  | { readonly kind: 'except'; readonly patterns: readonly string[] }
  /** Equal to one of the keys but for upper and lower case, and not the key itself. */
  | { readonly kind: 'caseVariantsOf'; readonly keys: readonly TagKey[] };

export interface RemoveRule {
  /** How reports name it: `remove[0] key "ci-*"`. */
  readonly label: string;
  readonly keys: KeyTest;
  /** Tests of that tag's value; left out: whatever the value. */
  readonly when?: readonly ValueTest[];
}

/** Takes the surplus of tags from a resource that has more than it should. */
export interface TrimRule {
  /** How reports name it: `remove[2] trim to 15`. */
  readonly label: string;
  /** So many tags may stay; those of the cloud do not count. */
  readonly to: number;
  /** Wildcard patterns: what the first one matches goes first. */
  readonly order: readonly string[];
  /** Wildcard patterns of the keys that stay all the same. */
  readonly keep: readonly string[];
}

export interface Protection {
  /** How reports name it: `protect[1] under legal hold`. */
  readonly label: string;
  /** Wildcard patterns of the keys that stay; left out: every key. */
  readonly keys?: readonly string[];
  /** On which resources; left out: on all. */
  readonly resources?: Condition;
  readonly reason?: string;
  readonly owner?: string;
  /** The first instant at which it no longer protects, epoch milliseconds. */
  readonly untilMs?: number;
}
