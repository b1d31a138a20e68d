import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundGroup } from '../../../lib/batch/bound.ts';
import { classify } from '../../../lib/batch/classes.ts';
import { countKeyUses } from '../../../lib/batch/key-uses.ts';
import type { CoverGroup } from '../../../lib/batch/types.ts';
import { aGroup, fewestRequests, groupsOf, WIDE } from './support.ts';

const bound = (group: CoverGroup, resources: number, keys: number) =>
  boundGroup(group, countKeyUses(group), classify(group), { resources, keys, bytes: WIDE });

describe('boundGroup', () => {
  it.each([
    {
      description: 'places',
      group: aGroup(['x', 'x', 'x']),
      resources: 2,
      keys: 2,
      requests: 2,
      says: /places/,
    },
    {
      description: 'namings of keys',
      group: aGroup(['xxx..', '...xx']),
      resources: 2,
      keys: 2,
      requests: 3,
      says: /named once/,
    },
    {
      description: 'rarest keys, where absent pairs stay',
      group: aGroup(['xx.', 'x.x', 'x..'], { absentIsKept: true }),
      resources: 9,
      keys: 9,
      requests: 3,
      says: /rarest keys/,
    },
    {
      description: 'resources that keep each other’s keys',
      group: aGroup(['xo.', 'oxo', '.ox']),
      resources: 9,
      keys: 9,
      requests: 2,
      says: /keeps the key of the other/,
    },
  ])('counts $description', ({ group, resources, keys, requests, says }) => {
    const found = bound(group, resources, keys);

    expect(found.requests).toBe(requests);
    expect(found.argument).toMatch(says);
    expect(found.requests).toBeLessThanOrEqual(fewestRequests(group, { resources, keys, bytes: WIDE }));
  });

  it('counts a key once for every full request of the resources paired with it', () => {
    const group = aGroup(['xo', 'xo', 'xo', 'ox', 'ox']);

    expect(bound(group, 2, 5).requests).toBe(3);
    expect(bound(aGroup(['x.', 'x.', 'x.', '.x', '.x'], { absentIsKept: true }), 2, 5).requests).toBe(3);
  });

  it('is never above the fewest requests possible', () => {
    fc.assert(
      fc.property(
        groupsOf({ rows: 6, keys: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (group, resources, keys) => {
          const fewest = fewestRequests(group, { resources, keys, bytes: WIDE });

          expect(bound(group, resources, keys).requests).toBeLessThanOrEqual(fewest);
        },
      ),
      { numRuns: 400 },
    );
  });
});
