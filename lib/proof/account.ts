import type { Batch } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import { compareTag } from '../change/compare.ts';
import { type Resource, type ResourceRef, resourceKey, type Tag, type TagKey } from '../resource.ts';
import { createPending } from './pending.ts';

/** The differences found so far. */
export interface Account {
  /** False where the tags cannot be seen. */
  compare(before: Resource, live: Resource): boolean;
  lookAgain(ref: ResourceRef, live: Resource | undefined): void;
  /** Resources with a removed tag that still shows. */
  waiting(): readonly ResourceRef[];
  foreign(): number;
  /** Kept tags that are gone from resources that a request touched. */
  lost(): number;
  /** Tags that were removed, and still show: row by row. */
  stillThere(): readonly (readonly [row: number, slots: readonly number[]])[];
  /** Also the tags that still show, of the rows that are accused of it. */
  unexplained(isAccused: (row: number) => boolean): readonly string[];
}

/** Opens an account in which nothing was compared yet. */
export function createAccount(book: Book): Account {
  const { table } = book;
  let foreign = 0;
  let lost = 0;
  const unexplained: string[] = [];
  const pending = createPending(book, (state) => state !== 'there' && state !== 'unseen');
  const named = createNamedPairs(book.sent);

  const isGone = (resource: Resource, slot: number, key: TagKey): void => {
    const end = book.endOf(slot);
    if (end === 'removed' || end === 'absent') return;
    // A request without an answer may be carried out late: what failed and is gone is what was planned.
    if (end === 'failed' && book.wasSent(slot)) return;
    const isOurs = slot < 0 ? named.has(resource, key) : book.wasSent(slot);
    const isKept = slot < 0 || end === 'stale';
    if (isOurs) unexplained.push(`${resourceKey(resource)} ${key}`);
    else if (isKept && wasNamed(book, resource)) lost += 1;
    else foreign += 1;
  };
  const compareOne = (before: Resource, row: number, tag: Tag, live: Resource): void => {
    const slot = table.slotOf(row, tag.key);
    const state = compareTag(tag, live);
    if (state === 'absent') isGone(before, slot, tag.key);
    else if (state === 'changed') foreign += 1;
    else if (book.endOf(slot) !== 'removed') return;
    // What was seen to be gone, and is there again, was set by others.
    else if (book.wasSeenDone(slot)) foreign += 1;
    else pending.add(row, [slot]);
  };

  return {
    compare(before, live) {
      if (before.tags === undefined || live.tags === undefined) return before.tags === undefined;
      const row = table.find(before.region, before.type, before.id);
      for (const tag of before.tags) compareOne(before, row, tag, live);
      const had = new Set(before.tags.map(({ key }) => key));
      foreign += live.tags.filter(({ key }) => !had.has(key)).length;
      return true;
    },
    lookAgain(ref, live) {
      foreign += pending.look(ref, live).filter(({ state }) => state === 'changed').length;
    },
    waiting: pending.refs,
    foreign: () => foreign,
    lost: () => lost,
    stillThere: pending.rows,
    unexplained: (isAccused) => [...unexplained, ...pending.names(isAccused)],
  };
}

/** Whether a request named a resource. */
export function wasNamed(book: Book, { region, type, id }: ResourceRef): boolean {
  const row = book.table.find(region, type, id);
  return row >= 0 && book.slotsOf(row).some(book.wasSent);
}

/** Every pair that our requests named, looked up only when a difference asks for it. */
function createNamedPairs(batches: readonly Batch[]) {
  let byResource: Map<string, Batch[]> | undefined;
  return {
    has(ref: ResourceRef, key: TagKey): boolean {
      byResource ??= indexBatches(batches);
      return byResource.get(resourceKey(ref))?.some((batch) => batch.keys.includes(key)) === true;
    },
  };
}

function indexBatches(batches: readonly Batch[]): Map<string, Batch[]> {
  const byResource = new Map<string, Batch[]>();
  for (const batch of batches) {
    for (const id of batch.ids) {
      const name = resourceKey({ region: batch.region, type: batch.type, id });
      const own = byResource.get(name);
      if (own === undefined) byResource.set(name, [batch]);
      else own.push(batch);
    }
  }
  return byResource;
}
