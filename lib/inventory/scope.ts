import { CleanupError } from '../errors.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import type { Policy } from '../policy/policy.ts';
import { RESOURCE_TYPES, type Region, type ResourceType } from '../resource.ts';
import type { Narrowing } from './inventory.ts';

/** Where a run looks: the policy's scope, less what the request takes away. */
export interface ReadingScope {
  readonly regions: readonly Region[] | 'all';
  readonly resourceTypes: readonly ResourceType[];
  readonly resourceGroups?: readonly string[];
  readonly resourceIds?: readonly string[];
  /** Of data caches. */
  readonly buckets?: readonly string[];
  /**
   * Whether the policy or the request names the regions, or the types, that it means. All four types are what a
   * policy has that names none.
   */
  readonly namesRegions: boolean;
  readonly namesTypes: boolean;
}

/**
 * Narrows a policy's scope by a request.
 *
 * @throws {CleanupError} code `INVALID_REQUEST` when the request names what the scope does not hold, or
 *   an empty list.
 */
export function narrowScope({ name, scope }: Policy, narrowing: Narrowing): ReadingScope {
  const regions = narrow(scope.regions, narrowing.regions, 'regions', name);
  const resourceTypes = narrow(scope.resourceTypes, narrowing.resourceTypes, 'resourceTypes', name);
  narrow('all', narrowing.resourceIds, 'resourceIds', name);
  return {
    regions,
    resourceTypes: resourceTypes === 'all' ? scope.resourceTypes : resourceTypes,
    ...(scope.buckets ? { buckets: scope.buckets } : {}),
    ...(scope.resourceGroups ? { resourceGroups: scope.resourceGroups } : {}),
    namesRegions: scope.regions !== 'all' || narrowing.regions !== undefined,
    namesTypes: scope.resourceTypes.length < RESOURCE_TYPES.length || narrowing.resourceTypes !== undefined,
    ...(narrowing.resourceIds ? { resourceIds: [...new Set(narrowing.resourceIds)] } : {}),
  };
}

function narrow<T extends string>(
  allowed: readonly T[] | 'all',
  wanted: readonly T[] | undefined,
  what: keyof Narrowing,
  policy: string,
): readonly T[] | 'all' {
  if (wanted === undefined) {
    return allowed === 'all' ? 'all' : [...new Set(allowed)];
  }
  if (wanted.length === 0) {
    throw new CleanupError(
      'INVALID_REQUEST',
      `The request's ${what} is an empty list, which leaves nothing to do. Leave it out, or name at least one.`,
    );
  }
  const outside = allowed === 'all' ? undefined : wanted.find((one) => !allowed.includes(one));
  if (outside !== undefined) {
    throw new CleanupError(
      'INVALID_REQUEST',
      `The request's ${what} names ${JSON.stringify(outside)}, which is outside the scope of policy ${JSON.stringify(policy)} (${(allowed as readonly T[]).join(', ')}). A request can only narrow the scope: name one of these, or change the policy.`,
    );
  }
  return [...new Set(wanted)];
}

/** The type that an id's prefix tells, such as `eci-`; nothing for one that is not known. */
export function typeOfId(id: string): ResourceType | undefined {
  const prefix = id.slice(0, id.indexOf('-'));
  return RESOURCE_TYPES.find((type) => RESOURCE_KINDS[type].idPrefix === prefix);
}
