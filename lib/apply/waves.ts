import type { Batch } from '../batch/types.ts';
import type { Region, ResourceRef } from '../resource.ts';

/** Resources in the first wave where no canary goes before it. */
const FIRST_WAVE = 1000;

/** Each wave holds this many times the resources of the one before. */
const GROWTH = 5;

/** The most resources of a wave: its tags are in the journal before the first is touched, and it is read anew at once. */
const LARGEST_WAVE = 2500;

export interface Waves {
  /** Empty where the policy wants no canary. */
  readonly canary: readonly Batch[];
  /** What follows, region by region; regions do not wait for each other. */
  readonly byRegion: ReadonlyMap<Region, readonly (readonly Batch[])[]>;
}

/**
 * Orders the batches: a canary of at most `canary` resources, then waves that grow.
 *
 * The canary takes whole batches where they fit, spread over regions and types; only where none fits is
 * one cut, which costs one request more than planned.
 */
export function planWaves(batches: readonly Batch[], canary: number, isTelling = NOTHING_TELLS): Waves {
  const { chosen, rest } = chooseCanary(tellingFirst(batches, canary, isTelling), canary);
  const first = canary > 0 ? canary * GROWTH : FIRST_WAVE;
  const byRegion = new Map([...groupByRegion(rest)].map(([region, own]) => [region, cutWaves(own, first)]));
  return { canary: chosen, byRegion };
}

/** Whether the canary cuts a request in two, so that one more is sent than planned. */
export function isCutByCanary(batches: readonly Batch[], canary: number): boolean {
  const waves = planWaves(batches, canary);
  const planned = [...waves.byRegion.values()].flat(2).length + waves.canary.length;
  return planned > batches.length;
}

const NOTHING_TELLS = (_: ResourceRef): boolean => false;

/** Batches with a telling resource first, and it first among its own. */
function tellingFirst(
  batches: readonly Batch[],
  canary: number,
  isTelling: (ref: ResourceRef) => boolean,
): readonly Batch[] {
  if (canary === 0) return batches;
  const telling: Batch[] = [];
  const others: Batch[] = [];
  for (const batch of batches) {
    const own = batch.ids.filter((id) => isTelling({ ...batch, id }));
    if (own.length === 0) others.push(batch);
    else telling.push({ ...batch, ids: [...own, ...batch.ids.filter((id) => !own.includes(id))] });
  }
  return [...telling, ...others];
}

/** The batches of each region, in order. */
export function groupByRegion(batches: readonly Batch[]): ReadonlyMap<Region, readonly Batch[]> {
  return groupBy(batches, (batch) => batch.region);
}

function groupBy(batches: readonly Batch[], nameOf: (batch: Batch) => string): ReadonlyMap<string, Batch[]> {
  const groups = new Map<string, Batch[]>();
  for (const batch of batches) {
    const own = groups.get(nameOf(batch));
    if (own === undefined) groups.set(nameOf(batch), [batch]);
    else own.push(batch);
  }
  return groups;
}

function chooseCanary(batches: readonly Batch[], canary: number) {
  if (canary === 0 || batches.length === 0) return { chosen: [], rest: batches };
  const chosen = new Set<Batch>();
  const resources = new Set<string>();
  for (const batch of inTurns(batches)) {
    const names = namesOf(batch);
    const added = names.filter((name) => !resources.has(name));
    if (resources.size + added.length > canary) continue;
    chosen.add(batch);
    for (const name of added) resources.add(name);
    if (resources.size === canary) break;
  }
  if (chosen.size > 0) return { chosen: [...chosen], rest: batches.filter((batch) => !chosen.has(batch)) };
  const [first, ...others] = batches as readonly [Batch, ...Batch[]];
  const head = { ...first, ids: first.ids.slice(0, canary) };
  const tail = { ...first, ids: first.ids.slice(canary) };
  return { chosen: [head], rest: [tail, ...others] };
}

/** One batch of each region and type, then the next of each. */
function* inTurns(batches: readonly Batch[]): Generator<Batch> {
  const kinds = [...groupBy(batches, (batch) => `${batch.region}/${batch.type}`).values()];
  const longest = kinds.reduce((most, own) => Math.max(most, own.length), 0);
  for (let turn = 0; turn < longest; turn++) {
    for (const own of kinds) if (own[turn] !== undefined) yield own[turn]!;
  }
}

/** @param batches - of one region; at least one. */
function cutWaves(batches: readonly Batch[], first: number): readonly (readonly Batch[])[] {
  const waves: Batch[][] = [];
  let wave: Batch[] = [];
  let room = Math.min(first, LARGEST_WAVE);
  let size = room;
  for (const batch of batches) {
    if (wave.length > 0 && room < batch.ids.length) {
      waves.push(wave);
      wave = [];
      size = Math.min(size * GROWTH, LARGEST_WAVE);
      room = size;
    }
    wave.push(batch);
    room -= batch.ids.length;
  }
  waves.push(wave);
  return waves;
}

function namesOf(batch: Batch): readonly string[] {
  return batch.ids.map((id) => `${batch.region}/${batch.type}/${id}`);
}
