import type { Narrowing } from '../inventory/inventory.ts';
import type { Policy, Scope } from '../policy/policy.ts';
import type { Resource } from '../resource.ts';
import type { Truth } from './types.ts';

/** Whether a resource lies in a scope; unknown where only its resource group could tell, and was not seen. */
export function inScope(scope: Scope, resource: Resource): Truth {
  if (!scope.resourceTypes.includes(resource.type)) return false;
  if (scope.regions !== 'all' && !scope.regions.includes(resource.region)) return false;
  if (scope.resourceGroups === undefined) return true;
  if (resource.resourceGroupId === undefined) return 'unknown';
  return scope.resourceGroups.includes(resource.resourceGroupId);
}

/** The same within what a request narrows the policy's scope to. */
export function inNarrowedScope(policy: Policy, narrowing: Narrowing, resource: Resource): Truth {
  const { regions, resourceTypes, resourceIds } = narrowing;
  if (regions !== undefined && !regions.includes(resource.region)) return false;
  if (resourceTypes !== undefined && !resourceTypes.includes(resource.type)) return false;
  if (resourceIds !== undefined && !resourceIds.includes(resource.id)) return false;
  return inScope(policy.scope, resource);
}
