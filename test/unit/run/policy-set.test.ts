import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EciError } from '../../../lib/errors.ts';
import { touchFilters } from '../../../lib/inventory/needs/touch-filters.ts';
import { planCleanup } from '../../../lib/run/cleanup.ts';
import { planPolicySet } from '../../../lib/run/policy-set.ts';
import { policyOfAll } from '../../../lib/run/set-reading.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aDrawnDocument, aDrawnResource } from '../../support/policy-arbitraries.ts';
import { aWorld, type World } from '../../support/runs.ts';

const ASKED = { narrowing: {}, trigger: { type: 'cli', name: 'plan' }, runId: 'r' } as const;

const planSet = (policies: Parameters<typeof planPolicySet>[0], { ports }: World) =>
  planPolicySet(policies, ASKED, ports, { identity: {} });

const FLEET = Array.from({ length: 100 }, (_, at) =>
  aResource({
    id: `eci-${String(at).padStart(3, '0')}`,
    tags: { 'ci-run': `${at}`, 'tmp-x': '1', team: 'a' },
  }),
);

describe('planPolicySet', () => {
  it('plans of each policy what it plans by itself', async () => {
    const fleet = fc.uniqueArray(aDrawnResource, {
      maxLength: 12,
      selector: ({ region, type, id }) => `${region} ${type} ${id}`,
    });
    const documents = fc.array(aDrawnDocument, { minLength: 2, maxLength: 4 });
    let planned = 0;
    await fc.assert(
      fc.asyncProperty(fleet, documents, async (resources, drawn) => {
        const whole = resources.map((one) => ({ ...one, tags: one.tags ?? [] }));
        const policies = drawn.map((part, at) => aPolicy({ ...part, name: `p-${at}` }));

        const set = await planSet(policies, aWorld(whole));

        for (const { policy, planned: part } of set.parts) {
          const alone = await planCleanup({ ...ASKED, policy, mode: 'dry-run' }, aWorld(whole).ports, {
            identity: {},
          });
          planned += part.plan.removals.length;
          expect([...part.plan.removals]).toEqual([...alone.plan.removals]);
          expect(part.plan.inventory.complete).toBe(alone.plan.inventory.complete);
          expect(part.plan.inventory.resourcesSeen).toBeLessThanOrEqual(alone.plan.inventory.resourcesSeen);
        }
      }),
      { numRuns: 60, seed: 3 },
    );
    expect(planned).toBeGreaterThan(20);
  });

  it('reads whatever a policy that makes room can take, beside one of a single key', () => {
    const byKey = aPolicy({ name: 'a', remove: [{ key: 'ci-run' }] });
    const room = aPolicy({ name: 'b', remove: [{ trim: { to: 1, order: ['*'] } }] });
    const place = { region: 'cn-hangzhou', type: 'ContainerGroup' } as const;

    expect(touchFilters(policyOfAll([byKey]), place)).not.toBe('any');
    expect(touchFilters(policyOfAll([byKey, room]), place)).toBe('any');
  });

  it('costs one reading, however many policies there are', async () => {
    const one = aWorld(FLEET);
    const many = aWorld(FLEET);
    const policies = Array.from({ length: 40 }, (_, at) =>
      aPolicy({ name: `p-${at}`, remove: [{ key: `ci-${at}*` }, { key: 'ci-run' }] }),
    );

    const single = await planSet(policies.slice(0, 1), one);
    const set = await planSet(policies, many);

    expect(set.calls.list).toBeLessThanOrEqual(single.calls.list + FLEET.length / 20 + 4);
    expect(many.cloud.calls).toHaveLength(set.calls.list);
    expect(set.parts).toHaveLength(40);
    expect(set.parts.every(({ planned }) => planned.plan.removals.length === FLEET.length)).toBe(true);
  });

  it('says which tags several policies claim', async () => {
    const a = aPolicy({ name: 'a', remove: [{ key: 'ci-*' }] });
    const b = aPolicy({ name: 'b', remove: [{ key: '*-run' }, { key: 'tmp-*' }] });

    const { claims } = await planSet([a, b], aWorld(FLEET));

    expect(claims).toEqual([
      {
        key: 'ci-run',
        policies: ['a', 'b'],
        tags: 100,
        example: { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-000' },
      },
    ]);
  });

  it('holds maxPercent for the night as a whole, and every limit for each policy', async () => {
    const half = (name: string, like: string, maxPercent = 60) =>
      aPolicy({ name, select: { id: like }, limits: { maxPercent } });
    const low = half('low', 'eci-0[0-4]*'.replace('[0-4]', '?'));

    const within = await planSet([half('a', 'eci-00?'), half('b', 'eci-01?')], aWorld(FLEET));
    const above = await planSet(
      ['eci-00?', 'eci-01?', 'eci-02?', 'eci-03?'].map((like, at) => half(`p-${at}`, like, 30)),
      aWorld(FLEET),
    );
    const each = await planSet([low, half('b', 'eci-01?')], aWorld(FLEET));

    expect(within.refusal).toBeUndefined();
    expect(within.resources).toBe(20);
    expect(above.parts.every(({ planned }) => planned.refusal === undefined)).toBe(true);
    expect(above.refusal).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 'maxPercent',
      planned: 40,
      allowed: 30,
    });
    expect(each.parts.map(({ planned }) => planned.refusal?.code)).toEqual(['LIMIT_EXCEEDED', undefined]);
  });

  it('keeps a gap to the policies in whose scope it is', async () => {
    const fleet = [...FLEET, aResource({ id: 'eci-b', region: 'cn-beijing', tags: { 'ci-run': '1' } })];
    const { ports } = aWorld(fleet);
    const refusal = new EciError('The line is cut.', {
      kind: 'rejected',
      apiCode: 'Cut',
      apiName: 'DescribeContainerGroups',
      region: 'cn-beijing',
      outcomeUnknown: false,
    });
    const eci: typeof ports.eci = {
      ...ports.eci,
      listResources: async (request) => {
        if (request.region === 'cn-beijing') throw refusal;
        return ports.eci.listResources(request);
      },
    };
    const here = aPolicy({ name: 'here', scope: { regions: ['cn-hangzhou'] } });
    const both = aPolicy({ name: 'both', scope: { regions: ['cn-hangzhou', 'cn-beijing'] } });

    const { parts } = await planPolicySet([here, both], ASKED, { ...ports, eci }, { identity: {} });

    expect(parts.map(({ planned }) => planned.plan.inventory.complete)).toEqual([true, false]);
    expect(parts.map(({ planned }) => planned.refusal?.code)).toEqual([
      'LIMIT_EXCEEDED',
      'INVENTORY_INCOMPLETE',
    ]);
  });
});

describe('policyOfAll', () => {
  it('can touch whatever one of the policies can', () => {
    const all = policyOfAll([
      aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] }, pace: { share: 0.2 } }),
      aPolicy({ scope: { regions: ['cn-beijing'], resourceGroups: ['rg-1'] }, pace: { concurrency: 2 } }),
    ]);

    expect(all.scope).toMatchObject({ regions: ['cn-hangzhou', 'cn-beijing'] });
    expect(all.scope.resourceGroups).toBeUndefined();
    expect(all.scope.resourceTypes).toContain('VirtualNode');
    expect(all.pace).toEqual({ share: 0.2, concurrency: 2 });
  });

  it('refuses policies that look into different buckets', () => {
    const inBucket = aPolicy({ scope: { regions: 'all', buckets: ['b'] } });

    expect(() => policyOfAll([inBucket, aPolicy()])).toThrow(/different buckets/);
  });
});
