import { hasStatusList, LIST_PAGE, STATUS_PAGE } from '../kinds.ts';
import { createCollector } from './collector.ts';
import { createPools } from './pools.ts';
import { byPages, countedOut, type Population } from './population.ts';
import { typeOfId } from './scope.ts';
import { listPager, readDetails, type Shard, statusPager } from './shard.ts';

/** From so many resources up `maxPercent` is looked at; fewer named ones need no count. */
const COUNTED_FROM = 20;

/** Reads the resources of a shard that a request names, by id; from 20 up the others are counted. */
export async function readNamed(
  shard: Shard,
  resourceIds: readonly string[],
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
  // The count looks at ids alone: what it shows was not asked for.
  const aside: Shard = { ...shard, collector: createCollector(shard, createPools()) };
  const population = hasStatusList(shard.type)
    ? byPages(counted, statusPager(aside), STATUS_PAGE)
    : byPages(counted, listPager(aside), LIST_PAGE);
  return { way: 'by id', population };
}
