import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../lib/inventory/read.ts';
import { meterEci } from '../../../lib/pace/meter.ts';
import type { ResourceType } from '../../../lib/resource.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { fakeEci } from '../../support/fake-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

/** Milliseconds that reading takes at 100 ms a call, where each place holds 2,400 resources: 120 pages. */
async function timeOf(regions: readonly string[], types: readonly ResourceType[]): Promise<number> {
  const clock = virtualClock();
  const startMs = clock.now();
  const resources = regions.flatMap((region) =>
    types.flatMap((type) =>
      Array.from({ length: 2400 }, (_, n) => aResource({ region, type, id: `r-${10_000 + n}` })),
    ),
  );
  const eci = fakeEci({ resources, onCall: () => clock.sleep(100) });
  const policy = aPolicy({ scope: { regions, resourceTypes: types } });
  const metered = meterEci(eci, { pace: policy.pace, clock, chance: () => 0.5 });
  const inventory = await readInventory(metered, { policy, narrowing: {} }, { clock });
  expect(inventory.resources).toHaveLength(resources.length);
  return clock.now() - startMs;
}

describe('readInventory, of several places', () => {
  it('reads regions and types side by side, each at its own quota', async () => {
    const one = await timeOf(['cn-hangzhou'], ['DataCache']);

    // The 120 pages are more than the share of a minute, 100: the quota is what takes the time.
    expect(one).toBeGreaterThan(60_000);
    expect(await timeOf(['cn-hangzhou', 'cn-beijing', 'cn-shanghai'], ['DataCache'])).toBe(one);
    expect(await timeOf(['cn-hangzhou', 'cn-beijing'], ['DataCache', 'VirtualNode'])).toBe(one);
  });
});
