import { hasStatusList } from '../../kinds.ts';
import type { Resource } from '../../resource.ts';
import { matchesFilter, type TouchFilter } from '../needs/filter.ts';
import { settleAll } from '../settle.ts';
import { listPager, type Shard, statusPager } from '../shard.ts';
import { readThroughIds, stillThere } from './by-ids.ts';
import { countAnew, type FirstLook } from './first-look.ts';

/**
 * One listing per filter, side by side.
 *
 * @returns whether the server's filters can be relied on: a resource on a plain page that carries what was
 *   asked for, and is in no filtered listing, says that they cannot.
 */
export async function readFiltered(look: FirstLook, filters: readonly TouchFilter[]): Promise<boolean> {
  const { shard } = look;
  const fresh = new Set(look.shown);
  const found = new Set<string>();
  const onId = (id: string): void => {
    found.add(id);
    look.counted.add(id);
  };
  await settleAll(filters.map((filter) => readFilter(shard, filter, fresh, onId)));
  const belongs = (resource: Resource): boolean => filters.some((filter) => matchesFilter(resource, filter));
  const missing = look.shown.filter((id) => {
    const resource = shard.collector.get(id);
    return resource !== undefined && !found.has(id) && belongs(resource);
  });
  return missing.length === 0 || !(await stillThere(shard, missing, belongs));
}

async function readFilter(
  shard: Shard,
  filter: TouchFilter,
  fresh: Set<string>,
  onId: (id: string) => void,
): Promise<void> {
  const list = listPager(shard, filter);
  const shown: string[] = [];
  const page = async (): Promise<void> => {
    for (const { id } of await list.next()) {
      shown.push(id);
      fresh.add(id);
      onId(id);
    }
  };
  await page();
  if (!list.ended && hasStatusList(shard.type) && filter.status === undefined) {
    const belongs = (resource: Resource): boolean => matchesFilter(resource, filter);
    const count = async (again: boolean) => (again ? await countAnew(shard, filter) : list.total);
    const pager = statusPager(shard, filter);
    const isTold = list.total !== undefined;
    if (
      isTold &&
      (await readThroughIds(shard, pager, { fresh, shown, belongs, count, onId })) !== undefined
    ) {
      return;
    }
  }
  while (!list.ended) {
    await page();
  }
}
