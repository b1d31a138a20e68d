import { LIST_PAGE } from '../../kinds.ts';
import type { ContainerGroupStatus } from '../../ports.ts';
import type { Resource } from '../../resource.ts';
import { isRefusal } from '../gaps.ts';
import type { Pager } from '../pager.ts';
import { settleAll } from '../settle.ts';
import { readDetails, type Shard } from '../shard.ts';

/**
 * Reads container groups through their ids, 200 a page, with the details of each page read side by side
 * while the next page is on its way.
 *
 * The ids come from another operation than the details, with its own permission, and may be of those only that a
 * pod stands behind. So they are held against what the list operation tells: its count, and resources that it has
 * shown; one that still `belongs` and is not among the ids means that the ids are not all.
 *
 * @param options - `first`: ids on the pages read before. `fresh`: ids whose details were just read or asked
 *   for; grows. `shown`: ids that the list operation has shown. `count`: how many resources it says there are, asked
 *   anew each time; undefined where it does not tell, and then nothing can be relied on. `onId`: told of every id.
 * @returns how many of them are there and belong; nothing where the ids cannot be relied on: list page by page.
 */
export async function readThroughIds(
  shard: Shard,
  ids: Pager<ContainerGroupStatus>,
  options: {
    readonly first?: readonly string[];
    readonly fresh: Set<string>;
    readonly shown: readonly string[];
    readonly belongs: (resource: Resource) => boolean;
    readonly count: (again: boolean) => Promise<number | undefined>;
    readonly onId: (id: string) => void;
  },
): Promise<number | undefined> {
  const seen = new Set<string>();
  const there = new Set(options.shown);
  const collect = (resource: Resource): void => {
    shard.collector.add(resource);
    if (options.belongs(resource)) there.add(resource.id);
  };
  const reads: Promise<number>[] = [];
  let waiting: string[] = [];
  const take = (page: readonly string[]): void => {
    for (const id of page) {
      if (!seen.has(id)) {
        seen.add(id);
        options.onId(id);
        if (!options.fresh.has(id)) {
          options.fresh.add(id);
          waiting.push(id);
        }
      }
    }
    const full = waiting.length - (waiting.length % LIST_PAGE);
    reads.push(settled(readDetails(shard, waiting.slice(0, full), collect)));
    waiting = waiting.slice(full);
  };
  take(options.first ?? []);
  let trusted = true;
  try {
    while (!ids.ended) {
      take((await ids.next()).map((one) => one.id));
    }
  } catch (error) {
    trusted = !isRefusal(error);
    if (trusted) {
      await Promise.allSettled(reads);
      throw error;
    }
  }
  reads.push(readDetails(shard, waiting, collect));
  await settleAll(reads);
  const missing = options.shown.filter((id) => !seen.has(id));
  if (!trusted || (missing.length > 0 && (await stillThere(shard, missing, options.belongs))))
    return undefined;
  return (await isAll(there.size, options.count)) ? there.size : undefined;
}

/** Whether so many are all, by the count of before, or by one of now where some have gone since. */
async function isAll(
  there: number,
  count: (again: boolean) => Promise<number | undefined>,
): Promise<boolean> {
  const before = await count(false);
  if (before === undefined || there >= before) return before !== undefined;
  const now = await count(true);
  return now !== undefined && there >= now;
}

/** Keeps an early failure from counting as unhandled while other pages are still read. */
function settled(read: Promise<number>): Promise<number> {
  read.catch(() => undefined);
  return read;
}

/** Whether any of these resources is there and still belongs, read anew. */
export async function stillThere(
  shard: Shard,
  ids: readonly string[],
  belongs: (resource: Resource) => boolean,
): Promise<boolean> {
  let found = false;
  await readDetails(shard, ids, (resource) => {
    shard.collector.add(resource);
    found ||= belongs(resource);
  });
  return found;
}
