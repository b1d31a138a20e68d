import type { Book } from '../change/book.ts';
import type { FailureCause } from '../change/ends.ts';
import type { Clock, TimeLeft } from '../clock.ts';
import { readAgain } from '../inventory/look-again.ts';
import { NOTHING_PROVED, type Proof } from '../report/report.ts';
import { type Resource, type ResourceRef, resourceKey } from '../resource.ts';
import { type Account, createAccount, wasNamed } from './account.ts';
import type { ReadById } from './reader.ts';
import type { Witness } from './witness.ts';

const MAX_DIFFERENCES_NAMED = 100;

export interface ProofOptions {
  readonly book: Book;
  /** Every resource as it was before the first request. */
  readonly seen: readonly Resource[];
  readonly read: ReadById;
  /** Asked of what a reading does not show. */
  readonly witness: Witness;
  readonly clock: Clock;
  readonly time: TimeLeft;
  /** How long a change is known to take until it shows, milliseconds; left out: nothing is known. */
  readonly visibleAfterMs?: number;
  /** The failure of a tag that was changed by its answer, and still shows as before. */
  readonly notShown: FailureCause;
  readonly onProgress?: (read: number) => void;
}

/**
 * Reads every resource that was seen once more, and accounts for each difference.
 *
 * A difference is *planned* where the book says removed and the tag is gone; *foreign* where no request
 * of ours can have caused it (a resource that is gone counts as one); *lost* where a kept tag is gone from a
 * resource that a request touched; anything else is *unexplained*: a
 * tag that was removed and is still there after growing pauses, which the book then takes back, or that is gone
 * although a request that held it should have left it. Resources that our requests named are read first. Where nothing was sent
 * there is nothing to account for.
 */
export async function proveRun(options: ProofOptions): Promise<Proof> {
  const { book, read, clock, time } = options;
  if (book.sent.length === 0) return { ...NOTHING_PROVED, verified: true };
  const account = createAccount(book);
  const { compared, missing } = await readAll(options, account);
  const gone = await goneOf(options, missing);
  const again = await readAgain({
    clock,
    time,
    visibleAfterMs: options.visibleAfterMs,
    isWaiting: () => account.waiting().length > 0,
    read: () => read(account.waiting(), account.lookAgain, time.mayStart),
  });
  // What still shows when time ends too early, or could not be read again, may only show late: no accusation.
  const open = again.isSettled ? rowsOf(book, again.unread) : undefined;
  const isAccused = (row: number): boolean => open?.has(row) === false;
  const accused = account.stillThere().filter(([row]) => isAccused(row));
  // What was not compared is not verified, whatever the reason.
  const unread = options.seen.length - compared - gone + account.waiting().length - accused.length;
  const differences = account.unexplained(isAccused);
  for (const [row, slots] of accused) book.retract(row, slots, options.notShown);
  return {
    verified: unread === 0 && differences.length === 0,
    foreign: account.foreign() + gone,
    lost: account.lost(),
    unread,
    ...unexplainedOf(differences),
  };
}

/** The rows of some resources. */
export function rowsOf({ table }: Book, refs: readonly ResourceRef[]): ReadonlySet<number> {
  return new Set(refs.map(({ region, type, id }) => table.find(region, type, id)));
}

/** Reads all that was seen once more; how many could be compared, and what the reading does not show. */
async function readAll(
  options: ProofOptions,
  account: Account,
): Promise<{ readonly compared: number; readonly missing: readonly ResourceRef[] }> {
  const missing: ResourceRef[] = [];
  let done = 0;
  let compared = 0;
  for (const part of inOrder(options)) {
    const before = new Map(part.map((resource) => [resourceKey(resource), resource]));
    await options.read(
      part,
      (ref, live) => {
        done += 1;
        if (live === undefined) return void missing.push(ref);
        options.witness.saw(live);
        if (account.compare(before.get(resourceKey(ref))!, live)) compared += 1;
      },
      options.time.mayStart,
    );
    options.onProgress?.(done);
  }
  return { compared, missing };
}

/** How many of the resources that a reading does not show are gone: those that a request touched by a second witness as well. */
async function goneOf({ book, witness }: ProofOptions, missing: readonly ResourceRef[]): Promise<number> {
  const touched = missing.filter((ref) => wasNamed(book, ref));
  return missing.length - touched.length + (await witness.gone(touched)).length;
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
