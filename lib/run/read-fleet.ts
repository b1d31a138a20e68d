import type { Inventory } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/read.ts';
import { meterEci } from '../pace/meter.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import { RESOURCE_TYPES, type Region, type ResourceType } from '../resource.ts';
import type { RunOptions, RunPorts } from './request.ts';

/** What of an account is read. */
export interface FleetScope {
  readonly regions: readonly Region[] | 'all';
  /** Left out: all. */
  readonly resourceTypes?: readonly ResourceType[];
}

/**
 * Reads every resource with all its tags, at half of the quotas; changes nothing.
 *
 * @throws {EciError} of kind `fatal`; whatever else goes wrong leaves the inventory incomplete.
 */
export async function readFleet(
  { regions, resourceTypes = RESOURCE_TYPES }: FleetScope,
  { eci, clock, chance }: Pick<RunPorts, 'eci' | 'clock' | 'chance'>,
  options: Pick<RunOptions, 'onProgress'>,
): Promise<Inventory> {
  // It asks for every key of every resource, so that nothing is filtered.
  const policy = parsePolicyDocument(
    {
      version: 1,
      name: 'fleet',
      scope: { regions, resourceTypes },
      remove: [{ key: '*' }],
      limits: { maxPercent: 100 },
    },
    'fleet',
  );
  const { pace } = policy;
  return readInventory(
    meterEci(eci, { pace, clock, chance }),
    { policy, narrowing: {} },
    {
      clock,
      concurrency: pace.concurrency,
      onProgress: ({ done, text }) => options.onProgress?.({ step: 'inventory', done, text }),
    },
  );
}
