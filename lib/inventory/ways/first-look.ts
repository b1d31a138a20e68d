import { hasStatusList, LIST_PAGE, STATUS_PAGE } from '../../kinds.ts';
import type { ContainerGroupStatus } from '../../ports.ts';
import type { Resource } from '../../resource.ts';
import { isRefusal } from '../gaps.ts';
import type { TouchFilter } from '../needs/filter.ts';
import type { Pager } from '../pager.ts';
import type { Population } from '../population.ts';
import { listPager, type Shard, statusPager } from '../shard.ts';

/** What the first pages of a shard have shown, and the listings that can go on from there. */
export interface FirstLook {
  readonly shard: Shard;
  readonly plain: Pager<Resource>;
  /** Ids on the plain pages. */
  readonly shown: string[];
  /** Every id seen in any way: the population, as far as it was counted. */
  readonly counted: Set<string>;
  /** What the first page says there are; left out where it does not tell, or showed what was not asked for. */
  readonly total?: number;
  /**
   * Container groups only: their ids, 200 a page; left out where that operation is refused, or where nothing tells
   * whether they are all.
   */
  readonly ids?: StartedIds;
}

export interface StartedIds {
  readonly pager: Pager<ContainerGroupStatus>;
  /** Ids on the pages that were read to count. */
  readonly listed: string[];
}

/** Reads the first plain page, and the first page of ids where there are ids to list and more to read. */
export async function lookFirst(shard: Shard): Promise<FirstLook> {
  const plain = listPager(shard);
  const look = { shard, plain, shown: [], counted: new Set<string>() };
  const strangers = await showPage(look);
  const { total } = plain;
  if (plain.ended || total === undefined || strangers > 0) return look;
  const counted = { ...look, total };
  const ids = hasStatusList(shard.type) ? await startIds(counted) : undefined;
  // Ids that do not keep to what was asked for would be read in vain.
  return ids && ids.listed.length <= total + LIST_PAGE
    ? { ...counted, ids }
    : { ...counted, counted: new Set(look.shown) };
}

/** Reads one more plain page; tells how many on it are outside the scope. */
export async function showPage({ shard, plain, shown, counted }: FirstLook): Promise<number> {
  let strangers = 0;
  for (const { id } of await plain.next()) {
    // What the collector did not take is outside the scope.
    if (!shard.collector.has(id)) strangers += 1;
    else {
      shown.push(id);
      counted.add(id);
    }
  }
  return strangers;
}

async function startIds(look: FirstLook): Promise<StartedIds | undefined> {
  const ids: StartedIds = { pager: statusPager(look.shard), listed: [] };
  try {
    await listIds(look, ids);
    return ids;
  } catch (error) {
    if (isRefusal(error)) {
      return undefined;
    }
    throw error;
  }
}

async function listIds({ counted }: FirstLook, { pager, listed }: StartedIds): Promise<void> {
  for (const { id } of await pager.next()) {
    listed.push(id);
    counted.add(id);
  }
}

/**
 * Counts on with the listing that has the larger pages; what it reads is not read twice. Ids that only the list of
 * statuses knows may be of nothing, so that there are never more than the first page said.
 */
export function populationOf(look: FirstLook): Population {
  const { ids, plain, total } = look;
  return {
    seen: () => Math.min(look.counted.size, ids && total !== undefined ? total : Number.POSITIVE_INFINITY),
    ended: () => (ids ? ids.pager : plain).ended,
    more: async () => void (await (ids ? listIds(look, ids) : showPage(look))),
    pageSize: ids ? STATUS_PAGE : LIST_PAGE,
  };
}

/** How many resources the list says there are now, as far as it tells; one call. */
export async function countAnew(shard: Shard, filter?: TouchFilter): Promise<number | undefined> {
  const pager = listPager(shard, filter);
  const items = await pager.next();
  return pager.ended ? items.length : pager.total;
}
