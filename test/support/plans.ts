import type { Batch } from '../../lib/batch/types.ts';
import type { Removal } from '../../lib/plan/types.ts';

/** A removal of a container group in cn-hangzhou: the tags it loses, by key. */
export function aRemoval(
  resourceId: string,
  tags: Readonly<Record<string, string>>,
  part: Partial<Removal> = {},
): Removal {
  return {
    region: 'cn-hangzhou',
    resourceType: 'ContainerGroup',
    resourceId,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value, rule: 'remove[0]' })),
    ...part,
  };
}

export function aBatch(
  resourceIds: readonly string[],
  tagKeys: readonly string[],
  part: Partial<Batch> = {},
): Batch {
  return { region: 'cn-hangzhou', resourceType: 'ContainerGroup', resourceIds, tagKeys, ...part };
}
