import type { LimitFunction } from 'p-limit';
import { LIST_PAGE } from '../kinds.ts';
import type { Policy } from '../policy/policy.ts';
import type { EciApi } from '../ports.ts';
import type { Region, Resource, ResourceType } from '../resource.ts';
import { askTags } from './ask.ts';
import { type Collector, createCollector } from './collector.ts';
import { gapOf } from './gaps.ts';
import type { Gap, Reading } from './inventory.ts';
import { describeFilters, matchesFilter, type TouchFilter, type TouchFilters } from './needs/filter.ts';
import { needsOnlyTags } from './needs/only-tags.ts';
import { touchFilters } from './needs/touch-filters.ts';
import { findInOtherBuckets } from './other-buckets.ts';
import type { Pools } from './pools.ts';
import type { Population } from './population.ts';
import { readNamed } from './read-named.ts';
import { readShard } from './read-shard.ts';
import type { ReadingScope } from './scope.ts';
import { settleAll } from './settle.ts';
import { askingOf, type Shard } from './shard.ts';
import type { ShardNeeds } from './ways/choose.ts';

/** What reading one region and type came to. */
export interface PlaceReading {
  readonly region: Region;
  readonly type: ResourceType;
  readonly collector: Collector;
  readonly gaps: readonly Gap[];
  readonly populations: readonly Population[];
  /** What a person should know of it, in sentences. */
  readonly warnings: readonly string[];
  /** How many of the collected resources the policy may touch at most. */
  touchable(): number;
  /** For people; the calls made by then are counted. */
  reading(countNote: string | undefined): Reading;
}

export interface Place {
  readonly eci: EciApi;
  readonly policy: Policy;
  readonly scope: ReadingScope;
  readonly region: Region;
  readonly type: ResourceType;
  readonly pools: Pools;
  readonly limit: LimitFunction;
  /** Whether rows of tags are relied on. */
  readonly tagRows: boolean;
  /** Whether to read page by page. */
  readonly plain: boolean;
  readonly signal?: AbortSignal;
  /** Told how many resources came in. */
  readonly tick: (added: number) => void;
}

/**
 * Reads one region and type: by id where the request names ids, else one shard per resource group of the
 * scope side by side, else as one shard.
 */
export async function readPlace(place: Place): Promise<PlaceReading> {
  const { region, type, scope, policy } = place;
  const filters = touchFilters(policy, { region, type });
  const collector = createCollector(place, place.pools, scope.resourceGroups);
  const shards = shardsOf(place, collector);
  const { maxPercent } = policy.limits;
  const needs = { filters, maxPercent, tagRows: place.tagRows && needsOnlyTags(policy), plain: place.plain };
  const results = await settleAll(shards.map((shard) => readOne(shard, scope, needs)));
  // Rows of tags know no buckets, so that a reading by them has seen all.
  const isByList = results.every(({ gap, way }) => gap === undefined && way !== 'rows of tags');
  const warning =
    isByList && type === 'DataCache' && !scope.resourceIds && !scope.buckets
      ? await findInOtherBuckets(shards[0]!)
      : undefined;
  await tellTags(shards[0]!);
  const ways = [...new Set(results.map((result) => result.way))];
  const populations = results.flatMap((result) => result.population ?? []);
  return {
    region,
    collector,
    type,
    gaps: results.flatMap((result) => result.gap ?? []),
    populations,
    warnings: [
      ...(warning === undefined ? [] : [warning]),
      ...(results.some(({ areRowsDoubted }) => areRowsDoubted) ? [rowsDoubted(place)] : []),
      ...results.flatMap(({ doubtedFilters }) =>
        doubtedFilters === undefined ? [] : filtersDoubted(place, doubtedFilters),
      ),
    ],
    touchable: () => touchableOf(collector, filters),
    reading: (countNote) => ({
      region,
      resourceType: type,
      way: groupedWay(ways, shards.length),
      calls: shards.reduce((sum, shard) => sum + shard.calls.count, 0),
      ...plainCallsOf(populations, scope),
      ...noteOf(collector, populations.some((one) => !one.ended()) ? countNote : undefined),
    }),
  };
}

