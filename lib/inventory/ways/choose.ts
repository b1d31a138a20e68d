import { LIST_PAGE, STATUS_PAGE } from '../../kinds.ts';
import type { Resource } from '../../resource.ts';
import { matchesFilter, type TouchFilter, type TouchFilters } from '../needs/filter.ts';
import type { FirstLook } from './first-look.ts';

/** What a shard's reading has to find, and to count. */
export interface ShardNeeds {
  /** What the policy can touch. */
  readonly filters: TouchFilters;
  /** Below 100 a narrowed reading has to be counted as well. */
  readonly maxPercent: number;
  /** Whether rows of tags are relied on, and are all that the policy needs. */
  readonly tagRows: boolean;
  /** Page by page, whatever shorter way there is; that is held against it. */
  readonly plain: boolean;
}

/**
 * A way to go on from the first look, and what it costs: in calls per full page of resources, so that
 * nobody has to know how many there are.
 */
export type Way =
  | { readonly by: 'filters'; readonly filters: readonly TouchFilter[]; readonly cost: number }
  | { readonly by: 'everything'; readonly cost: number };

/** With more filters than this, listings by filter no longer pay. */
const MOST_FILTERS = 10;

/**
 * Chooses between listings by filter and a listing of everything, by what the first pages show. Both find
 * all that the policy can touch.
 */
export function chooseWay(look: FirstLook, needs: ShardNeeds): Way {
  const filters = worthwhile(look, needs.filters);
  const cost = filters ? costOfFilters(look, filters, needs.maxPercent) : 1;
  return filters && cost < 1
    ? { by: 'filters', filters, cost }
    : { by: 'everything', cost: look.ids ? 1 + LIST_PAGE / STATUS_PAGE : 1 };
}

/** The same for rows of tags, so many a page: one for each tag, none for a resource without. */
export function costOfRows(look: FirstLook, rowsAPage: number, maxPercent: number): number {
  const { shard, shown } = look;
  const tags = shown.reduce((sum, id) => sum + (shard.collector.get(id)?.tags?.length ?? 0), 0);
  const tagged = shareOf(look, (one) => (one.tags?.length ?? 0) > 0);
  const pages = (tags / Math.max(shown.length, 1)) * (LIST_PAGE / Math.max(rowsAPage, 1));
  return pages + tagged * costOfCount(look, maxPercent);
}

function worthwhile({ ids, shown }: FirstLook, filters: TouchFilters): readonly TouchFilter[] | undefined {
  if (filters === 'any' || filters.length > MOST_FILTERS) {
    return undefined;
  }
  const left = ids?.pager.ended ? Math.ceil((ids.listed.length - shown.length) / LIST_PAGE) : Infinity;
  return left <= filters.length ? undefined : filters;
}

function costOfFilters(look: FirstLook, filters: readonly TouchFilter[], maxPercent: number): number {
  const carried = filters.map((filter) => shareOf(look, (one) => matchesFilter(one, filter)));
  const share = carried.reduce((sum, one) => sum + one, 0);
  return share + share * costOfCount(look, maxPercent);
}

/** For each page of resources found, 100 / maxPercent pages are counted, or fewer larger ones of ids. */
function costOfCount({ ids }: FirstLook, maxPercent: number): number {
  const factor = maxPercent >= 100 || maxPercent === 0 ? 0 : 100 / maxPercent;
  return factor / (ids ? STATUS_PAGE / LIST_PAGE : 1);
}

function shareOf({ shard, shown }: FirstLook, holds: (resource: Resource) => boolean): number {
  const found = shown.filter((id) => {
    const resource = shard.collector.get(id);
    return resource !== undefined && holds(resource);
  });
  return found.length / Math.max(shown.length, 1);
}
