import type { ResourceRef } from '../resource.ts';
import { safeText } from '../text.ts';
import type { Fate, TagRow, TagRows } from './model.ts';

/** More tags than this make a file that a browser is slow to open; a plan file has them all. */
export const MOST_LISTED_TAGS = 200_000;

export interface ListedTag {
  readonly key: string;
  readonly value: string;
  readonly fate: Fate;
}

/** Writes rows of tags compactly: each text, place and fate is kept once. */
export interface TagRowsWriter {
  /** Adds a resource; nothing is added once the most tags that are listed are reached. */
  add(ref: ResourceRef, name: string, tags: readonly ListedTag[]): void;
  close(): TagRows;
}

export function writeTagRows(most = MOST_LISTED_TAGS): TagRowsWriter {
  const texts = numbering<string>();
  const places = numbering<TagRows['places'][number]>();
  const fates = numbering<Fate>();
  const rows: TagRow[] = [];
  let listed = 0;
  let all = 0;
  return {
    add({ region, type, id }, name, tags) {
      const going = tags.reduce((sum, { fate }) => sum + (fate.goes ? 1 : 0), 0);
      all += going;
      if (listed + going > most) return;
      listed += going;
      rows.push([
        places.numberOf(`${region} ${type}`, () => ({ region: safeText(region), type })),
        safeText(id),
        safeText(name),
        tags.flatMap(({ key, value, fate }) => [
          texts.numberOf(key, () => safeText(key)),
          texts.numberOf(value, () => safeText(value)),
          fates.numberOf(`${fate.goes} ${fate.reason} ${fate.isNew} ${fate.label}`, () => safeFate(fate)),
        ]),
      ]);
    },
    close: () => ({
      texts: texts.all,
      places: places.all,
      fates: fates.all,
      rows,
      ...(all > listed && { cutOf: all }),
    }),
  };
}

function safeFate({ label, ...fate }: Fate): Fate {
  return { ...fate, ...(label !== undefined && { label: safeText(label) }) };
}

function numbering<T>(): { readonly all: readonly T[]; numberOf(key: string, make: () => T): number } {
  const all: T[] = [];
  const numbers = new Map<string, number>();
  return {
    all,
    numberOf(key, make) {
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, all.length);
      return all.push(make()) - 1;
    },
  };
}
