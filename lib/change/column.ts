import type { Tag } from '../resource.ts';

/** What a plan does with its tags: takes them off, or puts them back. */
export type Action = 'remove' | 'put';

/** Stands between key and value where both are one name, and is as long as what a request holds there; no tag can hold it. */
const SEPARATOR = '\u0000Tag.20.Value=';

/**
 * The name under which a request takes a tag of many resources at once: the key where tags are removed, key
 * and value together where they are put.
 */
export function columnOf(action: Action, tag: Tag): string {
  return action === 'remove' ? tag.key : `${tag.key}${SEPARATOR}${tag.value}`;
}

/** The tag that a column of puts stands for; the value of a removal's column is empty. */
export function tagOf(column: string): Tag {
  const at = column.indexOf(SEPARATOR);
  if (at < 0) return { key: column, value: '' };
  return { key: column.slice(0, at), value: column.slice(at + SEPARATOR.length) };
}
