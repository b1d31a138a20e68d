import pLimit from 'p-limit';
import type { EciError } from '../errors.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import type { Resource, ResourceRef } from '../resource.ts';
import { type Asking, askById, askTags, type Kind, pageFor, type Unasked } from './ask.ts';

export interface ReadByIdsOptions {
  /** Paced and retried: how patient a call is with the service is the meter's to say. */
  readonly eci: Asking['eci'];
  /** Calls in flight. */
  readonly concurrency: number;
  /** Asked before each call; once false, what is not read yet stays unread. */
  readonly mayStart?: () => boolean;
  /** Names of buckets in which data caches are looked for that a reading without a bucket does not show. */
  readonly buckets?: Iterable<string>;
  /**
   * Called once for each resource that was read. `undefined`: it does not exist any more. One without `tags`
   * is there, and neither its list nor ListTagResources tells its tags.
   */
  readonly onRead: (ref: ResourceRef, live: Resource | undefined) => void;
}

export interface ReadByIdsResult {
  /** Resources of which nothing is known, because time ended or a call failed. */
  readonly unread: readonly ResourceRef[];
  /** The first failure. */
  readonly error?: EciError;
}

/**
 * Reads certain resources by id, in the fewest calls: the one reader of all who know what they look for.
 *
 * Ids that are gone may be missing from the answer, or refuse the whole call, which is then halved until each
 * stands alone. A type whose list call takes one id at a time is paged through first, as long as that has not
 * cost more than asking one by one would: never more than twice the cheaper way. Tags that the list did not
 * send are asked of ListTagResources. A data cache is looked for in every bucket that is known: a reading without one may
 * show those of the bucket `default` alone.
 */
export async function readByIds(
  refs: readonly ResourceRef[],
  options: ReadByIdsOptions,
): Promise<ReadByIdsResult> {
  const { eci, concurrency, mayStart, onRead, buckets = [] } = options;
  const asking: Asking = { eci, limit: pLimit(concurrency), ...(mayStart && { mayStart }) };
  const results = await Promise.all(
    groupByKind(refs).map((kind) => readKind(kind, asking, [...buckets], onRead)),
  );
  const error = results.find((result) => result.error)?.error;
  return { unread: results.flatMap(({ unread }) => unread), ...(error && { error }) };
}

async function readKind(
  kind: Kind,
  asking: Asking,
  buckets: readonly string[],
  onRead: ReadByIdsOptions['onRead'],
): Promise<ReadByIdsResult> {
  const { region, type } = kind;
  const refOf = (id: string): ResourceRef => ({ region, type, id });
  const bare: Resource[] = [];
  let missing: Resource[] = [];
  let witness: Resource | undefined;
  const take = (id: string, live: Resource | undefined): void => {
    if (live !== undefined && live.tags === undefined) {
      bare.push(live);
      return;
    }
    if (live?.tags !== undefined && live.tags.length > 0) witness = live;
    if (live === undefined && type === 'DataCache') missing.push(refOf(id));
    else onRead(refOf(id), live);
  };
  const paged = await pagedFirst(kind, asking, take);
  const asked = await askById({ ...kind, ids: paged.ids }, asking, take);
  const inBuckets: Unasked[] = [];
  for (const bucket of buckets) {
    const ids = missing.map(({ id }) => id);
    missing = [];
    if (ids.length > 0) inBuckets.push(await askById({ ...kind, ids }, { ...asking, bucket }, take));
  }
  const tagged = await askTags(kind, bare, { ...asking, witness });
  // A bucket that nobody named may hide it: what has tags is there.
  const sought = await askTags(kind, missing, { ...asking, witness });
  const results = [asked, ...inBuckets, tagged, sought];
  const unread = new Set(results.flatMap((result) => result.unread));
  for (const live of sought.resources) {
    if (!unread.has(live.id)) onRead(refOf(live.id), live.tags?.length ? live : undefined);
  }
  for (const live of tagged.resources) if (!unread.has(live.id)) onRead(refOf(live.id), live);
  const error = paged.error ?? results.find((result) => result.error)?.error;
  return { unread: [...unread].map(refOf), ...(error && { error }) };
}

/** Ids that are left after paging through the kind, where its list takes one id a call. */
async function pagedFirst(
  kind: Kind,
  asking: Asking,
  take: (id: string, live: Resource) => void,
): Promise<{ readonly ids: readonly string[]; readonly error?: EciError }> {
  if (RESOURCE_KINDS[kind.type].list.ids.most > 1 || kind.ids.length < 2) return { ids: kind.ids };
  const { found, error } = await pageFor(kind, asking);
  for (const id of kind.ids) if (found.has(id)) take(id, found.get(id)!);
  // Pages may be late: what they do not show is gone once it is not found by its id either.
  return { ids: kind.ids.filter((id) => !found.has(id)), ...(error && { error }) };
}

function groupByKind(refs: readonly ResourceRef[]): readonly Kind[] {
  const kinds = new Map<string, Kind & { readonly ids: string[] }>();
  for (const { region, type, id } of refs) {
    const name = `${region}/${type}`;
    const kind = kinds.get(name);
    if (kind === undefined) kinds.set(name, { region, type, ids: [id] });
    else kind.ids.push(id);
  }
  return [...kinds.values()];
}
