import type { Inventory, Narrowing } from '../inventory/inventory.ts';
import { compareResources } from '../plan/order.ts';
import { compareText, type ResourceRef, resourceKey } from '../resource.ts';
import type { Session } from './session.ts';

/** How long after its event a resource may show; what does not show by then is taken to be gone again. */
export const APPEARS_WITHIN_MS = 20_000;

/** Pauses before resources that an event named, and that are not readable yet, are asked for again. */
const PAUSES_MS = [2000, 4000, 6000, 8000] as const;

/** What was read of the resources that an event named. */
export interface Listed {
  readonly inventory: Inventory;
  /** Those that were not readable. */
  readonly missing: readonly ResourceRef[];
  /** Whether it makes sense to ask for them again. */
  readonly mayAppear: boolean;
}

/**
 * Reads the resources that an event named, each in its own place. Where `mayWait` is set, those that are not
 * readable yet, and they alone, are asked for again with growing pauses, all together and within the time left: an
 * event tells of a creation before the list does.
 */
export async function awaitListed(
  session: Session,
  refs: readonly ResourceRef[],
  mayWait: boolean,
  read: (narrowing: Narrowing) => Promise<Inventory>,
): Promise<Listed> {
  let inventory = await readPlaces(refs, read);
  let missing = unseen(refs, inventory);
  for (const pauseMs of mayWait ? PAUSES_MS : []) {
    if (!inventory.complete || missing.length === 0) break;
    if (session.time.leftMs() <= pauseMs) return { inventory, missing, mayAppear: true };
    await session.ports.clock.sleep(pauseMs);
    inventory = joinLooks(inventory, await readPlaces(missing, read));
    missing = unseen(missing, inventory);
  }
  return { inventory, missing, mayAppear: !mayWait };
}

/** Each region and type by itself: of two regions, neither is asked for the other's ids. */
async function readPlaces(
  refs: readonly ResourceRef[],
  read: (narrowing: Narrowing) => Promise<Inventory>,
): Promise<Inventory> {
  const places = new Map<string, { readonly first: ResourceRef; readonly ids: string[] }>();
  for (const ref of refs) {
    const name = `${ref.region}/${ref.type}`;
    const place = places.get(name) ?? { first: ref, ids: [] };
    place.ids.push(ref.id);
    places.set(name, place);
  }
  const inventories: Inventory[] = [];
  for (const { first, ids } of places.values()) {
    inventories.push(await read({ regions: [first.region], resourceTypes: [first.type], resourceIds: ids }));
  }
  return inventories.reduce(joinPlaces);
}

function unseen(refs: readonly ResourceRef[], { resources }: Inventory): readonly ResourceRef[] {
  const seen = new Set(resources.map(resourceKey));
  return refs.filter((ref) => !seen.has(resourceKey(ref)));
}

/** Readings of different places as one. */
function joinPlaces(a: Inventory, b: Inventory): Inventory {
  return {
    ...joinLooks(a, b),
    regions: [...new Set([...a.regions, ...b.regions])].sort(compareText),
    resourcesSeen: a.resourcesSeen + b.resourcesSeen,
    seenByRegion: added(a.seenByRegion, b.seenByRegion),
  };
}

function added(a: Inventory['seenByRegion'], b: Inventory['seenByRegion']): Inventory['seenByRegion'] {
  const sum = new Map(a);
  for (const [region, seen] of b) sum.set(region, (sum.get(region) ?? 0) + seen);
  return sum;
}

/** Two looks at the same places, which found different resources. */
function joinLooks(a: Inventory, b: Inventory): Inventory {
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
