import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import { joinLists } from '../lazy-list.ts';
import type { Policy } from '../policy/policy.ts';
import type { EciApi } from '../ports.ts';
import { compareText, type Region, type Resource } from '../resource.ts';
import { counted } from '../text.ts';
import { skipClosed } from './closed.ts';
import { lookForDenials, NO_DENIALS } from './denied.ts';
import { ALL_REGIONS, gapOf } from './gaps.ts';
import type { Gap, Inventory, Narrowing } from './inventory.ts';
import { createPools } from './pools.ts';
import { countPopulation } from './population.ts';
import { type PlaceReading, readPlace } from './read-place.ts';
import { narrowScope, type ReadingScope } from './scope.ts';
import { settleAll } from './settle.ts';

/** How far a reading is, for a person who watches. */
export interface ReadingProgress {
  /** Resources seen. */
  readonly done: number;
  readonly text: string;
}

export interface ReadingOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Called now and then, at most a few times a second. */
  readonly onProgress?: (progress: ReadingProgress) => void;
  /** Reads by id in flight per region; default 8. */
  readonly concurrency?: number;
  /** Whether ListTagResources is relied on to list every tag where asked for no key and no id; default not. */
  readonly tagRows?: (region: Region) => boolean;
  /** Whether to read page by page, whatever shorter way there is, and to hold that one against it; default not. */
  readonly plain?: boolean;
}

const PROGRESS_EVERY_MS = 200;
const DEFAULT_CONCURRENCY = 8;

/**
 * Reads what the policy can touch, in the cheapest complete way: all regions and types at once, at the pace
 * that `eci` keeps.
 *
 * A listing that fails for good leaves a gap and an inventory that is not complete; it never throws.
 *
 * @param eci - paced and retried already.
 * @throws {CleanupError} code `INVALID_REQUEST` when the request reaches outside the policy's scope.
 * @throws {EciError} of kind `fatal`: credentials, account or clock.
 */
export async function readInventory(
  eci: EciApi,
  source: { readonly policy: Policy; readonly narrowing: Narrowing },
  options: ReadingOptions,
): Promise<Inventory> {
  const scope = narrowScope(source.policy, source.narrowing);
  const regions = await regionsOf(eci, scope);
  if ('code' in regions) {
    return {
      complete: false,
      regions: [],
      resources: [],
      resourcesSeen: 0,
      seenByRegion: new Map(),
      gaps: [regions],
      skipped: [],
      unseen: 0,
      warnings: [],
      readings: [],
    };
  }
  const places = await readPlaces(eci, source.policy, scope, regions, options);
  return summarize(eci, source.policy, scope, regions, places);
}

async function regionsOf(eci: EciApi, scope: ReadingScope): Promise<readonly Region[] | Gap> {
  if (scope.regions !== 'all') {
    return [...scope.regions].sort(compareText);
  }
  try {
    return [...new Set(await eci.describeRegions())].sort(compareText);
  } catch (error) {
    return gapOf(error, ALL_REGIONS);
  }
}

async function readPlaces(
  eci: EciApi,
  policy: Policy,
  scope: ReadingScope,
  regions: readonly Region[],
  options: ReadingOptions,
): Promise<readonly PlaceReading[]> {
  const pools = createPools();
  const limits = new Map(
    regions.map((region) => [region, pLimit(options.concurrency ?? DEFAULT_CONCURRENCY)]),
  );
  const tick = progressTicker(options);
  const reads = regions.flatMap((region) =>
    [...scope.resourceTypes].sort(compareText).map((type) =>
      readPlace({
        eci,
        policy,
        scope,
        region,
        type,
        pools,
        limit: limits.get(region)!,
        tagRows: options.tagRows?.(region) === true,
        plain: options.plain === true,
        tick,
        ...(options.signal ? { signal: options.signal } : {}),
      }),
    ),
  );
  return settleAll(reads);
}

function progressTicker({ clock, onProgress }: ReadingOptions): (added: number) => void {
  let done = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  return (added) => {
    done += added;
    const nowMs = clock.now();
    if (onProgress && nowMs - lastAtMs >= PROGRESS_EVERY_MS) {
      lastAtMs = nowMs;
      onProgress({ done, text: `${done} resources read` });
    }
  };
}

function seenIn(region: Region, places: readonly PlaceReading[]): number {
  return places
    .filter((place) => place.region === region)
    .reduce((sum, { populations, collector }) => {
      const counted = populations.reduce((all, one) => all + one.seen(), 0);
      return sum + Math.max(counted, collector.size);
    }, 0);
}

async function summarize(
  eci: EciApi,
  policy: Policy,
  scope: ReadingScope,
  regions: readonly Region[],
  places: readonly PlaceReading[],
): Promise<Inventory> {
  const { gaps: open, skipped } = skipClosed(
    places.flatMap((place) => place.gaps),
    regions,
    scope,
  );
  const resources = joinLists(places.map((place) => place.collector.all()));
  const count = await countPopulation(
    places.flatMap((place) => place.populations),
    places.reduce((sum, place) => sum + place.touchable(), 0),
    policy.limits.maxPercent,
  );
  const denials = scope.resourceIds ? NO_DENIALS : await lookForDenials(eci, scope, places);
  const gaps = [...open, ...denials.gaps];
  const unseen = places.flatMap((place) => place.collector.bare());
  return {
    complete: gaps.length === 0,
    regions,
    resources,
    resourcesSeen: Math.max(count.seen, resources.length),
    seenByRegion: new Map(regions.map((region) => [region, seenIn(region, places)])),
    gaps,
    skipped,
    unseen: unseen.length,
    warnings: [
      ...(unseen.length === 0 ? [] : [tellUnseen(unseen)]),
      ...skipped.map(({ why }) => why),
      ...denials.warnings,
      ...places.flatMap(({ warnings }) => warnings),
    ],
    readings: places.map((place) => place.reading(count.note)),
  };
}

function tellUnseen(unseen: readonly Resource[]): string {
  const [{ id, region }] = unseen as [Resource];
  return `${counted(unseen.length, 'resource')}, ${id} in ${region} among them, came without tags, and ListTagResources does not tell them either: nothing is removed there. Is ListTagResources allowed?`;
}
