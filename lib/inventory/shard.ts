import type { LimitFunction } from 'p-limit';
import type { ContainerGroupStatus, EciApi, Page, TagRow } from '../ports.ts';
import type { Region, Resource, ResourceType } from '../resource.ts';
import { type Asking, askById } from './ask.ts';
import type { Collector } from './collector.ts';
import type { TouchFilter } from './needs/filter.ts';
import { createPager, type Pager } from './pager.ts';
import type { Population } from './population.ts';

/** One listing's worth of the scope: a region and type, and one resource group where the scope names groups. */
export interface Shard {
  readonly eci: EciApi;
  readonly region: Region;
  readonly type: ResourceType;
  readonly resourceGroupId?: string;
  /** Of data caches, where the scope names buckets. */
  readonly bucket?: string;
  /** Shared by the shards of one region and type. */
  readonly collector: Collector;
  /** Bounds the reads by id of one region. */
  readonly limit: LimitFunction;
  readonly signal?: AbortSignal;
  readonly tick: () => void;
  /** Calls made, for the reading. */
  readonly calls: { count: number };
}

/** What one shard's reading came to. */
export interface ShardResult {
  readonly way: string;
  /** Of the population: how many resources were seen so far, and whether that is all of them. */
  readonly population: Population;
  /** Rows of tags were relied on, and what was read in full did not bear them out. */
  readonly areRowsDoubted?: true;
  /** Plain pages have shown what these filters do not find. */
  readonly doubtedFilters?: readonly TouchFilter[];
}

/** Full details, page by page; every resource goes to the collector as well. */
export function listPager(shard: Shard, filter?: TouchFilter, ids?: readonly string[]): Pager<Resource> {
  const { eci, region, type, collector } = shard;
  const query = {
    region,
    type,
    ...filterQuery(shard, filter),
    ...(filter?.status === undefined ? {} : { status: filter.status }),
    ...(ids === undefined ? {} : { ids }),
    ...(shard.bucket === undefined ? {} : { bucket: shard.bucket }),
  };
  return watched(shard, `${type} in ${region}`, async (page) => {
    const answer = await eci.listResources({ ...query, ...page });
    answer.items.forEach(collector.add);
    return answer;
  });
}

/** Ids of container groups, without their details. */
export function statusPager(shard: Shard, filter?: TouchFilter): Pager<ContainerGroupStatus> {
  const query = { region: shard.region, ...filterQuery(shard, filter) };
  return watched(shard, `ContainerGroup ids in ${shard.region}`, (page) =>
    shard.eci.listContainerGroupStatus({ ...query, ...page }),
  );
}

/**
 * Full details of resources by id, as many a call as the type takes, side by side; what is not there any more
 * is passed over.
 *
 * @returns how many of the ids were found.
 * @throws {EciError} the first failure, once the other calls have ended.
 */
export async function readDetails(
  shard: Shard,
  ids: readonly string[],
  take: (resource: Resource) => void = shard.collector.add,
): Promise<number> {
  let found = 0;
  const { error } = await askById({ ...shard, ids }, askingOf(shard), (_, live) => {
    if (live === undefined) return;
    found += 1;
    take(live);
  });
  if (error !== undefined) throw error;
  return found;
}

/** How a shard asks for certain resources; each call is counted. */
export function askingOf({ eci, limit, calls, tick, signal, bucket }: Shard): Asking {
  const onCall = (): void => {
    calls.count += 1;
    tick();
  };
  return { eci, limit, onCall, ...(signal && { signal }), ...(bucket !== undefined && { bucket }) };
}

/** Rows of tags of all resources, each under a name of its own. */
export function tagRowPager(shard: Shard): Pager<{ readonly id: string; readonly row: TagRow }> {
  const { eci, region, type } = shard;
  return watched(shard, `tags of ${type} in ${region}`, async (page) => {
    const answer = await eci.listTagResources({ region, type, ...page });
    const items = answer.items
      .filter((row) => row.type === type)
      .map((row) => ({ id: `${row.id}\u0000${row.key}`, row }));
    return { ...answer, items };
  });
}

function watched<T extends { readonly id: string }>(
  shard: Shard,
  what: string,
  fetch: (page: { readonly nextToken?: string }) => Promise<Page<T>>,
): Pager<T> {
  return createPager(
    what,
    (page) => {
      shard.calls.count += 1;
      shard.tick();
      return fetch(page);
    },
    shard.signal,
  );
}

function filterQuery(shard: Shard, filter: TouchFilter | undefined) {
  return {
    ...(shard.resourceGroupId === undefined ? {} : { resourceGroupId: shard.resourceGroupId }),
    ...(filter === undefined || filter.tags.length === 0 ? {} : { tags: filter.tags }),
  };
}
