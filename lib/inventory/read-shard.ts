import type { ContainerGroupStatus } from '../ports.ts';
import type { Resource } from '../resource.ts';
import { isRefusal, readThroughIds, stillThere } from './by-status.ts';
import type { Pager } from './pager.ts';
import { settleAll } from './settle.ts';
import {
  LIST_PAGE,
  listPager,
  type Population,
  type Shard,
  type ShardResult,
  STATUS_PAGE,
  statusPager,
} from './shard.ts';
import { matchesFilter, type TouchFilter, type TouchFilters } from './touch-filters.ts';

/** With more filters than this, listings by filter no longer pay. */
const MOST_FILTERS = 10;

/** Where a shard's reading stands: what was shown page by page, and every id seen. */
interface State {
  readonly shard: Shard;
  readonly plain: Pager<Resource>;
  /** Ids on the plain pages. */
  readonly shown: string[];
  /** Every id seen in any way: the population, as far as it was counted. */
  readonly counted: Set<string>;
}

/**
 * Reads every resource of a shard that the policy can touch, in the fewest calls.
 *
 * The first plain page comes first: it is all there is for most regions and types, shows how common the
 * wanted tags are, and is what other operations are held against. From there: listings by tag filter where
 * the policy names a few exact keys and few resources carry them; else ids 200 a page with details side by
 * side (container groups); else plain pages to the end.
 *
 * @param needs - `filters`: what the policy can touch. `maxPercent`: below 100 a narrowed reading has to be
 *   counted as well, which the choice takes into account.
 */
export async function readShard(
  shard: Shard,
  needs: { readonly filters: TouchFilters; readonly maxPercent: number },
): Promise<ShardResult> {
  const state: State = { shard, plain: listPager(shard), shown: [], counted: new Set() };
  await showPage(state);
  if (state.plain.ended) {
    return finished(state, 'plain pages');
  }
  const ids = shard.type === 'ContainerGroup' ? await firstIds(state) : undefined;
  const filters = worthwhile(state, needs, ids);
  if (filters && !ids) {
    // Buying filters only after as many plain pages as they cost at least: never more than twice the best.
    while (!state.plain.ended && state.plain.calls <= filters.length) {
      await showPage(state);
    }
  }
  if (filters && !state.plain.ended && (await readFiltered(state, filters))) {
    return narrowed(state, filters, ids);
  }
  return readFully(state, ids);
}

async function showPage(state: State): Promise<void> {
  for (const resource of await state.plain.next()) {
    // What the collector did not take is outside the scope.
    if (state.shard.collector.has(resource.id)) {
      state.shown.push(resource.id);
      state.counted.add(resource.id);
    }
  }
}

interface StartedIds {
  readonly pager: Pager<ContainerGroupStatus>;
  readonly first: readonly string[];
}

/** The first page of ids; nothing where that operation is refused. */
async function firstIds(state: State): Promise<StartedIds | undefined> {
  const pager = statusPager(state.shard);
  try {
    const first = (await pager.next()).map((one) => one.id);
    for (const id of first) {
      state.counted.add(id);
    }
    return { pager, first };
  } catch (error) {
    if (isRefusal(error)) {
      return undefined;
    }
    throw error;
  }
}

function worthwhile(
  state: State,
  needs: { readonly filters: TouchFilters; readonly maxPercent: number },
  ids: StartedIds | undefined,
): readonly TouchFilter[] | undefined {
  const { filters, maxPercent } = needs;
  if (filters === 'any' || filters.length > MOST_FILTERS) {
    return undefined;
  }
  const left = ids?.pager.ended ? Math.ceil((ids.first.length - state.shown.length) / LIST_PAGE) : Infinity;
  if (left <= filters.length) {
    return undefined;
  }
  const { collector } = state.shard;
  const carried = filters.map(
    (filter) =>
      state.shown.filter((id) => matches(collector.get(id), filter)).length / Math.max(state.shown.length, 1),
  );
  const share = carried.reduce((sum, one) => sum + one, 0);
  // In plain pages per plain page: found resources are listed, and 100 / maxPercent times as many counted.
  const countFactor = maxPercent >= 100 || maxPercent === 0 ? 0 : 100 / maxPercent;
  const cost = share * (1 + countFactor / (ids ? STATUS_PAGE / LIST_PAGE : 1));
  return cost < 1 ? filters : undefined;
}

