import { LIST_PAGE } from '../kinds.ts';
import { counted } from '../text.ts';
import { isRefusal } from './gaps.ts';
import { readDetails, type Shard, tagRowPager } from './shard.ts';

/** Pages of rows that are looked at beside as many as the list had: a few tags on each cache. */
const MORE_PAGES = 10;

/**
 * Finds data caches that a list without a bucket did not show: it may be of the bucket `default` alone. ListTagResources
 * knows no buckets, and what has no tag has none to lose.
 *
 * @returns what a person should know where not all of them can be read; undefined where all of them were.
 */
export async function findInOtherBuckets(shard: Shard): Promise<string | undefined> {
  const { collector, region, resourceGroupId } = shard;
  const rows = tagRowPager(shard);
  const most = MORE_PAGES + Math.ceil(collector.size / LIST_PAGE);
  const hidden = new Set<string>();
  try {
    while (!rows.ended && rows.calls < most) {
      for (const { row } of await rows.next()) if (!collector.has(row.id)) hidden.add(row.id);
    }
    const isCut = !rows.ended;
    let there = 0;
    await readDetails(shard, [...hidden], (resource) => {
      there += 1;
      collector.add(resource);
    });
    const unread = hidden.size - there;
    if (unread > 0 && resourceGroupId === undefined) {
      return `${counted(unread, 'data cache')} in ${region} can be seen by ListTagResources alone, and not be read: are they in a bucket of their own? Name it in scope.buckets.`;
    }
    return isCut && hidden.size > 0 ? onlyDefault(region) : undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return onlyDefault(region);
  }
}

function onlyDefault(region: string): string {
  return `Of the data caches in ${region} only those of the bucket \`default\` may have been seen: a list without a bucket may show no others, and nothing tells. Name the buckets in scope.buckets.`;
}
