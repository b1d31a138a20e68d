import type { Book } from '../change/book.ts';
import { compareTag } from '../change/compare.ts';
import type { FailureCause } from '../change/ends.ts';
import type { Resource } from '../resource.ts';
import type { Direction, Moment } from './direction.ts';

/**
 * Holds the open tags of one row against what is there now, and gives those an end that need nothing more.
 *
 * @param live - left out: the resource does not exist any more.
 * @returns how many tags got an end.
 */
export function reconcile(
  { book, direction }: { readonly book: Book; readonly direction: Pick<Direction, 'judge'> },
  row: number,
  live: Resource | undefined,
  moment: Moment,
): number {
  const { tags } = book.table.rows[row]!;
  const first = book.table.firstSlot(row);
  // Asked before: what was sent already is in a request at work, which gives it its end.
  const open = book.openOf(row).filter((slot) => moment === 'after' || !book.wasSent(slot));
  if (open.length === 0) return 0;
  const judge = direction.judge(live, moment);
  const failed = new Map<string, { readonly cause: FailureCause; readonly slots: readonly number[] }>();
  let ended = 0;
  for (const slot of open) {
    const tag = tags[slot - first]!;
    const verdict = judge(slot, tag, compareTag(tag, live));
    if (verdict === undefined) continue;
    ended += 1;
    if ('end' in verdict) book.end(slot, verdict.end, verdict.why);
    else {
      const { slots } = failed.get(verdict.failed.code) ?? { slots: [] };
      failed.set(verdict.failed.code, { cause: verdict.failed, slots: [...slots, slot] });
    }
  }
  for (const { cause, slots } of failed.values()) book.fail(row, slots, cause);
  return ended;
}
