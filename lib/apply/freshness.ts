import type { Batch } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import type { Clock } from '../clock.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import type { OnRead, ReadById } from '../proof/reader.ts';
import type { ResourceRef } from '../resource.ts';

/** Knows how old the reading of each resource is, and reads again what is too old for a request. */
export interface Freshness {
  /** Notes that a row was read just now. */
  note(row: number): void;
  /** Batches that are sent one after the other: a call that has room reads for those that follow. */
  follow(batches: readonly Batch[]): void;
  /**
   * Reads again what a batch names and is too old.
   *
   * @returns the rows that could not be read.
   */
  renew(batch: Batch, onRead: OnRead, mayStart: () => boolean): Promise<ReadonlySet<number>>;
}

export interface FreshnessOptions {
  readonly book: Book;
  readonly read: ReadById;
  readonly clock: Clock;
  /** How old the reading of a resource may be when a request names it, milliseconds. */
  readonly maxAgeMs: number;
  /** When each row was read last, epoch milliseconds. */
  readonly readAtMs: Float64Array;
}

export function createFreshness({ book, read, clock, maxAgeMs, readAtMs }: FreshnessOptions): Freshness {
  const { table } = book;
  const following = new WeakMap<Batch, Batch>();
  /** Rows that a call at work reads. */
  const reading = new Map<number, Promise<unknown>>();
  const isOld = (row: number): boolean => clock.now() - readAtMs[row]! > maxAgeMs;
  const rowsOf = ({ region, type, ids }: Batch): readonly number[] =>
    ids.map((id) => table.find(region, type, id)).filter((row) => row >= 0);
  const unread = (batch: Batch): readonly number[] =>
    rowsOf(batch).filter((row) => isOld(row) && !reading.has(row));

  /** What the batch needs, and as much for those that follow as the last call has room for. */
  const fill = (batch: Batch): readonly number[] => {
    const rows = new Set(unread(batch));
    const most = RESOURCE_KINDS[batch.type].list.ids.most;
    const room = rows.size === 0 ? 0 : Math.ceil(rows.size / most) * most;
    for (
      let next = following.get(batch);
      next !== undefined && rows.size < room;
      next = following.get(next)
    ) {
      if (next.region !== batch.region || next.type !== batch.type) continue;
      for (const row of unread(next)) if (rows.size < room) rows.add(row);
    }
    return [...rows];
  };

  return {
    note(row) {
      readAtMs[row] = clock.now();
    },
    follow(batches) {
      for (const [at, batch] of batches.entries()) {
        const next = batches[at + 1];
        if (next !== undefined) following.set(batch, next);
      }
    },
    async renew(batch, onRead, mayStart) {
      const own = rowsOf(batch);
      // Reading may take longer than the age allows: what counts is that it was read at all.
      const oldAtMs = new Map(own.filter(isOld).map((row) => [row, readAtMs[row]!]));
      const rows = fill(batch);
      if (rows.length > 0) {
        const refs = rows.map((row): ResourceRef => table.rows[row]!);
        const work = read(refs, onRead, mayStart).finally(() => {
          for (const row of rows) reading.delete(row);
        });
        for (const row of rows) reading.set(row, work);
      }
      await Promise.all(new Set(own.flatMap((row) => reading.get(row) ?? [])));
      return new Set(own.filter((row) => oldAtMs.get(row) === readAtMs[row]));
    },
  };
}
