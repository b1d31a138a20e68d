import type { Inventory } from '../inventory/inventory.ts';
import { inScope } from '../plan/scope.ts';
import type { Policy } from '../policy/policy.ts';
import type { Region, Resource } from '../resource.ts';

/** A saved fleet as the inventory of a policy: all that there was, so that it is complete. */
export function inventoryOfFleet(fleet: readonly Resource[], { scope }: Pick<Policy, 'scope'>): Inventory {
  const resources = fleet.filter((resource) => inScope(scope, resource) !== false);
  const seenByRegion = new Map<Region, number>();
  for (const { region } of resources) seenByRegion.set(region, (seenByRegion.get(region) ?? 0) + 1);
  const unseen = resources.filter(({ tags }) => tags === undefined).length;
  return {
    complete: true,
    regions: scope.regions === 'all' ? [...seenByRegion.keys()].sort() : scope.regions,
    resources,
    resourcesSeen: resources.length,
    seenByRegion,
    gaps: [],
    skipped: [],
    unseen,
    warnings: [],
    readings: [],
  };
}
