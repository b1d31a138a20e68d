import type { Resource, Tag } from '../resource.ts';

/**
 * What a reading shows of one tag that was expected.
 *
 * `there`: with the expected value. `changed`: with another one. `absent`: the resource lacks the key. `gone`:
 * the resource does not exist any more. `unseen`: the resource was listed without its tags.
 */
export type TagState = 'there' | 'changed' | 'absent' | 'gone' | 'unseen';

/**
 * Holds one expected tag against a resource as it was read: the one comparison that drift, canary, proof, undo
 * and `verify` go by.
 *
 * @param expected - without a value, any value is the expected one.
 * @param live - left out: the resource does not exist any more.
 */
export function compareTag(
  expected: Pick<Tag, 'key'> & { readonly value?: string | undefined },
  live: Pick<Resource, 'tags'> | undefined,
): TagState {
  if (live === undefined) return 'gone';
  if (live.tags === undefined) return 'unseen';
  const now = live.tags.find(({ key }) => key === expected.key);
  if (now === undefined) return 'absent';
  return expected.value === undefined || now.value === expected.value ? 'there' : 'changed';
}
