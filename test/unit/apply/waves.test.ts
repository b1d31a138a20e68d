import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupByRegion, isCutByCanary, planWaves } from '../../../lib/apply/waves.ts';
import type { Batch } from '../../../lib/batch/types.ts';
import type { ResourceType } from '../../../lib/resource.ts';
import { aBatch } from '../../support/removals.ts';

/** Batches of so many resources each, of one region and type, one key. */
function batchesOf(sizes: readonly number[], region = 'cn-hangzhou', type: ResourceType = 'ContainerGroup') {
  return sizes.map((size, at) =>
    aBatch(
      Array.from({ length: size }, (_, n) => `${region}-${type}-${at}-${n}`),
      ['a'],
      { region, type },
    ),
  );
}

const resourcesIn = (batches: readonly Batch[]) =>
  new Set(batches.flatMap((batch) => batch.ids.map((id) => `${batch.region} ${id}`))).size;
const sizes = (waves: readonly (readonly Batch[])[] | undefined) => waves?.map(resourcesIn);

describe('planWaves', () => {
  it('plans nothing for nothing', () => {
    expect(planWaves([], 20)).toEqual({ canary: [], byRegion: new Map() });
  });

  it('has no canary where the policy wants none', () => {
    const batches = batchesOf([50, 50]);

    const { canary, byRegion } = planWaves(batches, 0);

    expect(canary).toEqual([]);
    expect(byRegion).toEqual(new Map([['cn-hangzhou', [batches]]]));
  });

  it('begins with resources that would tell, in a batch of their own or at the head of a cut one', () => {
    const batches = batchesOf([50, 50]);
    const tells = batches[1]!.ids[30]!;

    const { canary } = planWaves(batches, 20, ({ id }) => id === tells);

    expect(canary).toHaveLength(1);
    expect(canary[0]!.ids).toHaveLength(20);
    expect(canary[0]!.ids[0]).toBe(tells);
  });

  it.each([
    { description: 'is cut where no batch fits the canary', sizes: [50, 50], canary: 20, isCut: true },
    { description: 'stays whole where one fits', sizes: [50, 15], canary: 20, isCut: false },
    { description: 'stays whole without a canary', sizes: [50], canary: 0, isCut: false },
  ])('knows that a request $description', ({ sizes: own, canary, isCut }) => {
    expect(isCutByCanary(batchesOf(own), canary)).toBe(isCut);
  });

  it('takes whole batches for the canary, as many as fit', () => {
    const batches = batchesOf([15, 10, 5, 1]);

    const { canary, byRegion } = planWaves(batches, 20);

    expect(canary).toEqual([batches[0], batches[2]]);
    expect([...byRegion.values()].flat(2)).toEqual([batches[1], batches[3]]);
  });

  it('counts a resource once that two batches of the canary name', () => {
    const batches = [
      aBatch(['eci-1', 'eci-2'], ['a']),
      aBatch(['eci-1', 'eci-2'], ['b']),
      aBatch(['eci-3'], ['a']),
    ];

    expect(planWaves(batches, 2).canary).toEqual([batches[0], batches[1]].slice(0, 1));
    expect(planWaves(batches, 3).canary).toEqual(batches);
  });

  it('does not take equal ids of other regions and types for one resource', () => {
    const batches = [
      aBatch(['x-1'], ['a']),
      aBatch(['x-1'], ['a'], { type: 'DataCache' }),
      aBatch(['x-1'], ['a'], { region: 'cn-beijing' }),
    ];

    expect(planWaves(batches, 2).canary).toHaveLength(2);
  });

  it('spreads the canary over regions and types before it takes a second of one', () => {
    const batches = [
      ...batchesOf([1, 1, 1, 1]),
      ...batchesOf([1, 1], 'cn-hangzhou', 'ImageCache'),
      ...batchesOf([1], 'cn-beijing'),
    ];

    expect(planWaves(batches, 3).canary).toEqual([batches[0], batches[4], batches[6]]);
    expect(planWaves(batches, 5).canary).toEqual([
      batches[0],
      batches[4],
      batches[6],
      batches[1],
      batches[5],
    ]);
  });

  it('cuts the first batch where none fits, and loses none of its resources', () => {
    const batches = batchesOf([50, 50]);

    const { canary, byRegion } = planWaves(batches, 20);

    expect(canary).toEqual([{ ...batches[0]!, ids: batches[0]!.ids.slice(0, 20) }]);
    expect([...byRegion.values()].flat(2)).toEqual([
      { ...batches[0]!, ids: batches[0]!.ids.slice(20) },
      batches[1],
    ]);
  });

  it('grows the waves after a canary fivefold, up to the largest', () => {
    const { byRegion } = planWaves(batchesOf(Array.from({ length: 1000 }, () => 20)), 20);

    expect(sizes(byRegion.get('cn-hangzhou'))).toEqual([100, 500, ...Array(7).fill(2500), 1880]);
  });

  it('starts larger without a canary', () => {
    const { byRegion } = planWaves(batchesOf(Array.from({ length: 400 }, () => 50)), 0);

    expect(sizes(byRegion.get('cn-hangzhou'))).toEqual([1000, ...Array(7).fill(2500), 1500]);
  });

  it('never has a wave above the largest, however many the canary takes', () => {
    const { byRegion } = planWaves(batchesOf(Array.from({ length: 300 }, () => 100)), 5000);

    expect(Math.max(...sizes(byRegion.get('cn-hangzhou'))!)).toBe(2500);
  });

  it('closes a wave before a batch that does not fit any more, but never an empty one', () => {
    const { byRegion } = planWaves(batchesOf([1, 40, 60, 100, 300, 101]), 1);

    // The canary takes the first; waves may hold 5, 25, 125, 625.
    expect(sizes(byRegion.get('cn-hangzhou'))).toEqual([40, 60, 100, 401]);
  });

  it('fills a wave to its last resource', () => {
    const { byRegion } = planWaves(batchesOf([1, 2, 3, 25]), 1);

    expect(sizes(byRegion.get('cn-hangzhou'))).toEqual([5, 25]);
  });

  it('lets regions have waves of their own', () => {
    const batches = [...batchesOf([1, 5, 25]), ...batchesOf([5, 25], 'cn-beijing')];

    const { byRegion } = planWaves(batches, 1);

    expect(sizes(byRegion.get('cn-hangzhou'))).toEqual([5, 25]);
    expect(sizes(byRegion.get('cn-beijing'))).toEqual([5, 25]);
  });

  it('holds every pair of the batches once, and no more canaries than asked for', () => {
    const batch = fc.record({
      region: fc.constantFrom('cn-hangzhou', 'cn-beijing'),
      type: fc.constantFrom<ResourceType>('ContainerGroup', 'ImageCache'),
      ids: fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), {
        minLength: 1,
        maxLength: 30,
      }),
      keys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    });
    const pairsOf = (batches: readonly Batch[]) =>
      batches
        .flatMap(({ region, type, ids, keys }) =>
          ids.flatMap((id) => keys.map((key) => `${region} ${type} ${id} ${key}`)),
        )
        .sort();
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 30 }), fc.integer({ min: 0, max: 40 }), (batches, most) => {
        const { canary, byRegion } = planWaves(batches, most);

        const rest = [...byRegion].flatMap(([region, waves]) => {
          expect(waves.flat().every((one) => one.region === region)).toBe(true);
          expect(waves.every((wave) => wave.length > 0)).toBe(true);
          return waves.flat();
        });
        expect(pairsOf([...canary, ...rest])).toEqual(pairsOf(batches));
        const names = canary.flatMap((one) => one.ids.map((id) => `${one.region} ${one.type} ${id}`));
        expect(new Set(names).size).toBeLessThanOrEqual(most);
        expect(canary.length > 0).toBe(most > 0 && batches.length > 0);
      }),
    );
  });
});

describe('groupByRegion', () => {
  it('keeps the order within a region', () => {
    const [one, two, three] = [
      aBatch(['1'], ['a']),
      aBatch(['2'], ['a'], { region: 'cn-beijing' }),
      aBatch(['3'], ['a']),
    ];

    expect(groupByRegion([one!, two!, three!])).toEqual(
      new Map([
        ['cn-hangzhou', [one, three]],
        ['cn-beijing', [two]],
      ]),
    );
  });
});
