import { compareText, type Resource, type Tag } from '../resource.ts';

/** Beyond this many different tags or texts, new ones are no longer shared: values of their own for each resource fill the pool to no use. */
const MOST_SHARED = 200_000;

/** Makes equal tags and texts of many resources one object, so that a million resources stay small. */
export interface Interner {
  /** The same resource in its smallest form, tags sorted by key. */
  compact(resource: Resource): Resource;
}

export function createInterner(): Interner {
  const texts = new Map<string, string>();
  const tags = new Map<string, Map<string, Tag>>();
  let tagCount = 0;

  function text(value: string): string {
    const known = texts.get(value);
    if (known === undefined && texts.size < MOST_SHARED) {
      texts.set(value, value);
    }
    return known ?? value;
  }

  function shared({ key, value }: Tag): Tag {
    const known = tags.get(key)?.get(value);
    if (known) {
      return known;
    }
    const tag = { key: text(key), value: text(value) };
    if (tagCount < MOST_SHARED) {
      const ofKey = tags.get(tag.key) ?? new Map<string, Tag>();
      tags.set(tag.key, ofKey.set(tag.value, tag));
      tagCount += 1;
    }
    return tag;
  }

  return {
    compact(resource) {
      const { region, type, id, name, status, createdAtMs, resourceGroupId, tags: seen } = resource;
      return {
        region: text(region),
        type,
        id,
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status: text(status) }),
        ...(createdAtMs === undefined ? {} : { createdAtMs }),
        ...(resourceGroupId === undefined ? {} : { resourceGroupId: text(resourceGroupId) }),
        ...(seen === undefined ? {} : { tags: seen.map(shared).sort((a, b) => compareText(a.key, b.key)) }),
      };
    },
  };
}
