import type { Direction } from '../apply/direction.ts';
import { reconcile } from '../apply/reconcile.ts';
import type { Book } from '../change/book.ts';
import { createReader } from '../proof/reader.ts';
import { createWitness, readWitnessed } from '../proof/witness.ts';
import type { RunStop } from '../report/summarize.ts';
import type { Resource } from '../resource.ts';
import type { Session } from './session.ts';
import { stopUnread } from './stop.ts';

/** What was seen of the resources that a plan from elsewhere names: a saved one, or an undo. */
export interface LookedAt {
  /** The resources that are there. */
  readonly seen: readonly Resource[];
  /** When each row was read, epoch milliseconds. */
  readonly readAtMs: Float64Array;
  /** Rows of which nothing is known. */
  readonly unread: ReadonlySet<number>;
  /** What the unread ones mean for the run; left out: all were read. */
  readonly stop?: RunStop;
}

/** Reads every resource of a book, and ends what needs nothing more. */
export async function lookAtAll(
  session: Session,
  { book, direction }: { readonly book: Book; readonly direction: Pick<Direction, 'judge'> },
  { concurrency, text }: { readonly concurrency: number; readonly text: string },
): Promise<LookedAt> {
  const { rows, find } = book.table;
  const readAtMs = new Float64Array(rows.length);
  const seen: Resource[] = [];
  let done = 0;
  const read = readWitnessed(
    createReader(session.eci, concurrency, session.buckets),
    createWitness(session.eci),
  );
  const { unread, error, doubted } = await read(
    rows,
    (ref, live) => {
      const row = find(ref.region, ref.type, ref.id);
      readAtMs[row] = session.ports.clock.now();
      if (live !== undefined) seen.push(live);
      reconcile({ book, direction }, row, live, 'before');
      done += 1;
      session.options.onProgress?.({ step: 'inventory', done, total: rows.length, text });
    },
    session.time.mayStart,
  );
  return {
    seen,
    readAtMs,
    unread: new Set(unread.map(({ region, type, id }) => find(region, type, id))),
    ...(unread.length > 0 && { stop: stopUnread(unread.length, error, doubted) }),
  };
}
