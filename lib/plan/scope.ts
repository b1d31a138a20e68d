import type { Scope } from '../policy/policy.ts';
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
