import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../lib/inventory/read.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aPolicy, aResource, type ResourceDraft } from '../../support/builders.ts';
import { fakeEci } from '../../support/fake-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const AS_OF_MS = Date.UTC(2026, 5, 1);
const KEYS = ['a', 'b', 'c', 'env', 'ENV', 'ci-run'];
const VALUES = ['', 'x', 'y', '2026-01-01', '2027-01-01', 'soon'];
const TYPES = ['ContainerGroup', 'ImageCache', 'DataCache', 'VirtualNode'] as const;
const STATUSES = ['Running', 'Succeeded', 'Failed'];

const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom(...VALUES);

const valueTest = fc.oneof(
  fc.record({ exists: fc.boolean() }),
  fc.record({ equals: value }),
  fc.record({ in: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }) }),
  fc.record({ like: fc.constantFrom('x*', '?', '20*') }),
  fc.record({ expired: fc.constant('yyyy-MM-dd'), grace: fc.constant('3d') }),
  fc.record({ lessThan: fc.constant(3) }),
);

const { condition } = fc.letrec((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.tuple(key, valueTest).map(([tag, test]) => ({ tag, ...test })),
    fc.record({ status: fc.constantFrom('Running', 'Succeeded', 'S*') }),
    fc.record({ status: fc.constant(['Running', 'Failed']) }),
    fc.record({ resourceType: fc.constantFrom(...TYPES) }),
    fc.record({ name: fc.constantFrom('api-*', 'prod-?') }),
    fc.record({ region: fc.constantFrom('cn-hangzhou', 'cn-*') }),
    fc.record({ age: fc.constant({ olderThan: '7d' }) }),
    fc.record({ tagCount: fc.constant({ atLeast: 2 }) }),
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
  ),
}));

const rule = fc.oneof(
  { weight: 5, arbitrary: fc.record({ key, when: valueTest }, { requiredKeys: ['key'] }) },
  { weight: 1, arbitrary: fc.record({ key: fc.constantFrom('ci-*', '?') }) },
  { weight: 1, arbitrary: fc.constant({ except: ['env'] }) },
  { weight: 1, arbitrary: fc.constant({ caseVariantsOf: ['env'] }) },
);

/** Policies as they may be written; the parser refuses some that could never do anything. */
const policies = fc
  .record(
    {
      scope: fc.record(
        {
          regions: fc.constant(['cn-hangzhou', 'cn-beijing']),
          resourceGroups: fc.constant(['rg-1', 'rg-2']),
        },
        { requiredKeys: ['regions'] },
      ),
      select: condition,
      remove: fc.array(rule, { minLength: 1, maxLength: 3 }),
      protect: fc.array(fc.record({ resources: condition }), { maxLength: 1 }),
      limits: fc.record({ maxPercent: fc.constantFrom(1, 10, 50, 100) }),
    },
    { requiredKeys: ['scope', 'remove'] },
  )
  .map((parts) => {
    try {
      return aPolicy(parts);
    } catch {
      return undefined;
    }
  })
  .filter((policy) => policy !== undefined);

const resource = fc.record({
  region: fc.constantFrom('cn-hangzhou', 'cn-beijing'),
  type: fc.constantFrom(...TYPES),
  name: fc.constantFrom('api-1', 'prod-1', undefined),
  status: fc.constantFrom(...STATUSES, undefined),
  createdAtMs: fc.constantFrom(AS_OF_MS - 1e9, AS_OF_MS - 1e3, undefined),
  resourceGroupId: fc.constantFrom('rg-1', 'rg-2', 'rg-3'),
  tags: fc.option(fc.dictionary(key, value, { maxKeys: 3 }), { nil: undefined, freq: 20 }),
});

/** Small fleets, and ones of many pages in which few resources carry anything. */
const fleet = fc
  .tuple(fc.array(resource, { maxLength: 60 }), fc.constantFrom(0, 0, 30, 250))
  .map(([drafts, bare]): readonly Resource[] => [
    ...drafts.map((draft, at) => aResource({ ...(draft as ResourceDraft), id: `r-${at * 7}` })),
    ...Array.from({ length: bare }, (_, at) =>
      aResource({ id: `bare-${at}`, resourceGroupId: 'rg-1', type: TYPES[at % 5 < 2 ? 0 : at % 4]! }),
    ),
  ]);

function removalsOf(policy: Policy, resources: readonly Resource[]): readonly string[] {
  const judge = createJudge(policy, AS_OF_MS);
  return resources
    .flatMap((one) =>
      judge.removals(one).map((tag) => `${one.region} ${one.type} ${one.id} ${tag.key}=${tag.value}`),
    )
    .sort();
}

describe('readInventory', () => {
  it('finds every tag that the policy removes, whichever way it reads', async () => {
    await fc.assert(
      fc.asyncProperty(
        policies,
        fleet,
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }),
        async (policy, resources, sizes) => {
          const pageSize = (most: number, call: number) =>
            sizes.length === 0
              ? most
              : Math.max(sizes[call % sizes.length]! * (most / 20), call % 7 === 0 ? 1 : 0);
          const eci = fakeEci({ resources, pageSize });

          const inventory = await readInventory(eci, { policy, narrowing: {} }, { clock: virtualClock() });

          expect(inventory.gaps).toEqual([]);
          expect(removalsOf(policy, inventory.resources)).toEqual(removalsOf(policy, resources));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never counts more resources than are in scope, and enough to decide maxPercent', async () => {
    await fc.assert(
      fc.asyncProperty(policies, fleet, async (policy, resources) => {
        const groups = policy.scope.resourceGroups;
        const inScope = resources.filter((one) => !groups || groups.includes(one.resourceGroupId!)).length;

        const inventory = await readInventory(
          fakeEci({ resources }),
          { policy, narrowing: {} },
          { clock: virtualClock() },
        );

        const planned = inventory.resources.filter(
          (one) => createJudge(policy, AS_OF_MS).removals(one).length > 0,
        ).length;
        const refused = (seen: number) => planned * 100 > policy.limits.maxPercent * seen;
        expect(inventory.resourcesSeen).toBeLessThanOrEqual(inScope);
        expect(refused(inventory.resourcesSeen)).toBe(refused(inScope));
      }),
      { numRuns: 300 },
    );
  });
});
