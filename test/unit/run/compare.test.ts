import { describe, expect, it } from 'vitest';
import { inventoryOfFleet } from '../../../lib/fleet/fleet-inventory.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import { compareChanges, readToday } from '../../../lib/run/compare.ts';
import type { Progress } from '../../../lib/run/request.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import type { World } from '../../support/runs.ts';
import { aWorld } from '../../support/runs.ts';

const FLEET = [
  aResource({ id: 'eci-1', tags: { 'ci-run': '1', team: 'a' } }),
  aResource({ id: 'eci-2', tags: { 'ci-run': '2' } }),
  aResource({ id: 'imc-1', type: 'ImageCache', region: 'cn-beijing', tags: { 'ci-run': '3' } }),
];

/** Two policies, held against each other. */
async function compared(before: Policy, after: Policy, { ports }: World, told: Progress[] = []) {
  const options = { onProgress: (progress: Progress) => told.push(progress) };
  const { changes, inventory } = await compareChanges(
    [{ name: 'p', before, after }],
    readToday(ports, options),
    options,
  );
  const { plans, diff } = changes[0]!;
  return { a: plans.before!, b: plans.after!, diff, inventory };
}

describe('compareChanges', () => {
  it('tells the plans of two policies apart on one reading', async () => {
    const world = aWorld(FLEET);
    const { cloud } = world;
    const a = aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] } });
    const b = aPolicy({
      scope: { regions: ['cn-beijing', 'cn-hangzhou'], resourceTypes: ['ContainerGroup', 'ImageCache'] },
      select: { tag: 'team', exists: false },
    });
    const told: Progress[] = [];

    const found = await compared(a, b, world, told);

    expect(found.a.removals.map((removal) => removal.id)).toEqual(['eci-1', 'eci-2']);
    expect(found.b.removals.map((removal) => removal.id)).toEqual(['imc-1', 'eci-2']);
    expect(found.a.inventory.resourcesSeen).toBe(2);
    expect(found.inventory.resourcesSeen).toBe(3);
    expect(JSON.stringify(found.diff)).toContain('imc-1');
    expect(JSON.stringify(found.diff)).not.toContain('eci-2');
    // One list for each region and type, not for each policy.
    expect(cloud.calls.filter((call) => call.api === 'DescribeContainerGroups')).toHaveLength(2);
    expect(cloud.calls.every((call) => call.api !== 'UntagResources')).toBe(true);
    expect(new Set(told.map((progress) => progress.step))).toEqual(new Set(['inventory', 'plan']));
  });

  it('reads every region where either policy means all', async () => {
    const world = aWorld(FLEET);
    const one = aPolicy({ scope: { regions: ['cn-hangzhou'] } });

    const [first, second] = [await compared(one, aPolicy(), world), await compared(aPolicy(), one, world)];

    expect(first.b.removals).toHaveLength(3);
    expect(second.a.removals).toHaveLength(3);
    expect(first.a.removals).toHaveLength(2);
  });

  it('finds no difference between a policy and itself', async () => {
    const world = aWorld(FLEET);

    const { a, b } = await compared(aPolicy(), aPolicy(), world);

    expect(a.digest).toBe(b.digest);
  });

  it('takes a policy that is new, and one that was taken away, on a saved fleet', async () => {
    const read = async (policy: Policy) => ({ inventory: inventoryOfFleet(FLEET, policy), asOfMs: 0 });
    const gone = aPolicy({ name: 'gone', scope: { regions: ['cn-hangzhou'] } });
    const fresh = aPolicy({ name: 'fresh', remove: [{ key: 'team' }] });

    const { changes, inventory } = await compareChanges(
      [
        { name: 'gone', before: gone },
        { name: 'fresh', after: fresh },
      ],
      read,
    );

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 3 });
    expect(changes.map(({ diff }) => [diff.onlyA.length, diff.onlyB.length, diff.both])).toEqual([
      [2, 0, 0],
      [0, 1, 0],
    ]);
  });
});
