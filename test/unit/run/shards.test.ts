import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAbovePercent } from '../../../lib/plan/limits.ts';
import { shardByRegion } from '../../../lib/run/shards.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aPlan } from '../../support/planned.ts';

/** A plan that takes so many of the resources of each region. */
function planOf(counts: Readonly<Record<string, readonly [planned: number, seen: number]>>) {
  const resources = Object.entries(counts).flatMap(([region, [planned, seen]]) =>
    Array.from({ length: seen }, (_, at) =>
      aResource({ id: `eci-${at}`, region, tags: { [at < planned ? 'ci-run' : 'team']: 'a' } }),
    ),
  );
  const seenByRegion = new Map(Object.entries(counts).map(([region, [, seen]]) => [region, seen]));
  return { plan: aPlan(resources, aPolicy()), seenByRegion };
}

const placesOf = (...[counts, maxPercent]: [Parameters<typeof planOf>[0], number]) => {
  const { plan, seenByRegion } = planOf(counts);
  return shardByRegion(plan, seenByRegion, maxPercent).map(({ regions }) => regions);
};

describe('shardByRegion', () => {
  it('does each region that loses something by itself', () => {
    const places = placesOf({ 'cn-a': [1, 4], 'cn-b': [2, 4], 'cn-c': [0, 9] }, 50);

    expect(places).toEqual([['cn-a'], ['cn-b']]);
  });

  it('does a region that loses more than its part together with the one that has most room', () => {
    const places = placesOf({ 'cn-a': [3, 4], 'cn-b': [2, 8], 'cn-c': [1, 4] }, 50);

    expect(places).toEqual([['cn-c'], ['cn-a', 'cn-b']]);
  });

  it('looks at regions that lose nothing where their resources are needed', () => {
    const places = placesOf({ 'cn-a': [4, 4], 'cn-b': [0, 2], 'cn-c': [0, 6] }, 50);

    expect(places).toEqual([['cn-a', 'cn-c']]);
  });

  it('names work that is done together after its regions', () => {
    const { plan, seenByRegion } = planOf({ 'cn-a': [3, 4], 'cn-b': [0, 8], 'cn-c': [1, 4] });
    const other = planOf({ 'cn-a': [3, 4], 'cn-b': [3, 4], 'cn-c': [0, 9] });

    const [alone, together] = shardByRegion(plan, seenByRegion, 50);
    const [otherTogether] = shardByRegion(other.plan, other.seenByRegion, 50);

    expect(alone?.name).toBe('cn-c');
    expect(together?.name).toMatch(/^together-[0-9a-f]{8}$/);
    expect(otherTogether?.name).not.toBe(together?.name);
  });

  it('holds the percentage in every part whenever the whole holds it, and loses no removal', () => {
    const counts = fc.dictionary(
      fc.constantFrom('cn-a', 'cn-b', 'cn-c', 'cn-d', 'cn-e'),
      fc.tuple(fc.nat(8), fc.nat(8)).map(([planned, other]) => [planned, planned + other] as const),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 100 }), (own, maxPercent) => {
        const { plan, seenByRegion } = planOf(own);
        const seen = [...seenByRegion.values()].reduce((sum, one) => sum + one, 0);
        fc.pre(!isAbovePercent(plan.removals.length, seen, maxPercent));

        const shards = shardByRegion(plan, seenByRegion, maxPercent);

        for (const { regions, removals } of shards) {
          const there = regions.reduce((sum, region) => sum + seenByRegion.get(region)!, 0);
          expect(isAbovePercent(removals.length, there, maxPercent)).toBe(false);
          expect(removals).toEqual(plan.removals.filter(({ region }) => regions.includes(region)));
        }
        expect(shards.flatMap(({ removals }) => removals)).toHaveLength(plan.removals.length);
        const places = shards.flatMap(({ regions }) => regions);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
