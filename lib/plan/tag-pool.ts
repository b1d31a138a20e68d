import type { TagKey } from '../resource.ts';
import type { RemovalTag } from './types.ts';

/** Beyond so many distinct tags sharing no longer pays for the table; it starts anew. */
const MAX_POOLED = 200_000;

/** Hands out one shared, frozen object for equal tags, so that a plan of millions of them stays small. */
export function createTagPool(): (key: TagKey, value: string, rule: string) => RemovalTag {
  const pool = new Map<string, Map<TagKey, Map<string, RemovalTag>>>();
  let size = 0;
  return (key, value, rule) => {
    const byValue = within(within(pool, rule), key);
    const known = byValue.get(value);
    if (known) return known;
    const tag: RemovalTag = Object.freeze({ key, value, rule });
    byValue.set(value, tag);
    if (++size >= MAX_POOLED) {
      pool.clear();
      size = 0;
    }
    return tag;
  };
}

function within<K, L, V>(table: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = table.get(key);
  if (known) return known;
  const made = new Map<L, V>();
  table.set(key, made);
  return made;
}
