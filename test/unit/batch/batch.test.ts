import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countIdenticalSets, countPerKey } from '../../../lib/batch/baseline.ts';
import { planBatches } from '../../../lib/batch/batch.ts';
import { classifyByMust } from '../../../lib/batch/classes.ts';
import { countKeyUses } from '../../../lib/batch/key-uses.ts';
import { aGroup, faultsOf, fewestRequests, groupsOf, WIDE } from './support.ts';

const LIMITS = { resources: 50, keys: 20, bytes: WIDE };

const limitsOf = (most: { resources: number; keys: number }) =>
  fc.record({
    resources: fc.integer({ min: 1, max: most.resources }),
    keys: fc.integer({ min: 1, max: most.keys }),
    bytes: fc.constantFrom(WIDE, 120),
  });

describe('planBatches', () => {
  it('covers every pair that goes and touches none that stays, within the limits', () => {
    fc.assert(
      fc.property(
        fc.array(groupsOf({ rows: 30, keys: 12 }), { maxLength: 2 }),
        limitsOf({ resources: 8, keys: 6 }),
        (some, limits) => {
          const groups = some.map((group, i) => ({ ...group, region: `region-${i}` }));

          expect(faultsOf(groups, limits, planBatches(groups, limits))).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is valid at any effort, and needs no more requests with more of it', () => {
    fc.assert(
      fc.property(
        groupsOf({ rows: 30, keys: 12 }),
        limitsOf({ resources: 6, keys: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (group, limits, effort) => {
          const quick = planBatches([group], limits, { effort: 0 });
          const plan = planBatches([group], limits, { effort });

          expect(faultsOf([group], limits, quick)).toEqual([]);
          expect(faultsOf([group], limits, plan)).toEqual([]);
          if (limits.bytes === WIDE) expect(plan.batches.length).toBeLessThanOrEqual(quick.batches.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('never takes more requests than identical sets or one per key', () => {
    fc.assert(
      fc.property(groupsOf({ rows: 40, keys: 10 }), limitsOf({ resources: 8, keys: 6 }), (group, limits) => {
        const wide = { ...limits, bytes: WIDE };

        const requests = planBatches([group], wide).batches.length;

        expect(requests).toBeLessThanOrEqual(countIdenticalSets(group, classifyByMust(group), wide));
        expect(requests).toBeLessThanOrEqual(countPerKey(countKeyUses(group), wide));
      }),
      { numRuns: 300 },
    );
  });

  it('is optimal on at least 95 % of tiny groups, and its bound never lies', () => {
    const samples = fc.sample(fc.tuple(groupsOf({ rows: 6, keys: 5 }), limitsOf({ resources: 4, keys: 4 })), {
      numRuns: 300,
      seed: 11,
    });
    let optimal = 0;
    for (const [group, narrow] of samples) {
      const limits = { ...narrow, bytes: WIDE };
      const fewest = fewestRequests(group, limits);

      const { batches, lowerBound } = planBatches([group], limits);

      expect(lowerBound.requests).toBeLessThanOrEqual(fewest);
      expect(batches.length).toBeGreaterThanOrEqual(fewest);
      if (batches.length === fewest) optimal++;
    }
    expect(optimal / samples.length).toBeGreaterThanOrEqual(0.95);
  });

  it('makes the same plan every time', () => {
    fc.assert(
      fc.property(groupsOf({ rows: 40, keys: 14 }), limitsOf({ resources: 9, keys: 6 }), (group, limits) => {
        expect(planBatches([group], limits)).toEqual(planBatches([structuredClone(group)], limits));
      }),
      { numRuns: 50 },
    );
  });

  it('says of a plan above its bound that both may be at fault, and nothing of one that meets it', () => {
    const above = planBatches([aGroup(['xo...', '.xo..', '..xo.', '...xo', 'o...x'])], LIMITS);
    const met = planBatches([aGroup(['xo', 'ox'])], LIMITS);

    expect(above.batches.length).toBeGreaterThan(above.lowerBound.requests);
    expect(above.lowerBound.arguments[0]).toContain(`The plan takes ${above.batches.length}, and whether`);
    expect(met.lowerBound.arguments[0]).not.toContain('The plan takes');
  });

  it('plans nothing for nothing', () => {
    expect(planBatches([], LIMITS)).toEqual({ batches: [], lowerBound: { requests: 0, arguments: [] } });
    expect(planBatches([aGroup([])], LIMITS).batches).toEqual([]);
  });

  it('sends one request for one resource', () => {
    const { batches, lowerBound } = planBatches([aGroup(['xx'])], LIMITS);

    expect(batches).toEqual([
      {
        region: 'cn-hangzhou',
        type: 'ContainerGroup',
        ids: ['eci-0'],
        keys: ['key-0', 'key-1'],
      },
    ]);
    expect(lowerBound.requests).toBe(1);
  });

  it('joins resources of different keys where all absent pairs are free', () => {
    expect(planBatches([aGroup(['x.', '.x', 'xx'])], LIMITS).batches).toHaveLength(1);
  });

  it('keeps resources apart that keep the other’s key', () => {
    expect(planBatches([aGroup(['xo', 'ox'])], LIMITS).batches).toHaveLength(2);
    expect(planBatches([aGroup(['x.', '.x'], { absentIsKept: true })], LIMITS).batches).toHaveLength(2);
  });

  it.each([
    { description: 'one pair a request', limits: { resources: 1, keys: 1 }, requests: 6 },
    { description: 'one key a request', limits: { resources: 2, keys: 1 }, requests: 3 },
    { description: 'one resource a request', limits: { resources: 1, keys: 2 }, requests: 4 },
  ])('works with $description', ({ limits, requests }) => {
    const group = aGroup(['xxx', 'xxx']);

    const plan = planBatches([group], { ...limits, bytes: WIDE });

    expect(faultsOf([group], { ...limits, bytes: WIDE }, plan)).toEqual([]);
    expect(plan.batches).toHaveLength(requests);
    expect(plan.lowerBound.requests).toBe(requests);
  });

  it('splits a resource that loses more keys than a request names', () => {
    const group = aGroup(['x'.repeat(7), `${'x'.repeat(7)}o`.replace('xo', 'o'), 'oooooox']);
    const limits = { resources: 10, keys: 3, bytes: WIDE };

    const plan = planBatches([group], limits);

    expect(faultsOf([group], limits, plan)).toEqual([]);
    expect(plan.batches.length).toBeLessThanOrEqual(4);
  });

  it('cuts requests that would be too long, and sends a single pair however long', () => {
    const group = aGroup(['xx', 'xx', 'xx'], { keys: ['键'.repeat(20), 'short'] });
    const limits = { resources: 50, keys: 20, bytes: 150 };

    const plan = planBatches([group], limits);

    expect(faultsOf([group], limits, plan)).toEqual([]);
    expect(plan.batches.length).toBeGreaterThan(1);
  });

  it('never mixes regions or types', () => {
    const rows = ['x', 'x'];
    const groups = [
      aGroup(rows),
      aGroup(rows, { region: 'cn-beijing' }),
      aGroup(rows, { type: 'ImageCache' }),
    ];

    const plan = planBatches(groups, LIMITS);

    expect(plan.batches.map(({ region, type }) => `${region} ${type}`)).toEqual([
      'cn-hangzhou ContainerGroup',
      'cn-beijing ContainerGroup',
      'cn-hangzhou ImageCache',
    ]);
    expect(plan.lowerBound.requests).toBe(3);
    expect(plan.lowerBound.arguments).toHaveLength(3);
  });
});
