import type { Batch } from '../../lib/batch/types.ts';
import type { Removal } from '../../lib/plan/types.ts';

/** What one container group loses, each tag by one rule. */
export function aRemoval(
  id: string,
  tags: Readonly<Record<string, string>>,
  part: Partial<Removal> = {},
): Removal {
  return {
    region: 'cn-hangzhou',
    type: 'ContainerGroup',
    id,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value, rule: 'remove[0]' })),
    ...part,
  };
}

/** One request on container groups. */
export function aBatch(ids: readonly string[], keys: readonly string[], part: Partial<Batch> = {}): Batch {
  return { region: 'cn-hangzhou', type: 'ContainerGroup', ids, keys, ...part };
}
