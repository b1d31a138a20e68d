import { hasStatusList, LIST_PAGE, STATUS_PAGE } from '../../kinds.ts';
import type { ContainerGroupStatus } from '../../ports.ts';
import type { Resource } from '../../resource.ts';
import { isRefusal } from '../gaps.ts';
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
  /** Container groups only: their ids, 200 a page; left out where that operation is refused. */
  readonly ids?: StartedIds;
}

export interface StartedIds {
  readonly pager: Pager<ContainerGroupStatus>;
  /** Ids on the pages that were read to count. */
  readonly listed: string[];
}

/** Reads the first plain page, and the first page of ids where there are ids to list and more to read. */
export async function lookFirst(shard: Shard): Promise<FirstLook> {
  const look = { shard, plain: listPager(shard), shown: [], counted: new Set<string>() };
  await showPage(look);
  if (look.plain.ended || !hasStatusList(shard.type)) {
    return look;
  }
  const ids = await startIds(look);
  return ids ? { ...look, ids } : look;
}

/** Reads one more plain page. */
export async function showPage({ shard, plain, shown, counted }: FirstLook): Promise<void> {
  for (const resource of await plain.next()) {
    // What the collector did not take is outside the scope.
    if (shard.collector.has(resource.id)) {
      shown.push(resource.id);
      counted.add(resource.id);
    }
  }
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

/** Counts on with the listing that has the larger pages; what it reads is not read twice. */
export function populationOf(look: FirstLook): Population {
  const { ids, plain } = look;
  return {
    seen: () => look.counted.size,
    ended: () => (ids ? ids.pager : plain).ended,
    more: () => (ids ? listIds(look, ids) : showPage(look)),
    pageSize: ids ? STATUS_PAGE : LIST_PAGE,
  };
}
