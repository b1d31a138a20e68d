import type { Condition, Policy, TextField } from '../../policy/policy.ts';

/** Texts that a row of tags tells as well. */
const TOLD: readonly TextField[] = ['id', 'region', 'resourceType'];

/** Keys that the cloud sets itself, and may not count among the tags of a resource everywhere. */
const SYSTEM_KEY = /^(acs:|aliyun)/i;

/**
 * Whether a policy can be judged from the tags of resources alone: neither their name, age, status or
 * resource group, nor tags that the cloud sets itself, nor how many tags there are of any kind.
 */
export function needsOnlyTags({
  scope,
  select,
  protect,
  trim,
}: Pick<Policy, 'scope' | 'select' | 'protect' | 'trim'>): boolean {
  return (
    trim === undefined &&
    scope.resourceGroups === undefined &&
    (select === undefined || asksOnlyTags(select)) &&
    protect.every(({ resources }) => resources === undefined || asksOnlyTags(resources))
  );
}

function asksOnlyTags(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.every(asksOnlyTags);
    case 'not':
      return asksOnlyTags(condition.of);
    case 'tag':
      return !SYSTEM_KEY.test(condition.key);
    case 'text':
      return TOLD.includes(condition.field);
    default:
      return false;
  }
}
