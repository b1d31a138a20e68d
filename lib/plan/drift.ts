import type { Tag } from '../resource.ts';
import type { Removal, RemovalTag } from './types.ts';

/** `unchanged`: still there with the planned value. `absent`: gone. `changed`: there with another value. */
export type TagDrift = 'unchanged' | 'absent' | 'changed';

/**
 * Holds planned tags against the tags that the resource has now.
 *
 * @returns one entry per planned tag, in the plan's order.
 */
export function detectDrift(
  removal: Pick<Removal, 'tags'>,
  liveTags: readonly Tag[],
): readonly { readonly tag: RemovalTag; readonly drift: TagDrift }[] {
  return removal.tags.map((tag) => {
    const live = liveTags.find((one) => one.key === tag.key);
    return { tag, drift: live === undefined ? 'absent' : live.value === tag.value ? 'unchanged' : 'changed' };
  });
}
