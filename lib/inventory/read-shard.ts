import { LIST_PAGE, STATUS_PAGE } from '../kinds.ts';
import { describeFilters } from './needs/filter.ts';
import { countedOut } from './population.ts';
import type { Shard, ShardResult } from './shard.ts';
import { readFiltered } from './ways/by-filters.ts';
import { readThroughIds } from './ways/by-ids.ts';
import { readTagRows } from './ways/by-tag-rows.ts';
import { chooseWay, type ShardNeeds, type Way } from './ways/choose.ts';
import { countAnew, type FirstLook, lookFirst, populationOf, showPage } from './ways/first-look.ts';
import { filtersHold } from './ways/witness.ts';

/**
 * Reads every resource of a shard that the policy can touch, in the fewest calls.
 *
 * The first plain page comes first: it is all there is for most regions and types, shows how common the
 * wanted tags are, and is what other operations are held against. From there: rows of tags where nothing
 * else is needed and they are few; listings by tag filter where the policy names a few exact keys and few
 * resources carry them; else ids 200 a page with details side by side (container groups); else plain pages
 * to the end. A way that turns out not to be reliable is left for the next.
 */
export async function readShard(shard: Shard, needs: ShardNeeds): Promise<ShardResult> {
  const look = await lookFirst(shard);
  if (look.plain.ended) {
    return finished(look, 'plain pages');
  }
  const way = chooseWay(look, needs);
  if (needs.plain) return await readPlainly(look, way);
  const rows = needs.tagRows
    ? await readTagRows(look, { maxPercent: needs.maxPercent, below: way.cost })
    : undefined;
  if (rows === 'taken') return { way: 'rows of tags', population: populationOf(look) };
  const result = await readWithoutRows(look, way);
  return rows === 'doubted' ? { ...result, areRowsDoubted: true } : result;
}

/** All pages, and then the filters that would have been relied on: whether they find what the pages have shown. */
async function readPlainly(look: FirstLook, way: Way): Promise<ShardResult> {
  while (!look.plain.ended) await showPage(look);
  const result = finished(look, 'plain pages, as limits.plainReadings asks');
  return way.by !== 'filters' || (await readFiltered(look, way.filters))
    ? result
    : { ...result, doubtedFilters: way.filters };
}

async function readWithoutRows(look: FirstLook, way: Way): Promise<ShardResult> {
  if (way.by === 'filters' && (await isFiltered(look, way))) {
    return { way: describeFilters(way.filters), population: populationOf(look) };
  }
  return readFully(look);
}

async function isFiltered(look: FirstLook, { filters }: Way & { readonly by: 'filters' }): Promise<boolean> {
  if (!look.ids) {
    // Buying filters only after as many plain pages as they cost at least: never more than twice the best.
    while (!look.plain.ended && look.plain.calls <= filters.length) {
      await showPage(look);
    }
  }
  if (look.plain.ended || !(await filtersHold(look, filters))) return false;
  return !look.plain.ended && (await readFiltered(look, filters));
}

async function readFully(look: FirstLook): Promise<ShardResult> {
  const { shard, counted, shown, ids, total } = look;
  if (ids) {
    const { resourceGroupId } = shard;
    const there = await readThroughIds(shard, ids.pager, {
      first: ids.listed,
      fresh: new Set(shown),
      shown,
      belongs: (resource) => resourceGroupId === undefined || resource.resourceGroupId === resourceGroupId,
      count: (again) => (again ? countAnew(shard) : Promise.resolve(total)),
      onId: (id) => counted.add(id),
    });
    if (there !== undefined) {
      const way = `ids ${STATUS_PAGE} a page, details by ${LIST_PAGE} side by side`;
      return { way, population: countedOut(there) };
    }
  }
  while (!look.plain.ended) {
    await showPage(look);
  }
  return finished(look, 'plain pages');
}

function finished({ shown }: FirstLook, way: string): ShardResult {
  return { way, population: countedOut(new Set(shown).size) };
}