function rowsDoubted({ type, region }: Place): string {
  return `ListTagResources was taken to list every tag of ${type} in ${region}, as a profile or TAGSWEEP_TAG_ROWS says; what was read in full does not bear that out, so that it was read without. Run tagsweep doctor again.`;
}

function filtersDoubted({ type, region }: Place, filters: readonly TouchFilter[]): string {
  return `Plain pages of ${type} in ${region} show resources that a list ${describeFilters(filters)} does not find: runs that read by filters miss them. Set limits.plainReadings to 1, which reads plainly always, and run tagsweep doctor.`;
}

function shardsOf(place: Place, collector: Collector): readonly Shard[] {
  const { eci, region, type, limit, scope } = place;
  let before = 0;
  const tick = (): void => {
    place.tick(collector.size - before);
    before = collector.size;
  };
  const one = (resourceGroupId?: string, bucket?: string): Shard => ({
    eci,
    region,
    type,
    collector,
    limit,
    tick,
    calls: { count: 0 },
    ...(resourceGroupId === undefined ? {} : { resourceGroupId }),
    ...(bucket === undefined ? {} : { bucket }),
    ...(place.signal ? { signal: place.signal } : {}),
  });
  const { resourceGroups, resourceIds } = scope;
  const groups = resourceIds || !resourceGroups ? [undefined] : [...new Set(resourceGroups)];
  const buckets = type === 'DataCache' && scope.buckets ? [...new Set(scope.buckets)] : [undefined];
  return groups.flatMap((group) => buckets.map((bucket) => one(group, bucket)));
}

interface OneResult {
  readonly way: string;
  readonly areRowsDoubted?: true;
  readonly doubtedFilters?: readonly TouchFilter[];
  readonly population?: Population;
  readonly gap?: Gap;
}

async function readOne(shard: Shard, scope: ReadingScope, needs: ShardNeeds): Promise<OneResult> {
  try {
    const { resourceIds } = scope;
    return resourceIds ? await readNamed(shard, { ...scope, resourceIds }) : await readShard(shard, needs);
  } catch (error) {
    return { way: 'not to the end', gap: gapOf(error, shard.region, shard.type) };
  }
}

/** Asks for the tags that the list did not send; where nobody tells them the resource stays unseen. */
async function tellTags(shard: Shard): Promise<void> {
  const { collector, region, type } = shard;
  const bare = collector.bare();
  if (bare.length === 0) return;
  const witness = findTagged(collector);
  const { resources, error } = await askTags(shard, bare, { ...askingOf(shard), witness });
  for (const resource of resources) if (resource.tags) collector.add(resource);
  // Throws on what must end the run.
  if (error) gapOf(error, region, type);
}

/** Any resource of the place whose list told its tags. */
function findTagged(collector: Collector): Resource | undefined {
  for (const resource of collector.all()) if ((resource.tags?.length ?? 0) > 0) return resource;
  return undefined;
}

function touchableOf(collector: Collector, filters: TouchFilters): number {
  return filters === 'any'
    ? collector.size
    : collector.all().filter((one) => filters.some((filter) => matchesFilter(one, filter))).length;
}

function groupedWay(ways: readonly string[], shards: number): string {
  return shards > 1 ? `${shards} resource groups side by side: ${ways.join('; ')}` : ways.join('; ');
}

function plainCallsOf(populations: readonly Population[], scope: ReadingScope) {
  if (scope.resourceIds) {
    return {};
  }
  const pages = populations.map((one) => Math.max(1, Math.ceil(one.seen() / LIST_PAGE)));
  return {
    plainCalls: pages.reduce((sum, one) => sum + one, 0),
    ...(populations.some((one) => !one.ended()) && { countCutShort: true as const }),
  };
}

function noteOf(collector: Collector, countNote: string | undefined) {
  const notes = [
    ...(collector.changed > 0
      ? [`${collector.changed} seen twice with different tags: kept unless all of them let it go`]
      : []),
    ...(countNote === undefined ? [] : [countNote]),
  ];
  return notes.length === 0 ? {} : { note: notes.join('; ') };
}
