import type { Book } from '../change/book.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { Resource, TagKey } from '../resource.ts';
import type { Direction } from './direction.ts';

export interface RemovingOptions {
  readonly book: Book;
  readonly isFree: IsFree;
  /** Keys that the policy would remove from the resource as it is now. */
  readonly removableNow: (live: Resource) => ReadonlySet<TagKey>;
  /** How old the reading of a resource may be when a request names it, milliseconds. */
  readonly readingAgeMs: number;
  /** Failed tags above which the run stops. */
  readonly maxFailures: number;
}

/**
 * Taking tags off.
 *
 * A value that changed is kept, and so is a tag that the policy would not remove any more from the resource
 * as it is, asked before anything was sent: after a request of ours its other tags may have been taken by it.
 * What is gone before is `absent`; what is gone after, and was asked for, is `removed`.
 */
export function createRemoving(options: RemovingOptions): Direction {
  const { book, removableNow, maxFailures } = options;
  const { table } = book;
  /** Free keys that others set since the plan was made. */
  const taken = new Map<number, ReadonlySet<TagKey>>();
  const isFree = (row: number, key: TagKey): boolean =>
    taken.get(row)?.has(key) !== true && options.isFree(table.rows[row]!, key);
  return {
    api: 'UntagResources',
    journal: 'removals_planned',
    doneWord: 'removed',
    shownWord: 'gone',
    unfinished: 'before all requests were sent.',
    readingAgeMs: options.readingAgeMs,
    isFree,
    note(row, live) {
      const keys = (live.tags ?? []).map(({ key }) => key);
      const others = keys.filter((key) => table.slotOf(row, key) < 0 && options.isFree(live, key));
      if (others.length > 0) taken.set(row, new Set(others));
      else taken.delete(row);
    },
    judge(live, moment) {
      const removable = live?.tags !== undefined && moment === 'before' ? removableNow(live) : undefined;
      return (slot, { key }, state) => {
        switch (state) {
          case 'gone':
            return { end: 'vanished' };
          case 'unseen':
            return { failed: UNSEEN };
          case 'absent':
            return { end: moment === 'after' && book.wasSent(slot) ? 'removed' : 'absent' };
          case 'changed':
            return { end: 'stale' };
          case 'there':
            return removable?.has(key) === false ? { end: 'stale' } : undefined;
        }
      };
    },
    isTaken: (row) => taken.has(row),
    isShown: (state) => state !== 'there' && state !== 'unseen',
    /** A pair that is gone by our own hand may stand in a request again; one that ended otherwise may not. */
    mayHold(row, column) {
      const slot = book.table.slotOf(row, column);
      if (slot < 0) return isFree(row, column);
      return book.isOpen(slot) || book.isAnswered(slot) || book.endOf(slot) === 'removed';
    },
    overBudget(_, cause) {
      const failed = book.count('failed');
      if (failed <= maxFailures) return undefined;
      const reason = `${failed} tags failed, more than the ${maxFailures} of limits.maxFailures; the last cause: ${cause.message}`;
      return { code: 'MAX_FAILURES', reason };
    },
    notShown: {
      code: 'NotRemoved',
      message: 'ECI answered that the tag was removed, but reading the resource did not show it gone.',
    },
  };
}

const UNSEEN = {
  code: 'TagsUnseen',
  message: 'The resource was listed without its tags, so they cannot be compared with the plan; kept.',
};
