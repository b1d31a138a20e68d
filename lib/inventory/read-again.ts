import pLimit from 'p-limit';
import { EciError } from '../errors.ts';
import { type EciApi, MAX_IDS_PER_LIST } from '../ports.ts';
import type { Region, Resource, ResourceRef, ResourceType } from '../resource.ts';

export interface ReadAgainOptions {
  readonly eci: Pick<EciApi, 'listResources'>;
  /** List calls in flight. */
  readonly concurrency: number;
  /** Asked before each call; once false, what is not read yet stays unread. */
  readonly mayStart?: () => boolean;
  /** Called once for each resource that was read; `undefined`: it does not exist any more. */
  readonly onRead: (ref: ResourceRef, live: Resource | undefined) => void;
}

export interface ReadAgainResult {
  /** Resources of which nothing is known, because time ended or a call failed. */
  readonly unread: readonly ResourceRef[];
  /** The first failure. */
  readonly error?: EciError;
}

/**
 * Reads certain resources once more, by id, in the fewest calls.
 *
 * A type whose list call takes one id at a time is paged through instead, as long as that has not cost
 * more than asking one by one would: never more than twice the cheaper way.
 */
export async function readAgain(
  refs: readonly ResourceRef[],
  options: ReadAgainOptions,
): Promise<ReadAgainResult> {
  const limit = pLimit(options.concurrency);
  const state: ReadState = { unread: [] };
  const work: Promise<void>[] = [];
  for (const group of groupByKind(refs).values()) {
    const most = MAX_IDS_PER_LIST[group.type];
    if (most === 1 && group.ids.length > 1) {
      work.push(readSingly(group, options, limit, state));
    } else {
      work.push(...chunk(group, most).map((part) => limit(() => readIds(part, options, state))));
    }
  }
  await Promise.all(work);
  return { unread: state.unread, ...(state.error !== undefined && { error: state.error }) };
}

interface Kind {
  readonly region: Region;
  readonly type: ResourceType;
  readonly ids: readonly string[];
}

interface ReadState {
  readonly unread: ResourceRef[];
  error?: EciError;
}

type Limit = ReturnType<typeof pLimit>;

async function readIds(kind: Kind, options: ReadAgainOptions, state: ReadState): Promise<void> {
  const found = new Map<string, Resource>();
  const whole = await readPages(kind, { ids: kind.ids }, Number.POSITIVE_INFINITY, options, state, found);
  if (whole) report(kind, kind.ids, found, options);
  else state.unread.push(...kind.ids.map((id) => ({ region: kind.region, type: kind.type, id })));
}

/** Pages through the whole kind for as many calls as there are ids, then asks for the rest one by one. */
async function readSingly(
  kind: Kind,
  options: ReadAgainOptions,
  limit: Limit,
  state: ReadState,
): Promise<void> {
  const found = new Map<string, Resource>();
  const whole = await limit(() => readPages(kind, {}, kind.ids.length, options, state, found));
  if (whole) return report(kind, kind.ids, found, options);
  const seen = kind.ids.filter((id) => found.has(id));
  report(kind, seen, found, options);
  const rest = kind.ids.filter((id) => !found.has(id));
  const parts = chunk({ ...kind, ids: rest }, 1);
  await Promise.all(parts.map((part) => limit(() => readIds(part, options, state))));
}

/** True once the last page was read; false when calls, time or the service gave out. */
async function readPages(
  kind: Kind,
  filter: { readonly ids?: readonly string[] },
  mostCalls: number,
  options: ReadAgainOptions,
  state: ReadState,
  found: Map<string, Resource>,
): Promise<boolean> {
  const wanted = new Set(kind.ids);
  let nextToken: string | undefined;
  for (let calls = 0; calls < mostCalls; calls++) {
    if (options.mayStart?.() === false) return false;
    try {
      const token = nextToken === undefined ? {} : { nextToken };
      const page = await options.eci.listResources({
        region: kind.region,
        type: kind.type,
        ...filter,
        ...token,
      });
      for (const item of page.items) if (wanted.has(item.id)) found.set(item.id, item);
      nextToken = page.nextToken;
    } catch (error) {
      if (!(error instanceof EciError)) throw error;
      state.error ??= error;
      return false;
    }
    if (nextToken === undefined || nextToken === '' || found.size === wanted.size) return true;
  }
  return false;
}

function report(
  kind: Kind,
  ids: readonly string[],
  found: ReadonlyMap<string, Resource>,
  options: ReadAgainOptions,
): void {
  for (const id of ids) options.onRead({ region: kind.region, type: kind.type, id }, found.get(id));
}

function groupByKind(refs: readonly ResourceRef[]): ReadonlyMap<string, Kind & { ids: string[] }> {
  const kinds = new Map<string, Kind & { ids: string[] }>();
  for (const { region, type, id } of refs) {
    const name = `${region}/${type}`;
    const kind = kinds.get(name);
    if (kind === undefined) kinds.set(name, { region, type, ids: [id] });
    else kind.ids.push(id);
  }
  return kinds;
}

function chunk(kind: Kind, size: number): readonly Kind[] {
  const parts: Kind[] = [];
  for (let at = 0; at < kind.ids.length; at += size) {
    parts.push({ ...kind, ids: kind.ids.slice(at, at + size) });
  }
  return parts;
}
