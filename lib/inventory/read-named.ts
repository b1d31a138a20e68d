import { LIST_PAGE } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import { createCollector } from './collector.ts';
import type { Pager } from './pager.ts';
import { createPools } from './pools.ts';
import { byPages, countedOut, type Population } from './population.ts';
import { type ReadingScope, typeOfId } from './scope.ts';
import { listPager, readDetails, type Shard } from './shard.ts';

/** From so many resources up `maxPercent` is looked at; fewer named ones need no count. */
const COUNTED_FROM = 20;

/** Reads the resources of a shard that a request names, by id; from 20 up the others are counted. */
export async function readNamed(
  shard: Shard,
  {
    resourceIds,
    resourceGroups,
  }: Pick<ReadingScope, 'resourceGroups'> & { readonly resourceIds: readonly string[] },
): Promise<{ readonly way: string; readonly population?: Population }> {
  const ids = resourceIds.filter((id) => (typeOfId(id) ?? shard.type) === shard.type);
  if (ids.length === 0) {
    return { way: 'not read: no id of this type was named' };
  }
  await readDetails(shard, ids);
  const { collector } = shard;
  if (collector.size < COUNTED_FROM) {
    return { way: 'by id', population: countedOut(collector.size) };
  }
  const counted = new Set(collector.all().map((resource) => resource.id));
  // The count looks at ids alone: what it shows was not asked for. What is of another group does not count.
  const aside: Shard = { ...shard, collector: createCollector(shard, createPools(), resourceGroups) };
  return { way: 'by id', population: byPages(counted, withinScope(listPager(aside), aside), LIST_PAGE) };
}

function withinScope(pager: Pager<Resource>, { collector }: Shard): Pager<Resource> {
  return {
    get ended() {
      return pager.ended;
    },
    get calls() {
      return pager.calls;
    },
    get total() {
      return pager.total;
    },
    next: async () => (await pager.next()).filter(({ id }) => collector.has(id)),
  };
}
