import type { JournalName } from '../audit/record.ts';
import type { TagState } from '../change/compare.ts';
import type { End, FailureCause } from '../change/ends.ts';
import type { Change } from '../change/table.ts';
import type { ApiName } from '../ports.ts';
import type { Halt } from '../report/halt.ts';
import type { Resource } from '../resource.ts';

/**
 * When a resource is looked at: `before` anything was asked of it, or `after` a request whose effect is
 * not known.
 */
export type Moment = 'before' | 'after';

/** What a reading means for one open tag: an end, a failure, or nothing: it still can be changed. */
export type Verdict =
  | { readonly end: Exclude<End, 'failed'>; readonly why?: string }
  | { readonly failed: FailureCause }
  | undefined;

/** Judges the open tags of one resource, one after the other, as it was read. */
export type JudgeTag = (slot: number, tag: Change['tags'][number], state: TagState) => Verdict;

/** What taking tags off and putting them back do differently; all else is one executor. */
export interface Direction {
  readonly api: Extract<ApiName, 'UntagResources' | 'TagResources'>;
  readonly journal: JournalName;
  /** Goes on after `so nothing more was`. */
  readonly doneWord: string;
  /** Goes on after `not seen to be`. */
  readonly shownWord: string;
  /** Goes on after `The time ended`. */
  readonly unfinished: string;
  /** How old the reading of a resource may be when a request names it, milliseconds. */
  readonly readingAgeMs: number;
  /** Notes a reading of a row from before a request. */
  note(row: number, live: Resource): void;
  /** Whether others set a free key of the row since the plan was made. */
  isTaken(row: number): boolean;
  /** Whether a request may name a column that is not planned. */
  isFree(row: number, column: string): boolean;
  judge(live: Resource | undefined, moment: Moment): JudgeTag;
  /** Whether a reading shows that a tag was changed as it was asked. */
  isShown(state: TagState): boolean;
  /** Whether a request may name this column of a row although it is not open. */
  mayHold(row: number, column: string): boolean;
  /** Why the run stops after so many more tags failed by a request; nothing: it goes on. */
  overBudget(failed: number, cause: FailureCause): Halt | undefined;
  /** Why a tag of a resource in a final status was left, where that is told of each. */
  readonly whyEnded?: string;
  /** Why a tag was left that was not reached, where that is told of each. */
  readonly whyLeft?: string;
  /** The failure of a tag whose request was answered, and which does not show as done. */
  readonly notShown: FailureCause;
}
