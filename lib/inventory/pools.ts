import type { Tag } from '../resource.ts';

/** Beyond so many different values of one key, or texts in all, new ones are written out each time they come. */
const MOST_VALUES_OF_KEY = 1000;
const MOST_SHARED = 100_000;

/** Texts and tags that many resources have in common, by number. */
export interface Pools {
  /** The number of a text; -1 where it is not shared. */
  textNumber(text: string): number;
  text(number: number): string;
  /** The number of a tag; -1 where it is not shared. */
  tagNumber(tag: Tag): number;
  tag(number: number): Tag;
}

/**
 * Remembers what comes again. Values of their own for each resource, such as the number of a build, would fill
 * memory to no use: of each key only the first thousand values are shared.
 */
export function createPools(): Pools {
  const texts: string[] = [];
  const textNumbers = new Map<string, number>();
  const tags: Tag[] = [];
  const ofKeys = new Map<string, Map<string, number>>();
  return {
    textNumber(text) {
      const known = textNumbers.get(text);
      if (known !== undefined) return known;
      if (texts.length >= MOST_SHARED) return -1;
      textNumbers.set(text, texts.length);
      return texts.push(text) - 1;
    },
    text: (number) => texts[number]!,
    tagNumber({ key, value }) {
      const ofKey = ofKeys.get(key);
      const known = ofKey?.get(value);
      if (known !== undefined) return known;
      if ((ofKey?.size ?? 0) >= MOST_VALUES_OF_KEY || tags.length >= MOST_SHARED) return -1;
      if (ofKey === undefined) ofKeys.set(key, new Map([[value, tags.length]]));
      else ofKey.set(value, tags.length);
      return tags.push({ key, value }) - 1;
    },
    tag: (number) => tags[number]!,
  };
}
