import type { Clock, TimeLeft } from '../clock.ts';
import { readByIds } from '../inventory/by-id.ts';
import { lookAgain } from '../inventory/look-again.ts';
import type { EciApi } from '../ports.ts';
import type { Proof } from '../report/report.ts';
import { type Resource, resourceKey, type Tag, type TagKey } from '../resource.ts';
import type { UndoBook } from './decide.ts';

const MAX_DIFFERENCES_NAMED = 100;

export interface VerifyRestoresOptions {
  readonly book: UndoBook;
  readonly eci: Pick<EciApi, 'listResources' | 'listTagResources'>;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly time: TimeLeft;
}

/**
 * Reads the resources again until every tag that was put back shows.
 *
 * One that others changed or took away with their resource is foreign; one that does not show after growing
 * pauses is unexplained. Where time ends before patience does it may only show late: then nothing is
 * verified, and nothing is held against it.
 */
export async function verifyRestores(options: VerifyRestoresOptions): Promise<Proof> {
  const { book, clock, time } = options;
  let foreign = 0;
  /** What does not show, by position; `unread`: nothing is known of the resource. */
  const waiting = new Map<number, readonly TagKey[] | 'unread'>(
    restoredPositions(book).map((position) => [position, 'unread']),
  );
  const look = () =>
    readByIds(
      [...waiting.keys()].map((position) => book.index.removals[position]!),
      {
        eci: options.eci,
        concurrency: options.concurrency,
        mayStart: time.mayStart,
        onRead: (ref, live) => {
          // Listed without its tags: no better known than before.
          if (live !== undefined && live.tags === undefined) return;
          const position = book.index.find(ref.region, ref.type, ref.id);
          const seen = compare(restoredTags(book, position), live);
          if (seen.missing.length > 0) return waiting.set(position, seen.missing);
          waiting.delete(position);
          foreign += seen.foreign;
        },
      },
    );
  await look();
  const isSettled = await lookAgain({ clock, time, isWaiting: () => waiting.size > 0, look });
  const differences = isSettled ? namesOf(book, waiting) : [];
  const named = differences.slice(0, MAX_DIFFERENCES_NAMED);
  return {
    verified: waiting.size === 0,
    foreign,
    lost: 0,
    unread: [...waiting.values()].filter((keys) => keys === 'unread').length,
    unexplained: differences.length,
    ...(named.length > 0 && { differences: named }),
  };
}

function namesOf(
  { index }: UndoBook,
  waiting: ReadonlyMap<number, readonly TagKey[] | 'unread'>,
): readonly string[] {
  return [...waiting].flatMap(([position, keys]) =>
    keys === 'unread' ? [] : keys.map((key) => `${resourceKey(index.removals[position]!)} ${key}`),
  );
}

function restoredPositions(book: UndoBook): readonly number[] {
  return [...book.index.removals.keys()].filter((position) => restoredTags(book, position).length > 0);
}

function restoredTags({ index, ledger }: UndoBook, position: number): readonly Tag[] {
  const first = index.firstSlot(position);
  return index.removals[position]!.tags.filter((_, at) => ledger.endOf(first + at) === 'removed');
}

function compare(
  restored: readonly Tag[],
  live: Resource | undefined,
): { readonly foreign: number; readonly missing: readonly TagKey[] } {
  if (live === undefined) return { foreign: 1, missing: [] };
  const now = new Map((live.tags ?? []).map((tag) => [tag.key, tag.value]));
  return {
    foreign: restored.filter((tag) => now.has(tag.key) && now.get(tag.key) !== tag.value).length,
    missing: restored.filter((tag) => !now.has(tag.key)).map((tag) => tag.key),
  };
}
