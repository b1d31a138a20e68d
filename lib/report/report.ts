import type { ErrorCode } from '../errors.ts';
import type { Mode } from '../policy/policy.ts';
import type { Region, ResourceType, TagKey } from '../resource.ts';

/**
 * Where a planned tag ended; each has exactly one end.
 *
 * `removed`: we removed it. `absent`: it was gone before we came. `stale`: its value, or what the policy
 * says of it, changed since the plan, so it was kept. `vanished`: its resource is gone. `failed`: it could
 * not be removed. `notReached`: time or budget ended first.
 */
export const TAG_ENDS = ['removed', 'absent', 'stale', 'vanished', 'failed', 'notReached'] as const;
export type TagEnd = (typeof TAG_ENDS)[number];

/**
 * Why a run did not go its whole way: the code of the error that refused or broke it, or a word for what
 * made it stop. `ECI`: the cloud refuses the account, its credentials or its clock.
 */
export type StopCode =
  | ErrorCode
  | 'TIME'
  | 'INTERRUPTED'
  | 'THROTTLED'
  | 'MAX_FAILURES'
  | 'CANARY'
  | 'UNKNOWN';

export type Outcome = 'success' | 'partial' | 'failure' | 'refused';

export interface Trigger {
  readonly type: 'timer' | 'manual' | 'event' | 'continuation' | 'cli';
  readonly name: string;
}

/** Tags that one cause kept from being removed, on one resource. */
export interface Failure {
  readonly region: Region;
  readonly resourceType: ResourceType;
  readonly resourceId: string;
  readonly keys: readonly TagKey[];
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}

/** What a run did; the form of design section 7, returned by the handler and printed with `--json`. */
export interface Report {
  readonly runId: string;
  readonly parentRunId: string | null;
  readonly policy: { readonly name: string; readonly digest: string };
  readonly trigger: Trigger;
  readonly mode: Mode;
  readonly outcome: Outcome;
  /** One sentence; empty where the outcome says all. */
  readonly reason: string;
  /** What callers can switch on where the run did not go its whole way, such as `LIMIT_EXCEEDED` or `TIME`. */
  readonly code?: StopCode;
  readonly planDigest: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly resources: {
    readonly seen: number;
    readonly selected: number;
    readonly changed: number;
    readonly failed: number;
  };
  /**
   * planned = the sum of all ends, always; a dry run has `planned` only. An undo has `restored`, and no
   * `removed`: `absent` needed nothing (the tag is there as it was, or was never removed), `stale` are
   * keys that are there again with another value, `failed` those that cannot be put back.
   */
  readonly tags: Readonly<Record<'planned' | TagEnd, number>> & { readonly restored?: number };
  readonly calls: CallCounts & { readonly untagLowerBound: number };
  /** At most 1000 keys, those with the most removals; for an undo, what was put back. */
  readonly removedByKey: Readonly<Record<TagKey, number>>;
  /** Keys that `removedByKey` leaves out. */
  readonly removedByKeyCut?: number;
  /** At most 100. */
  readonly failures: readonly Failure[];
  readonly failuresCut?: number;
  readonly proof: Proof;
  readonly audit: Audit | null;
  readonly children: readonly Child[];
  readonly continuation: Continuation | null;
  /** What the reader should know although nothing failed, such as an exemption that ends soon. */
  readonly warnings: readonly string[];
  /** Only in the report of an undo. */
  readonly undo?: UndoAccount;
}

/** What an undo says beside its counts. */
export interface UndoAccount {
  /** The run whose removals are put back. */
  readonly of: string;
  /** Tags that could be put back when the resources were read. */
  readonly restorable: number;
  /** The tags that were not put back, with why; at most 1000. */
  readonly left: readonly LeftTag[];
  readonly leftCut?: number;
}

/** One tag that an undo did not put back. */
export interface LeftTag {
  readonly region: Region;
  readonly resourceType: ResourceType;
  readonly resourceId: string;
  readonly key: TagKey;
  /** One sentence. */
  readonly why: string;
}

export interface CallCounts {
  readonly list: number;
  readonly untag: number;
  readonly retries: number;
  readonly throttled: number;
}

/** The accounting for every difference between before and after. */
export interface Proof {
  readonly verified: boolean;
  /** Differences that the plan does not name and our requests cannot have caused. */
  readonly foreign: number;
  /** Any other difference. */
  readonly unexplained: number;
  /** The unexplained tags, at most 100: `region/type/id key`. */
  readonly differences?: readonly string[];
}

export type Audit = { readonly records: number } & (
  | { readonly project: string; readonly logstore: string }
  | { readonly file: string }
);

export interface Child {
  readonly region: Region;
  readonly runId: string;
}

export interface Continuation {
  readonly taskId: string;
  readonly hop: number;
}
