import type { LimitFunction } from 'p-limit';
import { CleanupError, EciError } from '../errors.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import type { EciApi, TagRow } from '../ports.ts';
import { compareText, type Region, type Resource, type ResourceType, type Tag } from '../resource.ts';
import { createPager } from './pager.ts';

/** Resources of one region and type. */
export interface Kind {
  readonly region: Region;
  readonly type: ResourceType;
  readonly ids: readonly string[];
}

/** How to ask for resources by id. */
export interface Asking {
  readonly eci: Pick<EciApi, 'listResources' | 'listTagResources'>;
  /** Bounds the calls in flight. */
  readonly limit: LimitFunction;
  /** Asked before each call; once false, nothing more is asked for. */
  readonly mayStart?: () => boolean;
  /** The bucket in which data caches are asked for. */
  readonly bucket?: string;
  /** Told of each call. */
  readonly onCall?: () => void;
  readonly signal?: AbortSignal;
}

/** What could not be asked for, and the first reason; without one, time ended. */
export interface Unasked {
  readonly unread: readonly string[];
  readonly error?: EciError;
}

/** Ids of one ListTagResources call: what tag operations of the cloud's other products take at least. */
const TAG_IDS = 50;

/**
 * Asks the list for ids, as many a call as the type takes, side by side.
 *
 * @param take - told of each id that was answered: `undefined` where there is no such resource.
 */
export async function askById(
  kind: Kind,
  asking: Asking,
  take: (id: string, live: Resource | undefined) => void,
): Promise<Unasked> {
  return await inParts(kind, RESOURCE_KINDS[kind.type].list.ids.most, asking, {
    ask: async (ids) => {
      const found = new Map<string, Resource>();
      if (!(await pageThrough({ ...kind, ids }, { ids }, asking, found))) return false;
      for (const id of ids) take(id, found.get(id));
      return true;
    },
    onGone: (id) => take(id, undefined),
  });
}

/** Pages through the whole kind, for as many calls as there are ids, until all of them were seen. */
export async function pageFor(
  kind: Kind,
  asking: Asking,
): Promise<{ readonly found: ReadonlyMap<string, Resource>; readonly error?: EciError }> {
  const found = new Map<string, Resource>();
  try {
    await asking.limit(() => pageThrough(kind, {}, asking, found, kind.ids.length));
    return { found };
  } catch (thrown) {
    return { found, error: failureOf(thrown, kind) };
  }
}

/**
 * Asks ListTagResources for the tags of resources whose list did not send them: no row is no tag.
 *
 * Resources come back as they are, without tags, where that does not tell either: it is refused, shows one
 * key with two values, or shows nothing of the `witness`.
 *
 * @param asking - `witness`: a resource of the same region and type that is known to have tags.
 */
export async function askTags(
  place: Omit<Kind, 'ids'>,
  resources: readonly Resource[],
  asking: Asking & { readonly witness?: Resource | undefined },
): Promise<Unasked & { readonly resources: readonly Resource[] }> {
  const { witness } = asking;
  const known = new Map(resources.map((resource) => [resource.id, resource]));
  const kind = { ...place, ids: [...known.keys()] };
  const unasked = await inParts(kind, witness === undefined ? TAG_IDS : TAG_IDS - 1, asking, {
    ask: async (ids) => {
      const rows = await rowsOf({ ...kind, ids: witness ? [...ids, witness.id] : ids }, asking);
      if (rows === 'unasked') return false;
      if (rows === 'refused' || (witness && !rows.has(witness.id))) return true;
      for (const id of ids) {
        const tags = tagsOf(rows.get(id) ?? []);
        if (tags) known.set(id, { ...known.get(id)!, tags });
      }
      return true;
    },
    // Listed a moment ago: whether it has vanished since is for the next reading to say.
    onGone: () => undefined,
  });
  return { ...unasked, resources: [...known.values()] };
}

