import { createHash } from 'node:crypto';
import { joinLists, sliceList } from '../lazy-list.ts';
import { isAbovePercent } from '../plan/limits.ts';
import type { Plan, Removal } from '../plan/types.ts';
import { compareText, type Region } from '../resource.ts';

/** What one of several invocations side by side does. */
export interface Shard {
  /** The region; of several, after them all: the same name is the same work, however often it is submitted. */
  readonly name: string;
  /** More than those that lose something, where their resources are needed for `maxPercent`. */
  readonly regions: readonly Region[];
  readonly removals: readonly Removal[];
}

interface Part {
  readonly region: Region;
  readonly removals: readonly Removal[];
  readonly seen: number;
}

/**
 * Divides a plan that was admitted as a whole by region, so that each part can be admitted by itself.
 *
 * An invocation takes `maxPercent` of what it sees with its own eyes, never of what an event tells it. So a
 * region that loses more than its part is done together with as few others as make up for it.
 *
 * @param seenByRegion how many resources each region has at least.
 */
export function shardByRegion(
  plan: Plan,
  seenByRegion: ReadonlyMap<Region, number>,
  maxPercent: number,
): readonly Shard[] {
  const removalsOf = byRegion(plan.removals);
  const parts = plan.inventory.regions.map((region) => ({
    region,
    removals: removalsOf.get(region) ?? [],
    seen: seenByRegion.get(region) ?? 0,
  }));
  const holds = (those: readonly Part[]): boolean =>
    !isAbovePercent(
      sum(those, ({ removals }) => removals.length),
      sum(those, ({ seen }) => seen),
      maxPercent,
    );
  const room = ({ removals, seen }: Part): number => seen * maxPercent - removals.length * 100;
  const together = parts.filter((part) => !holds([part]));
  const spare = parts.filter((part) => holds([part])).sort((a, b) => room(b) - room(a));
  let joined = 0;
  while (joined < spare.length && !holds(together)) together.push(spare[joined++]!);
  const alone = spare.slice(joined).filter(({ removals }) => removals.length > 0);
  const shards = alone.map((part) => shardOf(part.region, [part]));
  return together.length === 0 ? shards : [...shards, shardOf(nameOf(together), together)];
}

function nameOf(parts: readonly Part[]): string {
  const regions = parts.map(({ region }) => region).sort(compareText);
  return `together-${createHash('sha256').update(regions.join()).digest('hex').slice(0, 8)}`;
}

/** In the order of a plan, so that its digest can be told beforehand. */
function shardOf(name: string, parts: readonly Part[]): Shard {
  const inOrder = [...parts].sort((a, b) => compareText(a.region, b.region));
  return {
    name,
    regions: inOrder.map(({ region }) => region),
    removals: joinLists(inOrder.map(({ removals }) => removals)),
  };
}

/** Each region's part of the list, which is in the order of a plan; nothing is copied. */
function byRegion(removals: readonly Removal[]): ReadonlyMap<Region, readonly Removal[]> {
  const starts: { readonly region: Region; readonly from: number }[] = [];
  for (const [from, { region }] of removals.entries()) {
    if (starts.at(-1)?.region !== region) starts.push({ region, from });
  }
  return new Map(
    starts.map(({ region, from }, at) => [
      region,
      sliceList(removals, from, starts[at + 1]?.from ?? removals.length),
    ]),
  );
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((all, item) => all + of(item), 0);
}
