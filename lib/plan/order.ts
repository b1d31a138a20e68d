import { compareText, type ResourceRef } from '../resource.ts';
import type { Removal, RemovalTag } from './types.ts';

/** By region, type and id, in code-unit order: the order of inventories, plans and plan files. */
export function compareRemovals(a: Removal, b: Removal): number {
  return compareText(a.region, b.region) || compareText(a.type, b.type) || compareText(a.id, b.id);
}

/** The same order for resources. */
export function compareResources(a: ResourceRef, b: ResourceRef): number {
  return compareText(a.region, b.region) || compareText(a.type, b.type) || compareText(a.id, b.id);
}

/** The tags by key; the list itself where it is in order already. */
export function tagsInOrder(tags: readonly RemovalTag[]): readonly RemovalTag[] {
  return isInOrder(tags, compareTags) ? tags : [...tags].sort(compareTags);
}

/** Whether each item is at or after the one before it. */
export function isInOrder<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  for (let at = 1; at < items.length; at += 1) {
    if (compare(items[at - 1]!, items[at]!) > 0) {
      return false;
    }
  }
  return true;
}

function compareTags(a: RemovalTag, b: RemovalTag): number {
  return compareText(a.key, b.key);
}
