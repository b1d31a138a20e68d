import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../lib/inventory/read.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import type { ApiName } from '../../../lib/ports.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aPolicy, aResource, type ResourceDraft } from '../../support/builders.ts';
import { anEciError, type FakeEci, type FakeEciOptions, fakeEci } from '../../support/fake-eci.ts';
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

/** Nothing for a policy that the parser refuses, such as one that could never do anything. */
function parsed(parts: Readonly<Record<string, unknown>>): Policy | undefined {
  try {
    return aPolicy(parts);
  } catch {
    return undefined;
  }
}

/** Policies as they may be written. */
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
  .map(parsed)
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
      aResource({
        id: `bare-${at}`,
        resourceGroupId: 'rg-1',
        type: TYPES[at % 5 < 2 ? 0 : at % 4]!,
        tags: at % 10 === 9 ? {} : { note: 'of no rule' },
      }),
    ),
  ]);

/** Policies that ask for tags alone. */
const tagPolicies = fc
  .record(
    {
      scope: fc.constant({ regions: ['cn-hangzhou'] }),
      select: fc.tuple(key, valueTest).map(([tag, test]) => ({ tag, ...test })),
      remove: fc.array(rule, { minLength: 1, maxLength: 2 }),
      limits: fc.record({ maxPercent: fc.constantFrom(10, 50, 100) }),
    },
    { requiredKeys: ['scope', 'remove'] },
  )
  .map(parsed)
  .filter((policy) => policy !== undefined);

/** Of one type, in which one resource in so many carries tags. */
const sparseFleet = fc
  .tuple(
    fc.constantFrom(...TYPES),
    fc.constantFrom(3, 12, 40),
    fc.array(fc.dictionary(key, value, { minKeys: 1, maxKeys: 6 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([type, every, tags]): readonly Resource[] =>
    Array.from({ length: 260 }, (_, at) =>
      aResource({ id: `r-${at}`, type, tags: at % every === 0 ? tags[at % tags.length]! : {} }),
    ),
  );

function removalsOf(policy: Policy, resources: readonly Resource[]): readonly string[] {
  const judge = createJudge(policy, AS_OF_MS);
  return resources
    .flatMap((one) =>
      judge.removals(one).map((tag) => `${one.region} ${one.type} ${one.id} ${tag.key}=${tag.value}`),
    )
    .sort();
}

/** How the service answers: short and empty pages, operations that are refused, rows of tags a page. */
const service = fc.record({
  sizes: fc.constantFrom([], [], [7], [20, 0, 13], [1, 0, 20, 4]),
  refused: fc.constantFrom<ApiName[]>([], [], ['DescribeContainerGroupStatus'], ['ListTagResources']),
  rowsAPage: fc.constantFrom(20, 100),
  tagRows: fc.boolean(),
  tellsTotal: fc.constantFrom(true, true, true, false),
  leavesOut: fc.constantFrom('nothing', 'nothing', 'statuses', 'keys', 'filtered'),
});

/** What the service leaves out of its lists: every third of the ids alone, what has a key, three of four that a filter finds. */
function hiding(what: string): NonNullable<FakeEciOptions['hides']> {
  return ({ api, query }, { id }) => {
    const tags = (query.tags ?? []) as readonly { readonly value?: string }[];
    const isNarrowed = tags.length > 0 || query.status !== undefined;
    const hash = [...id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) >>> 3;
    if (what === 'statuses') return api === 'DescribeContainerGroupStatus' && hash % 3 === 0;
    if (api === 'ListTagResources') return false;
    if (what === 'keys') return tags.some(({ value }) => value === undefined);
    return what === 'filtered' && isNarrowed && hash % 4 !== 0;
  };
}

/** Scattered, so that no listing gets every nth page only, however many go on side by side. */
function pageSizes(sizes: readonly number[]) {
  return (most: number, call: number): number => {
    const at = Math.imul(call + 1, 0x9e3779b1) >>> 16;
    return sizes.length === 0 ? most : sizes[at % sizes.length]! * (most / 20);
  };
}

/** The same resources, as listing page after page shows them. */
async function listAll(eci: FakeEci, regions: readonly string[]): Promise<readonly Resource[]> {
  const resources: Resource[] = [];
  for (const region of regions) {
    for (const type of TYPES) {
      let nextToken: string | undefined;
      do {
        const page = await eci.listResources({ region, type, ...(nextToken ? { nextToken } : {}) });
        resources.push(...page.items);
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    }
  }
  return resources;
}

/** Ways of each type, by words of what a reading says; rows of tags have a property of their own. */
const WAYS = ['plain pages', 'filtered', 'resource groups'];
const EVERY_WAY = ['ContainerGroup ids', ...TYPES.flatMap((type) => WAYS.map((way) => `${type} ${way}`))];

function kindOf(way: string): string {
  return WAYS.findLast((kind) => way.includes(kind)) ?? way.split(' ')[0]!;
}

describe('readInventory', () => {
  it('finds every tag that the policy removes in a full listing, whichever way it reads', async () => {
    const taken = new Set<string>();
    await fc.assert(
      fc.asyncProperty(policies, fleet, service, async (policy, resources, how) => {
        const { sizes, refused, rowsAPage, tagRows, tellsTotal, leavesOut } = how;
        const eci = fakeEci({
          resources,
          tellsTotal,
          hides: hiding(leavesOut),
          pageSize: pageSizes(sizes),
          rowsAPage,
          onCall: ({ api }) => {
            if (refused.includes(api)) throw anEciError({ api });
          },
        });
        const source = { policy, narrowing: {} };

        const inventory = await readInventory(eci, source, { clock: virtualClock(), tagRows: () => tagRows });

        const full = await listAll(eci, ['cn-hangzhou', 'cn-beijing']);
        expect(inventory.gaps).toEqual([]);
        expect(removalsOf(policy, inventory.resources)).toEqual(removalsOf(policy, full));
        for (const { resourceType, way } of inventory.readings) taken.add(`${resourceType} ${kindOf(way)}`);
      }),
      { numRuns: 600 },
    );
    expect([...taken]).toEqual(expect.arrayContaining(EVERY_WAY));
  });

  it('finds the same by rows of tags, in every type', async () => {
    const taken = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(tagPolicies, sparseFleet, service, async (policy, resources, how) => {
        const eci = fakeEci({ resources, pageSize: pageSizes(how.sizes), rowsAPage: how.rowsAPage });
        const source = { policy, narrowing: {} };

        const inventory = await readInventory(eci, source, { clock: virtualClock(), tagRows: () => true });

        expect(removalsOf(policy, inventory.resources)).toEqual(removalsOf(policy, resources));
        for (const { resourceType, way } of inventory.readings) {
          if (way === 'rows of tags') taken.set(resourceType, (taken.get(resourceType) ?? 0) + 1);
        }
      }),
      { numRuns: 200 },
    );
    for (const type of TYPES) expect(taken.get(type), type).toBeGreaterThan(0);
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
