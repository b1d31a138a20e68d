import { planBatches } from '../batch/batch.ts';
import type { BatchPlan, CoverGroup } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import { columnOf } from '../change/column.ts';
import type { Change } from '../change/table.ts';
import { compareText } from '../resource.ts';

/** A call's size; ids and tags travel in the URL. */
const LIMITS = { resources: 50, keys: 20, bytes: 7800 };

/**
 * Puts the open tags of a book into few requests: resources that get the same tags share one, and so do the
 * common tags of resources that differ otherwise. No request puts a tag where it was not removed.
 */
export function planPuts(book: Book): BatchPlan {
  return planBatches(coverGroups(openChanges(book)), LIMITS);
}

function openChanges(book: Book): readonly Change[] {
  return book.table.rows.flatMap((change, row) => {
    const first = book.table.firstSlot(row);
    const tags = book.openOf(row).map((slot) => change.tags[slot - first]!);
    return tags.length === 0 ? [] : [{ ...change, tags }];
  });
}

function coverGroups(changes: readonly Change[]): readonly CoverGroup[] {
  const kinds = new Map<string, Change[]>();
  for (const change of changes) {
    const name = `${change.region}/${change.type}`;
    const own = kinds.get(name);
    if (own === undefined) kinds.set(name, [change]);
    else own.push(change);
  }
  return [...kinds.values()].map((own) => {
    const columns = own.map(({ tags }) => tags.map((tag) => columnOf('put', tag)));
    const keys = [...new Set(columns.flat())].sort(compareText);
    const place = new Map(keys.map((key, at) => [key, at]));
    return {
      region: own[0]!.region,
      type: own[0]!.type,
      keys,
      ids: own.map(({ id }) => id),
      must: columns.map((row) => row.map((column) => place.get(column)!).sort((a, b) => a - b)),
      kept: own.map(() => []),
      absentIsKept: true,
    };
  });
}
