import type { Mode } from '../policy/policy.ts';
import type { Trigger } from '../report/report.ts';
import type { Region, ResourceRef, ResourceType, TagKey } from '../resource.ts';

/** What the beginning of a run tells. */
export interface StartFact {
  /** `document` is the policy itself, which is written down once; an undo has none. */
  readonly policy: { readonly name: string; readonly digest: string; readonly document?: unknown };
  readonly trigger: Trigger;
  readonly mode: Mode;
  /** The run whose removals this one puts back. */
  readonly undoOf?: string;
}

/** One resource and the tags that are about to go from it, or to come back; a plan's removal is one. */
export interface JournalEntry extends ResourceRef {
  /** `rule`: the label of the policy's rule by which the tag goes. */
  readonly tags: readonly { readonly key: TagKey; readonly value: string; readonly rule?: string }[];
}

/** One request that changes tags, answered or not: each attempt is a fact of its own. */
export interface BatchFact {
  /** Of the request in its run, from 0. */
  readonly index: number;
  /** From 1. */
  readonly attempt: number;
  readonly apiName: 'UntagResources' | 'TagResources';
  readonly region: Region;
  readonly type: ResourceType;
  readonly ids: readonly string[];
  readonly keys: readonly TagKey[];
  /** `unknown`: it was sent, and no answer tells whether it was done. */
  readonly outcome: 'success' | 'failure' | 'unknown';
  /** Resource and key pairs that it removed; for TagResources, that it put back. */
  readonly tagsChanged: number;
  readonly durationMs: number;
  /** The service's request id: joins the record to the account's own audit trail. */
  readonly requestId?: string;
  readonly httpStatus?: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The error's class, such as `throttled`. */
  readonly errorType?: string;
}
