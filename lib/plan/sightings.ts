import { type Resource, resourceKey, type Tag, type TagKey } from '../resource.ts';
import type { Judge, RemovalTag } from './types.ts';

/**
 * Lets a judge answer for a resource that was seen with different tags: nothing tells which sighting is true, so a
 * tag goes only if it would go under each of them, as it was shown there, or as if it were there.
 */
export function underEachSighting(judge: Judge): Judge {
  const removals = (resource: Resource): readonly RemovalTag[] => {
    const going = judge.removals(resource);
    if (resource.otherTags === undefined || going.length === 0) return going;
    const sightings = resource.otherTags.map((tags) => sightingOf(resource, tags));
    return going.filter((tag) => sightings.every((sighting) => goes(judge, sighting, tag)));
  };
  const isFree: Judge['isFree'] = (resource, key) =>
    judge.isFree(resource, key) &&
    (resource.otherTags ?? []).every((tags) => {
      const sighting = sightingOf(resource, tags);
      return valueIn(sighting, key) === undefined && judge.isFree(sighting, key);
    });
  const { freeClass } = judge;
  return {
    removals,
    isFree,
    decide(resource) {
      const decisions = judge.decide(resource);
      if (resource.otherTags === undefined) return decisions;
      const going = new Set(removals(resource).map(({ key }) => key));
      return decisions.map((one) =>
        one.verdict === 'remove' && !going.has(one.key)
          ? { key: one.key, value: one.value, verdict: 'keep', reason: 'seenTwice' }
          : one,
      );
    },
    selects(resource) {
      const truths = [resource, ...(resource.otherTags ?? []).map((tags) => sightingOf(resource, tags))].map(
        (sighting) => judge.selects(sighting),
      );
      return truths.every((truth) => truth === truths[0]) ? truths[0]! : 'unknown';
    },
    ...(freeClass && {
      freeClass: (resource) =>
        resource.otherTags === undefined ? freeClass(resource) : `seen twice: ${resourceKey(resource)}`,
    }),
  };
}

function sightingOf({ otherTags: _, ...resource }: Resource, tags: readonly Tag[]): Resource {
  return { ...resource, tags };
}

function goes(judge: Judge, sighting: Resource, { key, value }: Tag): boolean {
  const tags = sighting.tags ?? [];
  const shown =
    valueIn(sighting, key) === undefined ? { ...sighting, tags: [...tags, { key, value }] } : sighting;
  return judge.removals(shown).some((tag) => tag.key === key);
}

function valueIn({ tags = [] }: Resource, key: TagKey): string | undefined {
  return tags.find((tag) => tag.key === key)?.value;
}
