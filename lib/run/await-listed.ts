import type { Inventory, Narrowing } from '../inventory/inventory.ts';
import { compareResources } from '../plan/order.ts';
import type { Session } from './session.ts';

/** Pauses before resources that an event named, and that are not readable yet, are asked for again. */
const PAUSES_MS = [2000, 4000, 8000, 15_000, 30_000, 60_000] as const;

/** What was read of the resources that an event named. */
export interface Listed {
  readonly inventory: Inventory;
  /** How many were not readable when time ended; 0 where they were asked for as often as it makes sense. */
  readonly awaited: number;
}

/**
 * Asks again for named resources that are not readable yet, and for those alone, with growing pauses within
 * the time left: an event tells of a creation before the list does. What stays unseen to the last is taken
 * to be gone again.
 */
export async function awaitListed(
  session: Session,
  narrowing: Narrowing,
  read: (narrowing: Narrowing) => Promise<Inventory>,
): Promise<Listed> {
  let inventory = await read(narrowing);
  for (const pauseMs of PAUSES_MS) {
    const missing = unseen(narrowing, inventory);
    if (!inventory.complete || missing.length === 0) return { inventory, awaited: 0 };
    if (session.time.leftMs() <= pauseMs) return { inventory, awaited: missing.length };
    await session.ports.clock.sleep(pauseMs);
    inventory = join(inventory, await read({ ...narrowing, resourceIds: missing }));
  }
  return { inventory, awaited: 0 };
}

function unseen({ resourceIds = [] }: Narrowing, { resources }: Inventory): readonly string[] {
  const seen = new Set(resources.map((resource) => resource.id));
  return resourceIds.filter((id) => !seen.has(id));
}

/** Two readings of different resources as one. */
function join(a: Inventory, b: Inventory): Inventory {
  const resources = [...a.resources, ...b.resources].sort(compareResources);
  return {
    ...a,
    complete: a.complete && b.complete,
    resources,
    resourcesSeen: Math.max(a.resourcesSeen, b.resourcesSeen, resources.length),
    gaps: [...a.gaps, ...b.gaps],
    unseen: a.unseen + b.unseen,
    warnings: [...new Set([...a.warnings, ...b.warnings])],
    readings: [...a.readings, ...b.readings],
  };
}