function matches(resource: Resource | undefined, filter: TouchFilter): boolean {
  return resource !== undefined && matchesFilter(resource, filter);
}

/**
 * One listing per filter, side by side.
 *
 * @returns whether the server's filters can be relied on: a resource on a plain page that carries what was
 *   asked for, and is in no filtered listing, says that they cannot.
 */
async function readFiltered(state: State, filters: readonly TouchFilter[]): Promise<boolean> {
  const { shard } = state;
  const fresh = new Set(state.shown);
  const found = new Set<string>();
  const onId = (id: string): void => {
    found.add(id);
    state.counted.add(id);
  };
  await settleAll(filters.map((filter) => readFilter(shard, filter, fresh, onId)));
  const belongs = (resource: Resource): boolean => filters.some((filter) => matchesFilter(resource, filter));
  const missing = state.shown.filter((id) => {
    const resource = shard.collector.get(id);
    return resource !== undefined && !found.has(id) && belongs(resource);
  });
  return missing.length === 0 || !(await stillThere(shard, missing, belongs));
}

async function readFilter(
  shard: Shard,
  filter: TouchFilter,
  fresh: Set<string>,
  onId: (id: string) => void,
): Promise<void> {
  const list = listPager(shard, filter);
  const shown: string[] = [];
  const page = async (): Promise<void> => {
    for (const { id } of await list.next()) {
      shown.push(id);
      fresh.add(id);
      onId(id);
    }
  };
  await page();
  if (!list.ended && shard.type === 'ContainerGroup' && filter.status === undefined) {
    const belongs = (resource: Resource): boolean => matchesFilter(resource, filter);
    if (await readThroughIds(shard, statusPager(shard, filter), { fresh, shown, belongs, onId })) {
      return;
    }
  }
  while (!list.ended) {
    await page();
  }
}

async function readFully(state: State, ids: StartedIds | undefined): Promise<ShardResult> {
  const { shard, counted } = state;
  if (ids) {
    const { resourceGroupId } = shard;
    const trusted = await readThroughIds(shard, ids.pager, {
      first: ids.first,
      fresh: new Set(state.shown),
      shown: state.shown,
      belongs: (resource) => resourceGroupId === undefined || resource.resourceGroupId === resourceGroupId,
      onId: (id) => counted.add(id),
    });
    if (trusted) {
      return finished(state, `ids ${STATUS_PAGE} a page, details by ${LIST_PAGE} side by side`);
    }
  }
  while (!state.plain.ended) {
    await showPage(state);
  }
  return finished(state, 'plain pages');
}

function finished(state: State, way: string): ShardResult {
  const { size } = state.counted;
  return {
    way,
    population: { seen: () => size, ended: () => true, more: async () => {}, pageSize: 0 },
  };
}

function narrowed(state: State, filters: readonly TouchFilter[], ids: StartedIds | undefined): ShardResult {
  return {
    way: wayOf(filters),
    population: ids
      ? byPages(state.counted, ids.pager, STATUS_PAGE)
      : byPages(state.counted, state.plain, LIST_PAGE),
  };
}

/** Counts on with a listing that was begun. */
export function byPages(
  counted: Set<string>,
  pager: Pager<{ readonly id: string }>,
  pageSize: number,
): Population {
  return {
    seen: () => counted.size,
    ended: () => pager.ended,
    more: async () => {
      for (const { id } of await pager.next()) {
        counted.add(id);
      }
    },
    pageSize,
  };
}

function wayOf(filters: readonly TouchFilter[]): string {
  if (filters.length === 0) {
    return 'first page only: the policy can touch nothing here';
  }
  const parts = filters.map(({ tags, status }) =>
    [
      ...tags.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)),
      ...(status === undefined ? [] : [`status ${status}`]),
    ].join(' and '),
  );
  return `filtered by ${parts.join('; or ')}`;
}
