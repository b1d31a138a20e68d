import { describe, expect, it } from 'vitest';
import { comparePolicies } from '../../../lib/run/compare.ts';
import type { Progress } from '../../../lib/run/request.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aWorld } from '../../support/runs.ts';

const FLEET = [
  aResource({ id: 'eci-1', tags: { 'ci-run': '1', team: 'a' } }),
  aResource({ id: 'eci-2', tags: { 'ci-run': '2' } }),
  aResource({ id: 'imc-1', type: 'ImageCache', region: 'cn-beijing', tags: { 'ci-run': '3' } }),
];

describe('comparePolicies', () => {
  it('tells the plans of two policies apart on one reading', async () => {
    const { cloud, ports } = aWorld(FLEET);
    const a = aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] } });
    const b = aPolicy({
      scope: { regions: ['cn-beijing', 'cn-hangzhou'], resourceTypes: ['ContainerGroup', 'ImageCache'] },
      select: { tag: 'team', exists: false },
    });
    const told: Progress[] = [];

    const found = await comparePolicies(a, b, ports, { onProgress: (progress) => told.push(progress) });

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
    const { ports } = aWorld(FLEET);
    const one = aPolicy({ scope: { regions: ['cn-hangzhou'] } });

    const [first, second] = [
      await comparePolicies(one, aPolicy(), ports, {}),
      await comparePolicies(aPolicy(), one, ports, {}),
    ];

    expect(first.b.removals).toHaveLength(3);
    expect(second.a.removals).toHaveLength(3);
    expect(first.a.removals).toHaveLength(2);
  });

  it('finds no difference between a policy and itself', async () => {
    const { ports } = aWorld(FLEET);

    const { a, b } = await comparePolicies(aPolicy(), aPolicy(), ports, {});

    expect(a.digest).toBe(b.digest);
  });
});
