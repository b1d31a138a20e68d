import { type Resource, type ResourceRef, resourceKey, type Tag, type TagKey } from '../resource.ts';

/** A key that goes from a resource which keeps another that differs from it by case alone. */
export interface CasePair {
  readonly goes: TagKey;
  readonly stays: TagKey;
}

/**
 * Such a pair of one resource, if it has one: keys are documented to be told apart by case, and a service that did
 * not would take both.
 *
 * @param going - the tags that are planned to go from it.
 */
export function findCasePair(resource: Pick<Resource, 'tags'>, going: readonly Tag[]): CasePair | undefined {
  const names = new Map(going.map(({ key }) => [key.toLowerCase(), key]));
  const isGoing = new Set(going.map(({ key }) => key));
  for (const { key } of resource.tags ?? []) {
    const goes = names.get(key.toLowerCase());
    if (goes !== undefined && !isGoing.has(key)) return { goes, stays: key };
  }
  return undefined;
}

/**
 * What to know of a plan with such pairs, in one sentence; nothing where it has none.
 *
 * @param removals - in the order of `resources`, as a plan has them: both are gone through once, side by side.
 */
export function casePairWarning(
  removals: Iterable<ResourceRef & { readonly tags: readonly Tag[] }>,
  resources: Iterable<Resource>,
): string | undefined {
  const seen = resources[Symbol.iterator]();
  let first: CasePair | undefined;
  let count = 0;
  for (const removal of removals) {
    const name = resourceKey(removal);
    let at = seen.next();
    while (at.done !== true && resourceKey(at.value) !== name) at = seen.next();
    const pair = at.done === true ? undefined : findCasePair(at.value, removal.tags);
    if (pair === undefined) continue;
    first ??= pair;
    count += 1;
  }
  if (first === undefined) return undefined;
  const where = count === 1 ? '1 resource keeps' : `${count} resources keep`;
  return `${where} a key that differs by case alone from one that goes, such as ${first.stays} beside ${first.goes}: the canary begins with one of them, and stops the run where the service takes both.`;
}
