import { CleanupError } from '../errors.ts';
import type { Page } from '../ports.ts';

/** Pages in a row that bring nothing new before a listing counts as going in circles. */
const MOST_IDLE_PAGES = 100;

/** One listing, page by page. */
export interface Pager<T> {
  /** Whether the last page was read. */
  readonly ended: boolean;
  readonly calls: number;
  /**
   * Reads the next page; nothing once the listing has ended.
   *
   * @throws {EciError} what the call threw.
   * @throws {CleanupError} code `INVENTORY_INCOMPLETE` when the pages go in circles.
   */
  next(): Promise<readonly T[]>;
}

/**
 * Follows the tokens of a listing. Only a missing token ends it, however few items a page has.
 *
 * A token that comes twice, or many pages that start where an earlier one did, would never end: that is an
 * error, not an end.
 */
export function createPager<T extends { readonly id: string }>(
  what: string,
  fetch: (page: { readonly nextToken?: string }) => Promise<Page<T>>,
  signal?: AbortSignal,
): Pager<T> {
  const tokens = new Set<string>();
  const firstIds = new Set<string>();
  let idle = 0;
  let token: string | undefined;
  let ended = false;
  let calls = 0;

  function watchForCircles(page: Page<T>): void {
    const first = page.items[0]?.id;
    idle = first === undefined || firstIds.has(first) ? idle + 1 : 0;
    if (first !== undefined) {
      firstIds.add(first);
    }
    if (page.nextToken !== undefined && (tokens.has(page.nextToken) || idle > MOST_IDLE_PAGES)) {
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
    async next() {
      if (ended) {
        return [];
      }
      signal?.throwIfAborted();
      calls += 1;
      const page = await fetch(token === undefined ? {} : { nextToken: token });
      watchForCircles(page);
      token = page.nextToken;
      ended = token === undefined;
      if (token !== undefined) {
        tokens.add(token);
      }
      return page.items;
    },
  };
}
