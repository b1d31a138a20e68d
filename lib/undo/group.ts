import { planBatches } from '../batch/batch.ts';
import type { CoverGroup } from '../batch/types.ts';
import { compareText, type Region, type ResourceType, resourceKey, type Tag } from '../resource.ts';

/** One TagResources call: puts each tag on each resource. */
export interface RestoreCall {
  readonly region: Region;
  readonly type: ResourceType;
  readonly ids: readonly string[];
  readonly tags: readonly Tag[];
}

/** What is to be put back on one resource; never empty. */
export interface Restore {
  readonly region: Region;
  readonly type: ResourceType;
  readonly id: string;
  readonly tags: readonly Tag[];
}

/** A call's size; ids and tags travel in the URL. */
const LIMITS = { resources: 50, keys: 20, bytes: 7800 };

/** Stands between key and value where both are one name; no tag can hold it. */
const SEPARATOR = '\u0000Tag.20.Value=';

/**
 * Puts restores into few calls: resources that get the same tags share one, and so do the common tags of
 * resources that differ otherwise. No call puts a tag where it was not removed.
 */
export function groupRestores(restores: readonly Restore[]): readonly RestoreCall[] {
  const tags = new Map<string, Tag>();
  for (const restore of restores) for (const tag of restore.tags) tags.set(nameOf(tag), tag);
  const { batches } = planBatches(coverGroups(restores), LIMITS);
  return batches.map(({ region, type, ids, keys }) => ({
    region,
    type,
    ids,
    tags: keys.map((name) => tags.get(name)!),
  }));
}

function coverGroups(restores: readonly Restore[]): readonly CoverGroup[] {
  const kinds = new Map<string, Restore[]>();
  for (const restore of restores) {
    const name = resourceKey({ region: restore.region, type: restore.type, id: '' });
    const own = kinds.get(name);
    if (own === undefined) kinds.set(name, [restore]);
    else own.push(restore);
  }
  return [...kinds.values()].map((own) => {
    const keys = [...new Set(own.flatMap((restore) => restore.tags.map(nameOf)))].sort(compareText);
    const place = new Map(keys.map((key, at) => [key, at]));
    return {
      region: own[0]!.region,
      type: own[0]!.type,
      keys,
      ids: own.map((restore) => restore.id),
      must: own.map((restore) => restore.tags.map((tag) => place.get(nameOf(tag))!).sort((a, b) => a - b)),
      kept: own.map(() => []),
      absentIsKept: true,
    };
  });
}

function nameOf(tag: Tag): string {
  return `${tag.key}${SEPARATOR}${tag.value}`;
}
