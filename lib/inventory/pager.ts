import { CleanupError } from '../errors.ts';
import type { Page } from '../ports.ts';

/** Pages in a row that bring nothing new before a listing counts as going in circles. */
const MOST_IDLE_PAGES = 100;
/** The same where their token came before as well, and they are not empty. */
const MOST_REPEATED_PAGES = 2;

/**
 * Pages after which a listing counts as one that has no end: 20 million resources of one region and type, where accounts
 * have a million at the most.
 */
const MOST_PAGES = 1_000_000;

/** One listing, page by page. */
export interface Pager<T> {
  /** Whether the last page was read. */
  readonly ended: boolean;
  readonly calls: number;
  /**
   * How many items the first page said there are in all; nothing where it said no more than it holds itself, which
   * may be all that it meant.
   */
  readonly total: number | undefined;
  /**
   * Reads the next page; nothing once the listing has ended.
   *
   * @throws {EciError} what the call threw.
   * @throws {CleanupError} code `INVENTORY_INCOMPLETE` when the pages go in circles, or have no end.
   */
  next(): Promise<readonly T[]>;
}

/**
 * Follows the tokens of a listing. Only a missing token ends it, however few items a page has.
 *
 * A service may keep the place itself, and give the same token with every page: what counts is what a page brings.
 * One whose first and last items stood at the end of a page before brings nothing new; so many of them in a row
 * would never end, and that is an error, not an end.
 */
export function createPager<T extends { readonly id: string }>(
  what: string,
  fetch: (page: { readonly nextToken?: string }) => Promise<Page<T>>,
  signal?: AbortSignal,
  mostPages = MOST_PAGES,
): Pager<T> {
  const tokens = new Set<string>();
  /** The first and last ids of pages. */
  const edges = new Set<string>();
  let idle = 0;
  let repeated = 0;
  let token: string | undefined;
  let ended = false;
  let calls = 0;
  let total: number | undefined;

  function watchForCircles({ items, nextToken }: Page<T>): void {
    const first = items[0]?.id;
    const last = items.at(-1)?.id;
    const isIdle = first === undefined || last === undefined || (edges.has(first) && edges.has(last));
    const isRepeated = isIdle && first !== undefined && nextToken !== undefined && tokens.has(nextToken);
    idle = isIdle ? idle + 1 : 0;
    repeated = isRepeated ? repeated + 1 : 0;
    if (first !== undefined) edges.add(first);
    if (last !== undefined) edges.add(last);
    if (nextToken !== undefined && (repeated >= MOST_REPEATED_PAGES || idle > MOST_IDLE_PAGES)) {
      throw new CleanupError(
        'INVENTORY_INCOMPLETE',
        `Listing ${what}: page ${calls} leads back to an earlier one, so the end cannot be reached. Run again; nothing was removed.`,
      );
    }
  }

  return {
    get ended() {
      return ended;
    },
    get calls() {
      return calls;
    },
    get total() {
      return total;
    },
    async next() {
      if (ended) {
        return [];
      }
      signal?.throwIfAborted();
      if (calls >= mostPages) {
        throw new CleanupError(
          'INVENTORY_INCOMPLETE',
          `Listing ${what}: ${mostPages} pages did not bring its end, and no account has as many. Nothing was removed.`,
        );
      }
      calls += 1;
      const page = await fetch(token === undefined ? {} : { nextToken: token });
      watchForCircles(page);
      if (calls === 1 && (page.total ?? 0) > page.items.length) total = page.total;
      token = page.nextToken;
      ended = token === undefined;
      if (token !== undefined) {
        tokens.add(token);
      }
      return page.items;
    },
  };
}
