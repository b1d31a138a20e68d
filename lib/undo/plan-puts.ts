import { planBatches } from '../batch/batch.ts';
import type { Batch, CoverGroup } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import { columnOf } from '../change/column.ts';
import type { Change } from '../change/table.ts';
import { compareText, type Tag, type TagKey } from '../resource.ts';

/** A call's size; ids and tags travel in the URL unless it is said otherwise. */
const LIMITS = { resources: 50, keys: 20, bytes: 7800 };

export interface PutOptions {
  /** Keys that come back first, in this order. */
  readonly first?: readonly TagKey[] | undefined;
  /** Whether changes travel in a body, where their length does not matter. */
  readonly formBody?: boolean | undefined;
}

/** A value that so many resources of a place share comes back before those that one resource has alone. */
const SHARED_FROM = 5;

/**
 * Puts the open tags of a book into few requests: resources that get the same tags share one, and so do the
 * common tags of resources that differ otherwise. No request puts a tag where it was not removed.
 *
 * In the order that brings most back first: the keys that are asked for, one after the other; what many resources
 * share; then the rest, the largest requests before the smaller ones. Each of these is planned by itself, which costs
 * few requests more: what is shared would else wait for what is not.
 */
export function planPuts(book: Book, { first = [], formBody }: PutOptions = {}): readonly Batch[] {
  const limits = formBody === true ? { ...LIMITS, bytes: Number.POSITIVE_INFINITY } : LIMITS;
  const changes = openChanges(book);
  const holders = countHolders(changes);
  const tierOf = (change: Change, tag: Tag): number => {
    const asked = first.indexOf(tag.key);
    if (asked >= 0) return asked;
    return holders.get(nameOf(change, tag))! >= SHARED_FROM ? first.length : first.length + 1;
  };
  return Array.from({ length: first.length + 2 }, (_, tier) => {
    const own = changes.flatMap((change) => {
      const tags = change.tags.filter((tag) => tierOf(change, tag) === tier);
      return tags.length === 0 ? [] : [{ ...change, tags }];
    });
    return [...planBatches(coverGroups(own), limits).batches].sort((a, b) => sizeOf(b) - sizeOf(a));
  }).flat();
}

function sizeOf({ ids, keys }: Batch): number {
  return ids.length * keys.length;
}

/** How many resources of a place get each tag. */
function countHolders(changes: readonly Change[]): ReadonlyMap<string, number> {
  const holders = new Map<string, number>();
  for (const change of changes) {
    for (const tag of change.tags) {
      const name = nameOf(change, tag);
      holders.set(name, (holders.get(name) ?? 0) + 1);
    }
  }
  return holders;
}

function nameOf({ region, type }: Change, tag: Tag): string {
  return `${region}/${type} ${columnOf('put', tag)}`;
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
