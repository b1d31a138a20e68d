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
  const total = newTally();
  /** What the last reading shows of rows that wait: it is from before the request, for all that is known of it. */
  const waiting = new Map<number, { readonly before: Resource; readonly tally: Tally }>();
  const pending = createPending(book, (state) => state !== 'there' && state !== 'unseen');
  const named = createNamedPairs(book.sent);

  const isGone = (resource: Resource, slot: number, key: TagKey, tally: Tally): void => {
    const end = book.endOf(slot);
    if (end === 'removed' || end === 'absent') return;
    // A request without an answer may be carried out late: what failed and is gone is what was planned.
    if (end === 'failed' && book.wasSent(slot)) return;
    const isOurs = slot < 0 ? named.has(resource, key) : book.wasSent(slot);
    const isKept = slot < 0 || end === 'stale';
    if (isOurs) tally.unexplained.push(`${resourceKey(resource)} ${key}`);
    else if (isKept && wasNamed(book, resource)) tally.lost += 1;
    else tally.foreign += 1;
  };
  /** Returns whether the tag was removed, and still shows. */
  const compareOne = (before: Resource, slot: number, tag: Tag, live: Resource, tally: Tally): boolean => {
    const state = compareTag(tag, live);
    if (state === 'absent') isGone(before, slot, tag.key, tally);
    else if (state === 'changed') tally.foreign += 1;
    else if (book.endOf(slot) !== 'removed') return false;
    // What was seen to be gone, and is there again, was set by others.
    else if (book.wasSeenDone(slot)) tally.foreign += 1;
    else return true;
    return false;
  };
  const compareAll = (before: Resource, live: Resource) => {
    const row = table.find(before.region, before.type, before.id);
    const tally = newTally();
    const still = (before.tags ?? []).flatMap((tag) => {
      const slot = table.slotOf(row, tag.key);
      return compareOne(before, slot, tag, live, tally) ? [slot] : [];
    });
    const had = new Set((before.tags ?? []).map(({ key }) => key));
    tally.foreign += (live.tags ?? []).filter(({ key }) => !had.has(key)).length;
    return { row, tally, still };
  };
  const tallies = (): readonly Tally[] => [total, ...[...waiting.values()].map(({ tally }) => tally)];
  const sumOf = (of: 'foreign' | 'lost'): number => tallies().reduce((sum, tally) => sum + tally[of], 0);

  return {
    compare(before, live) {
      if (before.tags === undefined || live.tags === undefined) return before.tags === undefined;
      const { row, tally, still } = compareAll(before, live);
      if (still.length > 0) {
        pending.add(row, still);
        waiting.set(row, { before, tally });
      } else addTo(total, tally);
      return true;
    },
    lookAgain(ref, live) {
      pending.look(ref, live);
      const row = table.find(ref.region, ref.type, ref.id);
      const last = waiting.get(row);
      // What does not show its request does not show either what else the request did: the whole resource counts anew.
      if (last !== undefined && live?.tags !== undefined)
        waiting.set(row, { before: last.before, tally: compareAll(last.before, live).tally });
    },
    waiting: pending.refs,
    foreign: () => sumOf('foreign'),
    lost: () => sumOf('lost'),
    stillThere: pending.rows,
    unexplained: (isAccused) => [
      ...tallies().flatMap(({ unexplained }) => unexplained),
      ...pending.names(isAccused),
    ],
  };
}

interface Tally {
  foreign: number;
  lost: number;
  readonly unexplained: string[];
}

function newTally(): Tally {
  return { foreign: 0, lost: 0, unexplained: [] };
}

function addTo(total: Tally, { foreign, lost, unexplained }: Tally): void {
  total.foreign += foreign;
  total.lost += lost;
  total.unexplained.push(...unexplained);
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
