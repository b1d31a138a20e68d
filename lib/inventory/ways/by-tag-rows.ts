import { LIST_PAGE, RESOURCE_KINDS } from '../../kinds.ts';
import type { TagRow } from '../../ports.ts';
import { compareText, type Resource, type Tag } from '../../resource.ts';
import { sameTags } from '../collector.ts';
import { isRefusal } from '../gaps.ts';
import { readDetails, type Shard, tagRowPager } from '../shard.ts';
import { costOfRows, type ShardNeeds } from './choose.ts';
import { type FirstLook, populationOf } from './first-look.ts';

/** Rows a page worth hoping for: with fewer, the first page says so, which costs one call. */
const HOPED_ROWS = 100;

/** The rows of one resource. */
interface Sighting {
  readonly page: number;
  readonly tags: Map<string, string>;
  /** Rows on more than one page, or of one key twice: it may have changed in between. */
  torn: boolean;
}

/**
 * Reads rows of tags, one for each tag of each resource, instead of resources; what has no tag is in no row,
 * and loses none.
 *
 * No other operation says that these are all. So the rows are held against resources that were read in
 * full, those of the first page, or else a few of their own; a resource whose rows may be of two moments is
 * read again by its id. Goes on only as long as it costs less than the other way would for what was counted:
 * together never more than twice the cheaper one.
 *
 * @param needs - `below`: what the other way costs per page of resources.
 * @returns `taken`: all is read; else go another way, since the rows were `dearer`, or `doubted`: what was read in full
 *   does not bear them out, or they are refused.
 */
export async function readTagRows(
  look: FirstLook,
  needs: Pick<ShardNeeds, 'maxPercent'> & { readonly below: number },
): Promise<'taken' | 'dearer' | 'doubted'> {
  if (costOfRows(look, HOPED_ROWS, needs.maxPercent) >= needs.below) {
    return 'dearer';
  }
  try {
    const sightings = await sightAll(look, needs);
    if (sightings === undefined) return 'dearer';
    return (await takeTrusted(look, sightings)) ? 'taken' : 'doubted';
  } catch (error) {
    if (isRefusal(error)) {
      return 'doubted';
    }
    throw error;
  }
}

/** All rows by resource; nothing where they cost too much. */
async function sightAll(
  look: FirstLook,
  { maxPercent, below }: { readonly maxPercent: number; readonly below: number },
): Promise<ReadonlyMap<string, Sighting> | undefined> {
  const rows = tagRowPager(look.shard);
  const population = populationOf(look);
  const sightings = new Map<string, Sighting>();
  while (!rows.ended) {
    const page = await rows.next();
    for (const { row } of page) {
      sight(sightings, row, rows.calls);
    }
    if (!rows.ended && rows.calls === 1 && costOfRows(look, page.length, maxPercent) >= below) {
      return undefined;
    }
    while (!rows.ended && rows.calls >= Math.max(1, (below * look.counted.size) / LIST_PAGE)) {
      if (population.ended()) {
        return undefined;
      }
      await population.more();
    }
  }
  return sightings;
}

function sight(sightings: Map<string, Sighting>, { id, key, value }: TagRow, page: number): void {
  const known = sightings.get(id);
  if (known === undefined) {
    sightings.set(id, { page, tags: new Map([[key, value]]), torn: false });
    return;
  }
  known.torn ||= known.page !== page || known.tags.has(key);
  known.tags.set(key, value);
}

/** Takes the sightings over if nothing speaks against them. */
async function takeTrusted(look: FirstLook, sightings: ReadonlyMap<string, Sighting>): Promise<boolean> {
  const { shard, shown, counted } = look;
  const torn = [...sightings].filter(([, one]) => one.torn).map(([id]) => id);
  const whole = [...sightings].filter(([, one]) => !one.torn).map(([id, one]) => toResource(shard, id, one));
  const tagged = shown
    .map((id) => shard.collector.get(id)!)
    .filter((one) => one.tags === undefined || one.tags.length > 0);
  if (!(await isBorneOut(shard, tagged, sightings, whole))) {
    return false;
  }
  await readDetails(shard, torn);
  for (const resource of whole) {
    const before = shard.collector.get(resource.id);
    if (before === undefined || !sameTags(before.tags, resource.tags)) {
      shard.collector.add(resource);
    }
  }
  for (const id of sightings.keys()) {
    counted.add(id);
  }
  return true;
}

/** Whether resources that were read in full bear the rows out: those shown, or else a few of the rows' own. */
async function isBorneOut(
  shard: Shard,
  tagged: readonly Resource[],
  sightings: ReadonlyMap<string, Sighting>,
  whole: readonly Resource[],
): Promise<boolean> {
  const tells = (resource: Resource): boolean => {
    const sighting = sightings.get(resource.id);
    return (
      sighting?.torn === true ||
      sameTags(resource.tags, sighting ? toResource(shard, resource.id, sighting).tags : [])
    );
  };
  const doubted =
    tagged.length > 0
      ? tagged.filter((one) => !tells(one))
      : whole.slice(0, RESOURCE_KINDS[shard.type].list.ids.most);
  let found = 0;
  let borneOut = true;
  await readDetails(
    shard,
    doubted.map((one) => one.id),
    (resource) => {
      shard.collector.add(resource);
      found += 1;
      borneOut &&= tells(resource);
    },
  );
  // Rows of nothing, where nothing was shown with a tag, may be those of somebody who may not look.
  return borneOut && (tagged.length > 0 || found > 0);
}

function toResource({ region, type }: Shard, id: string, { tags }: Sighting): Resource {
  const sorted = [...tags].map(([key, value]): Tag => ({ key, value }));
  return { region, type, id, tags: sorted.sort((a, b) => compareText(a.key, b.key)) };
}
