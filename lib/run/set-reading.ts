import { CleanupError } from '../errors.ts';
import type { Gap, Inventory } from '../inventory/inventory.ts';
import { inScope } from '../plan/scope.ts';
import type { Condition, Policy, Scope } from '../policy/policy.ts';
import { RESOURCE_TYPES } from '../resource.ts';

/**
 * A policy that can touch whatever one of several can, so that one reading serves them all.
 *
 * Where their scopes are the same it asks for no more than they do together, and the cheapest way may be taken; where
 * they differ it asks for every resource, so that each scope can be counted.
 *
 * @throws {CleanupError} code `INVALID_REQUEST` where the policies look into different buckets.
 */
export function policyOfAll(policies: readonly Policy[]): Policy {
  const [first] = policies;
  if (first === undefined) throw new CleanupError('INVALID_REQUEST', 'A set of policies holds at least one.');
  const scopes = policies.map(({ scope }) => scope);
  const { select: _, ...rest } = first;
  const isOneScope = scopes.every((scope) => sameScope(scope, first.scope));
  const conditions = policies.flatMap(({ select }) => select ?? []);
  const select: Condition | undefined =
    isOneScope && conditions.length === policies.length ? { kind: 'any', of: conditions } : undefined;
  return {
    ...rest,
    name: policies.length === 1 ? first.name : 'the set',
    scope: joinScopes(scopes),
    ...(select && { select }),
    // What makes room can take any key.
    remove:
      isOneScope && !policies.some(({ trim }) => trim)
        ? policies.flatMap(({ remove }) => remove)
        : [EVERY_KEY],
    protect: [],
    unprotect: policies.flatMap(({ unprotect }) => unprotect),
    limits: {
      ...first.limits,
      maxPercent: Math.min(...policies.map(({ limits }) => limits.maxPercent)),
      plainReadings: Math.max(...policies.map(({ limits }) => limits.plainReadings ?? 0)),
    },
    pace: {
      share: Math.min(...policies.map(({ pace }) => pace.share)),
      concurrency: Math.min(...policies.map(({ pace }) => pace.concurrency)),
    },
  };
}

const EVERY_KEY = { label: 'every key', keys: { kind: 'wildcard', pattern: '*' } } as const;

function joinScopes(scopes: readonly Scope[]): Scope {
  const [first] = scopes;
  if (scopes.some(({ buckets }) => String(buckets) !== String(first?.buckets))) {
    throw new CleanupError(
      'INVALID_REQUEST',
      'The policies look into different buckets of data caches, which one reading cannot: plan them apart.',
    );
  }
  const groups = scopes.map(({ resourceGroups }) => resourceGroups);
  return {
    regions: scopes.some(({ regions }) => regions === 'all')
      ? 'all'
      : [...new Set(scopes.flatMap(({ regions }) => (regions === 'all' ? [] : regions)))],
    resourceTypes: [...new Set(scopes.flatMap(({ resourceTypes }) => resourceTypes))],
    ...(groups.every((one) => one !== undefined) && { resourceGroups: [...new Set(groups.flat())] }),
    ...(first?.buckets && { buckets: first.buckets }),
  };
}

function sameScope(a: Scope, b: Scope): boolean {
  const text = ({ regions, resourceTypes, resourceGroups }: Scope): string =>
    JSON.stringify([
      regions === 'all' ? regions : [...regions].sort(),
      [...resourceTypes].sort(),
      resourceGroups && [...resourceGroups].sort(),
    ]);
  return text(a) === text(b);
}

/**
 * What one policy sees of the reading of a set: its own scope, and what is missing there.
 *
 * A place that is closed to the account, and that the policy names, is a gap of its own; `resourcesSeen` is never more
 * than there are. What the reading warns of is told once, of the whole.
 */
export function partOfReading(whole: Inventory, { scope }: Policy, all: Policy): Inventory {
  if (sameScope(scope, all.scope)) return { ...whole, warnings: [] };
  const within = ({ region, resourceType }: Pick<Gap, 'region' | 'resourceType'>): boolean =>
    (scope.regions === 'all' || region === 'all' || scope.regions.includes(region)) &&
    (resourceType === undefined || scope.resourceTypes.includes(resourceType));
  const names = scope.regions !== 'all' || scope.resourceTypes.length < RESOURCE_TYPES.length;
  const closed = whole.skipped.filter(within);
  const gaps: Gap[] = [
    ...whole.gaps.filter(within),
    ...(names ? closed.map(({ why, ...place }): Gap => ({ ...place, message: why, closed: true })) : []),
  ];
  const regions = whole.regions.filter((region) => scope.regions === 'all' || scope.regions.includes(region));
  const resources = whole.resources.filter((one) => inScope(scope, one) !== false);
  const seenByRegion = new Map(regions.map((region) => [region, 0]));
  for (const one of resources) {
    if (inScope(scope, one) === true) seenByRegion.set(one.region, (seenByRegion.get(one.region) ?? 0) + 1);
  }
  return {
    ...whole,
    complete: gaps.length === 0 && (whole.complete || whole.gaps.length > 0),
    regions,
    resources,
    resourcesSeen: [...seenByRegion.values()].reduce((sum, seen) => sum + seen, 0),
    seenByRegion,
    gaps,
    skipped: names ? [] : closed,
    unseen: resources.reduce((sum, { tags }) => sum + (tags === undefined ? 1 : 0), 0),
    warnings: [],
    readings: [],
  };
}