/** Asks for ids part by part, side by side; a part that is refused since one of its ids is gone is halved. */
async function inParts(
  kind: Kind,
  most: number,
  asking: Asking,
  part: {
    /** False: it was not asked for. */
    readonly ask: (ids: readonly string[]) => Promise<boolean>;
    readonly onGone: (id: string) => void;
  },
): Promise<Unasked> {
  const unread: string[] = [];
  let error: EciError | undefined;
  const ask = async (ids: readonly string[]): Promise<void> => {
    try {
      if (!(await asking.limit(() => part.ask(ids)))) unread.push(...ids);
    } catch (thrown) {
      const failure = failureOf(thrown, kind);
      if (failure.kind !== 'gone') {
        unread.push(...ids);
        error ??= failure;
      } else if (ids.length === 1) part.onGone(ids[0]!);
      else await Promise.all(chunk(ids, Math.ceil(ids.length / 2)).map(ask));
    }
  };
  await Promise.all(chunk(kind.ids, most).map(ask));
  return { unread, ...(error && { error }) };
}

/** Reads pages until every id was seen; false when the calls or the time gave out. */
async function pageThrough(
  { region, type, ids: all }: Kind,
  filter: { readonly ids?: readonly string[] },
  asking: Asking,
  found: Map<string, Resource>,
  mostCalls = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const wanted = new Set(all);
  const { eci, mayStart, onCall, signal, bucket } = asking;
  const place = { region, type, ...(bucket !== undefined && { bucket }) };
  const pager = createPager<Resource>(
    `${type} by id in ${region}`,
    (page) => {
      onCall?.();
      return eci.listResources({ ...place, ...filter, ...page });
    },
    signal,
  );
  while (!pager.ended && found.size < wanted.size) {
    if (pager.calls >= mostCalls || mayStart?.() === false) return false;
    for (const item of await pager.next()) if (wanted.has(item.id)) found.set(item.id, item);
  }
  return true;
}

type Rows = ReadonlyMap<string, readonly TagRow[]>;

async function rowsOf({ region, type, ids }: Kind, asking: Asking): Promise<Rows | 'unasked' | 'refused'> {
  const { eci, mayStart, onCall, signal } = asking;
  const pager = createPager(
    `tags of ${type} by id in ${region}`,
    async (page) => {
      onCall?.();
      const answer = await eci.listTagResources({ region, type, ids, ...page });
      return { ...answer, items: answer.items.map((row) => ({ id: `${row.id}\u0000${row.key}`, row })) };
    },
    signal,
  );
  const rows = new Map<string, TagRow[]>();
  try {
    while (!pager.ended) {
      if (mayStart?.() === false) return 'unasked';
      for (const { row } of await pager.next()) {
        const own = rows.get(row.id);
        if (own === undefined) rows.set(row.id, [row]);
        else own.push(row);
      }
    }
    return rows;
  } catch (error) {
    if (error instanceof EciError && error.kind === 'rejected') return 'refused';
    throw error;
  }
}

/** Sorted by key; undefined where one key has two values. */
function tagsOf(rows: readonly TagRow[]): readonly Tag[] | undefined {
  const values = new Map<string, string>();
  for (const { key, value } of rows) {
    if (values.has(key) && values.get(key) !== value) return undefined;
    values.set(key, value);
  }
  return [...values].map(([key, value]) => ({ key, value })).sort((a, b) => compareText(a.key, b.key));
}

/** What a call threw as an `EciError`; what is no failure of a call is thrown on. */
function failureOf(thrown: unknown, { region, type }: Omit<Kind, 'ids'>): EciError {
  if (thrown instanceof EciError) return thrown;
  if (!(thrown instanceof CleanupError) || thrown.code !== 'INVENTORY_INCOMPLETE') throw thrown;
  return new EciError(thrown.message, {
    kind: 'rejected',
    apiCode: thrown.code,
    apiName: RESOURCE_KINDS[type].list.api,
    region,
    outcomeUnknown: false,
  });
}

function chunk(ids: readonly string[], size: number): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  for (let at = 0; at < ids.length; at += size) parts.push(ids.slice(at, at + size));
  return parts;
}
