import type { Book } from '../change/book.ts';
import type { Clock, TimeLeft } from '../clock.ts';
import { lookAgain } from '../inventory/look-again.ts';
import { NOTHING_PROVED, type Proof } from '../report/report.ts';
import { type Resource, resourceKey } from '../resource.ts';
import { createAccount } from './account.ts';
import type { ReadById } from './reader.ts';

const MAX_DIFFERENCES_NAMED = 100;

export interface ProofOptions {
  readonly book: Book;
  /** Every resource as it was before the first request. */
  readonly seen: readonly Resource[];
  readonly read: ReadById;
  readonly clock: Clock;
  readonly time: TimeLeft;
  readonly onProgress?: (read: number) => void;
}

/**
 * Reads every resource that was seen once more, and accounts for each difference.
 *
 * A difference is *planned* where the book says removed and the tag is gone; *foreign* where no request
 * of ours can have caused it (a resource that is gone counts as one); anything else is *unexplained*: a
 * tag that was removed and is still there after growing pauses, or that is gone although a request that
 * held it should have left it. Resources that our requests named are read first. Where nothing was sent
 * there is nothing to account for.
 */
export async function proveRun(options: ProofOptions): Promise<Proof> {
  const { book, read, clock, time } = options;
  if (book.sent.length === 0) return { ...NOTHING_PROVED, verified: true };
  const account = createAccount(book);
  let done = 0;
  let compared = 0;
  for (const part of inOrder(options)) {
    const before = new Map(part.map((resource) => [resourceKey(resource), resource]));
    await read(
      part,
      (ref, live) => {
        done += 1;
        if (account.compare(before.get(resourceKey(ref))!, live)) compared += 1;
      },
      time.mayStart,
    );
    options.onProgress?.(done);
  }
  const isSettled = await lookAgain({
    clock,
    time,
    isWaiting: () => account.waiting().length > 0,
    look: () => read(account.waiting(), account.lookAgain, time.mayStart),
  });
  // What was not compared is not verified, whatever the reason.
  let unread = options.seen.length - compared;
  // What still shows when time ends too early may only show late: not verified, and no accusation.
  if (!isSettled) unread += account.waiting().length;
  const differences = account.unexplained(isSettled);
  return {
    verified: unread === 0 && differences.length === 0,
    foreign: account.foreign(),
    lost: 0,
    unread,
    ...unexplainedOf(differences),
  };
}

/** The differences without explanation, the first of them by name. */
export function unexplainedOf(differences: readonly string[]): Pick<Proof, 'unexplained' | 'differences'> {
  const named = differences.slice(0, MAX_DIFFERENCES_NAMED);
  return { unexplained: differences.length, ...(named.length > 0 && { differences: named }) };
}

const PART = 20_000;

/** Resources in our requests, then the others; parts that bound what is in memory at once. */
function* inOrder({ seen, book }: ProofOptions): Generator<readonly Resource[]> {
  for (const turn of [true, false]) {
    let part: Resource[] = [];
    for (const resource of seen) {
      if (wasNamed(book, resource) !== turn) continue;
      part.push(resource);
      if (part.length < PART) continue;
      yield part;
      part = [];
    }
    if (part.length > 0) yield part;
  }
}

function wasNamed(book: Book, { region, type, id }: Resource): boolean {
  const row = book.table.find(region, type, id);
  if (row < 0) return false;
  for (let slot = book.table.firstSlot(row); slot < book.table.firstSlot(row + 1); slot += 1) {
    if (book.wasSent(slot)) return true;
  }
  return false;
}
