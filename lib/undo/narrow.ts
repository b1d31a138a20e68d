import { isKubernetesKey } from '../policy/reserved.ts';
import type { Region, TagKey } from '../resource.ts';
import type { Collected } from './collect.ts';

/** Which part of a run is put back; what is left out is all of it. */
export interface UndoPart {
  readonly regions?: readonly Region[] | undefined;
  readonly resourceIds?: readonly string[] | undefined;
  readonly keys?: readonly TagKey[] | undefined;
}

/** What a part names of what was collected; the rest is not looked at. */
export function narrowCollected(collected: Collected, part: UndoPart): Collected {
  const { regions, resourceIds, keys } = part;
  const valueKept: boolean[] = [];
  const asked: boolean[] = [];
  let slot = 0;
  const changes = collected.changes.flatMap((change) => {
    const isMeant =
      (regions === undefined || regions.includes(change.region)) &&
      (resourceIds === undefined || resourceIds.includes(change.id));
    const tags = change.tags.filter((tag) => {
      const at = slot++;
      if (!isMeant || (keys !== undefined && !keys.includes(tag.key))) return false;
      valueKept.push(collected.valueKept[at] === true);
      asked.push(collected.asked[at] === true);
      return true;
    });
    return tags.length === 0 ? [] : [{ ...change, tags }];
  });
  return { changes, valueKept, asked };
}

/**
 * Whether an undo may write a key: those by which Kubernetes finds its pods only where a person names them, since
 * who wrote such a value into a log could move a pod.
 */
export function mayPut(key: TagKey, allowed: readonly TagKey[]): boolean {
  return !isKubernetesKey(key) || allowed.includes(key);
}
