import { type Book, unbalanced } from '../change/book.ts';
import { TAG_ENDS, type TagEnd } from '../change/ends.ts';
import { compareText, type TagKey } from '../resource.ts';
import type { Failure, Report } from './report.ts';

/** How many keys `removedByKey` names: those with the most removals. */
export const MAX_KEYS_NAMED = 1000;

/** What a book adds up to. */
export interface Totals {
  readonly tags: Report['tags'];
  /** Resources that lost a tag, or got one back. */
  readonly resourcesChanged: number;
  /** Resources with a tag that could not be changed. */
  readonly resourcesFailed: number;
  /** Resources with a tag that was not reached. */
  readonly resourcesLeft: number;
  readonly removedByKey: Readonly<Record<TagKey, number>>;
  /** Keys that `removedByKey` leaves out. */
  readonly removedByKeyCut: number;
  readonly failures: readonly Failure[];
  readonly failuresCut: number;
}

/**
 * Adds a book up.
 *
 * @throws {CleanupError} code `REPORT_UNBALANCED` when a tag has no end.
 */
export function totalsOf(book: Book): Totals {
  if (book.open() > 0) throw unbalanced(`${book.open()} of ${book.planned} planned tags have no end`);
  const ends = Object.fromEntries(TAG_ENDS.map((end) => [end, book.count(end)])) as Record<TagEnd, number>;
  const restored = book.table.action === 'put' ? { restored: book.count('restored') } : {};
  return {
    tags: { planned: book.planned, ...ends, ...restored },
    ...addUp(book),
    failures: book.failures.named.map(({ region, type, id, ...rest }) => ({
      region,
      resourceType: type,
      resourceId: id,
      ...rest,
    })),
    failuresCut: book.failures.cut,
  };
}

function addUp(book: Book) {
  const resources = { resourcesChanged: 0, resourcesFailed: 0, resourcesLeft: 0 };
  const byKey = new Map<TagKey, number>();
  let slot = 0;
  for (const { tags } of book.table.rows) {
    const ends = new Set<string | undefined>();
    for (const { key } of tags) {
      const end = book.endOf(slot++);
      ends.add(end);
      if (end === book.done) byKey.set(key, (byKey.get(key) ?? 0) + 1);
    }
    if (ends.has(book.done)) resources.resourcesChanged += 1;
    if (ends.has('failed')) resources.resourcesFailed += 1;
    if (ends.has('notReached')) resources.resourcesLeft += 1;
  }
  const most = [...byKey].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])).slice(0, MAX_KEYS_NAMED);
  return {
    ...resources,
    // fromEntries also keeps a key called __proto__, which an assignment would lose.
    removedByKey: Object.fromEntries(most.sort((a, b) => compareText(a[0], b[0]))),
    removedByKeyCut: byKey.size - most.length,
  };
}
