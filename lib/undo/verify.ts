import type { Clock, TimeLeft } from '../clock.ts';
import { readAgain } from '../inventory/read-again.ts';
import { refOf } from '../plan/types.ts';
import type { EciApi } from '../ports.ts';
import type { Proof } from '../report/report.ts';
import { type Resource, resourceKey } from '../resource.ts';
import type { UndoBook } from './decide.ts';

/** Pauses before a tag that was put back and does not show is looked for once more. */
const PAUSES_MS = [0, 1000, 2000, 4000, 8000, 15_000, 30_000] as const;

const MAX_DIFFERENCES_NAMED = 100;

/**
 * Reads the resources again until every tag that was put back shows.
 *
 * One that others changed or took away with their resource is foreign; one that does not show after growing
 * pauses is unexplained.
 */
export async function verifyRestores(options: {
  readonly book: UndoBook;
  readonly eci: Pick<EciApi, 'listResources'>;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly time: TimeLeft;
}): Promise<Proof> {
  const { book } = options;
  let foreign = 0;
  let waiting = restoredPositions(book);
  const missing = new Map<number, readonly string[]>(waiting.map((position) => [position, ['']]));
  for (const pauseMs of PAUSES_MS) {
    if (waiting.length === 0 || options.time.leftMs() <= pauseMs) break;
    if (pauseMs > 0) await options.clock.sleep(pauseMs);
    await readAgain(
      waiting.map((position) => refOf(book.index.removals[position]!)),
      {
        eci: options.eci,
        concurrency: options.concurrency,
        mayStart: options.time.mayStart,
        onRead: (ref, live) => {
          const position = book.index.find(ref.region, ref.type, ref.id);
          const seen = compare(book, position, live);
          if (seen.missing.length > 0) return missing.set(position, seen.missing);
          missing.delete(position);
          foreign += seen.foreign;
        },
      },
    );
    waiting = [...missing.keys()];
  }
  const unread = [...missing.values()].some((keys) => keys[0] === '');
  const differences = [...missing].flatMap(([position, keys]) =>
    keys
      .filter((key) => key !== '')
      .map((key) => `${resourceKey(refOf(book.index.removals[position]!))} ${key}`),
  );
  const named = differences.slice(0, MAX_DIFFERENCES_NAMED);
  return {
    verified: !unread && differences.length === 0,
    foreign,
    unexplained: differences.length,
    ...(named.length > 0 && { differences: named }),
  };
}

function restoredPositions({ index, ledger }: UndoBook): readonly number[] {
  return [...index.removals.keys()].filter((position) =>
    index.removals[position]!.tags.some(
      (_, at) => ledger.endOf(index.firstSlot(position) + at) === 'removed',
    ),
  );
}

function compare(book: UndoBook, position: number, live: Resource | undefined) {
  if (live === undefined) return { foreign: 1, missing: [] };
  const removal = book.index.removals[position]!;
  const first = book.index.firstSlot(position);
  const now = new Map((live.tags ?? []).map((tag) => [tag.key, tag.value]));
  const restored = removal.tags.filter((_, at) => book.ledger.endOf(first + at) === 'removed');
  return {
    foreign: restored.filter((tag) => now.has(tag.key) && now.get(tag.key) !== tag.value).length,
    missing: restored.filter((tag) => !now.has(tag.key)).map((tag) => tag.key),
  };
}
