import type { ResourceRef, TagKey } from '../resource.ts';

/** Where a planned tag ended; each has exactly one end. The report says what each means. */
export const TAG_ENDS = ['removed', 'absent', 'stale', 'vanished', 'ended', 'failed', 'notReached'] as const;
export type TagEnd = (typeof TAG_ENDS)[number];

/** The same for a plan whose action is put, where what is done is `restored`, and nothing is `removed`. */
export type End = TagEnd | 'restored';

/** Why a tag could not be changed. */
export interface FailureCause {
  readonly code: string;
  readonly message: string;
  readonly requestId?: string;
}

/** Tags of one resource that one cause kept from being changed. */
export interface Refusal extends ResourceRef, FailureCause {
  readonly keys: readonly TagKey[];
}
