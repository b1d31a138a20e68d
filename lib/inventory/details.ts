import { EciError } from '../errors.ts';
import { MAX_IDS_PER_LIST } from '../ports.ts';
import type { Resource } from '../resource.ts';
import { createPager } from './pager.ts';
import { settleAll } from './settle.ts';
import type { Shard } from './shard.ts';

/**
 * Reads resources by id, as many a call as the type takes, side by side; what is not there any more is
 * passed over.
 *
 * @returns how many of the ids were found.
 * @throws {EciError} what a call threw, once the others have ended.
 */
export async function readByIds(
  shard: Shard,
  ids: readonly string[],
  take: (resource: Resource) => void = shard.collector.add,
): Promise<number> {
  const most = MAX_IDS_PER_LIST[shard.type];
  const reads: Promise<number>[] = [];
  for (let at = 0; at < ids.length; at += most) {
    reads.push(readChunk(shard, ids.slice(at, at + most), take));
  }
  return sum(await settleAll(reads));
}

type Take = (resource: Resource) => void;

async function readChunk(shard: Shard, ids: readonly string[], take: Take): Promise<number> {
  try {
    return await shard.limit(() => readOnce(shard, ids, take));
  } catch (error) {
    if (!(error instanceof EciError) || error.kind !== 'gone') {
      throw error;
    }
    // One id that is gone can refuse the whole list: halve it until the one stands alone.
    if (ids.length === 1) {
      return 0;
    }
    const half = ids.length >> 1;
    return sum(
      await settleAll([readChunk(shard, ids.slice(0, half), take), readChunk(shard, ids.slice(half), take)]),
    );
  }
}

async function readOnce(shard: Shard, ids: readonly string[], take: Take): Promise<number> {
  const { eci, region, type } = shard;
  const wanted = new Set(ids);
  const pager = createPager<Resource>(
    `${type} by id in ${region}`,
    (page) => {
      shard.calls.count += 1;
      shard.tick();
      return eci.listResources({ region, type, ids, ...page });
    },
    shard.signal,
  );
  let found = 0;
  while (!pager.ended) {
    for (const resource of await pager.next()) {
      if (wanted.delete(resource.id)) {
        found += 1;
        take(resource);
      }
    }
  }
  return found;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
