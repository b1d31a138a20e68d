import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverGroups } from '../../../lib/plan/cover-groups.ts';
import { createIsFree } from '../../../lib/plan/free-pairs.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Judge } from '../../../lib/plan/types.ts';
import { compareText, type Resource } from '../../../lib/resource.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { PLANNED_AT_MS } from '../../support/planned.ts';

const KEYS = ['a', 'b', 'c', 'd', 'env'];
const POLICIES = [
  { remove: [{ key: 'a' }, { key: 'b' }, { key: 'c', when: { equals: '1' } }] },
  { remove: [{ except: ['env'] }], protect: [{ keys: ['b'], resources: { tag: 'c', equals: '1' } }] },
  {
    remove: [{ key: '?' }],
    select: {
      any: [
        { tag: 'env', in: ['1'] },
        { tag: 'd', exists: false },
      ],
    },
  },
  { remove: [{ key: '?' }], select: { tagCount: { atMost: 3 } } },
  { remove: [{ key: '?' }], protect: [{ resources: { not: { tag: 'a', exists: true } } }] },
].map(aPolicy);

const fleet = fc
  .array(fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('1', '2')), { maxLength: 12 })
  .map((all) => all.map((tags, at) => aResource({ id: `eci-${String(at).padStart(3, '0')}`, tags })));

function groupsOf(judge: Judge, resources: readonly Resource[]) {
  const planned = resources.flatMap((resource) => {
    const tags = judge.removals(resource);
    const { region, type, id } = resource;
    return tags.length === 0 ? [] : [{ resource, removal: { region, type, id, tags } }];
  });
  return coverGroups(planned, judge);
}

/** The problem as the design states it, pair by pair. */
function keptByDefinition(judge: Judge, resource: Resource, keys: readonly string[]): readonly string[] {
  const going = new Set(judge.removals(resource).map((tag) => tag.key));
  const present = new Set(resource.tags!.map((tag) => tag.key));
  return keys.filter((key) => !going.has(key) && (present.has(key) || !judge.isFree(resource, key)));
}

describe('coverGroups', () => {
  it.each([
    { description: 'asked once per class', strip: (judge: Judge) => judge },
    { description: 'asked pair by pair', strip: ({ freeClass: _, ...judge }: Judge) => judge as Judge },
  ])('states for every pair whether it goes, stays or is free, $description', ({ strip }) => {
    fc.assert(
      fc.property(fc.constantFrom(...POLICIES), fleet, (policy, resources) => {
        const judge = strip(createJudge(policy, PLANNED_AT_MS));

        const groups = groupsOf(judge, resources);

        for (const { keys, ids, must, kept } of groups) {
          expect(keys).toEqual([...new Set(keys)].sort(compareText));
          ids.forEach((id, row) => {
            const resource = resources.find((one) => one.id === id)!;
            const names = (list: ArrayLike<number>) => Array.from(list, (key) => keys[key]!);
            expect(names(must[row]!)).toEqual(judge.removals(resource).map((tag) => tag.key));
            expect(names(kept[row]!)).toEqual(keptByDefinition(judge, resource, keys));
          });
        }
        expect(groups.flatMap((group) => group.ids)).toEqual(
          resources.filter((one) => judge.removals(one).length > 0).map((one) => one.id),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('keeps regions and types apart', () => {
    const judge = createJudge(POLICIES[0]!, PLANNED_AT_MS);
    const tags = { a: '1' };

    const groups = groupsOf(judge, [
      aResource({ region: 'cn-beijing', tags }),
      aResource({ tags }),
      aResource({ id: 'eci-2', tags }),
      aResource({ type: 'ImageCache', tags }),
    ]);

    expect(groups.map((group) => [group.region, group.type, group.ids.length])).toEqual([
      ['cn-beijing', 'ContainerGroup', 1],
      ['cn-hangzhou', 'ContainerGroup', 2],
      ['cn-hangzhou', 'ImageCache', 1],
    ]);
  });

  it('shares the lists of equal resources', () => {
    const judge = createJudge(POLICIES[0]!, PLANNED_AT_MS);

    const [group] = groupsOf(judge, [
      aResource({ id: 'eci-1', tags: { a: '1', c: '2' } }),
      aResource({ id: 'eci-2', tags: { a: '2', c: '2' } }),
    ]);

    expect(group!.must[0]).toBe(group!.must[1]);
    expect(group!.kept[0]).toBe(group!.kept[1]);
  });
});

describe('createIsFree', () => {
  it('agrees with the judge on pairs that are absent, and frees no other', () => {
    fc.assert(
      fc.property(fc.constantFrom(...POLICIES), fleet, (policy, resources) => {
        const judge = createJudge(policy, PLANNED_AT_MS);
        const isFree = createIsFree(judge, resources);
        const pairByPair = createIsFree({ ...judge, freeClass: undefined } as unknown as Judge, resources);

        for (const resource of resources) {
          for (const key of KEYS) {
            const present = resource.tags!.some((tag) => tag.key === key);
            const expected = !present && judge.isFree(resource, key);
            expect(isFree(resource, key)).toBe(expected);
            expect(pairByPair(resource, key)).toBe(expected);
          }
        }
      }),
    );
  });

  it('frees nothing of a resource that was not seen, or whose tags were not', () => {
    const unseen = aResource({ id: 'eci-2', tags: undefined });
    const judge = createJudge(aPolicy(), PLANNED_AT_MS);
    const isFree = createIsFree(judge, [aResource({ id: 'eci-1' }), unseen]);

    expect(isFree(aResource({ id: 'eci-1' }), 'ci-a')).toBe(true);
    expect(isFree(unseen, 'ci-a')).toBe(false);
    expect(isFree(aResource({ id: 'eci-0' }), 'ci-a')).toBe(false);
    expect(isFree(aResource({ id: 'eci-9' }), 'ci-a')).toBe(false);
  });
});
