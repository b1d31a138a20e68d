import type { TagFilter } from '../../ports.ts';
import type { Resource } from '../../resource.ts';

/** What one listing asks the server for; its parts are joined by and. */
export interface TouchFilter {
  readonly tags: readonly TagFilter[];
  readonly status?: string;
}

/** Filters of which every resource that matters matches at least one; `any`: none can be named. */
export type TouchFilters = readonly TouchFilter[] | 'any';

/** Whether a resource whose details are known matches a filter. */
export function matchesFilter(resource: Resource, filter: TouchFilter): boolean {
  return (
    (filter.status === undefined || resource.status === filter.status) &&
    filter.tags.every((wanted) =>
      resource.tags?.some(
        (tag) => tag.key === wanted.key && (wanted.value === undefined || tag.value === wanted.value),
      ),
    )
  );
}

/** Filters for either of several needs. */
export function union(lists: readonly TouchFilters[]): TouchFilters {
  const filters: TouchFilter[] = [];
  for (const list of lists) {
    if (list === 'any') {
      return 'any';
    }
    filters.push(...list);
  }
  return withoutRepeats(filters);
}

/** Filters for two needs at once: joined where that costs no more listings, else the fewer. */
export function both(a: TouchFilters, b: TouchFilters): TouchFilters {
  if (a === 'any' || b === 'any') {
    return a === 'any' ? b : a;
  }
  if (a.length > 1 && b.length > 1) {
    return a.length <= b.length ? a : b;
  }
  return withoutRepeats(a.flatMap((one) => b.map((other) => join(one, other))));
}

/** The most tags that each list operation filters by. */
const MOST_FILTER_TAGS = 10;

function join(a: TouchFilter, b: TouchFilter): TouchFilter {
  // A key asked for twice, or a second status, is left out: fewer parts find more, never less.
  const tags = [...a.tags];
  for (const tag of b.tags) {
    if (tags.length < MOST_FILTER_TAGS && !tags.some((one) => one.key === tag.key)) {
      tags.push(tag);
    }
  }
  const status = a.status ?? b.status;
  return status === undefined ? { tags } : { tags, status };
}

/** Drops each filter that another one covers. */
function withoutRepeats(filters: readonly TouchFilter[]): readonly TouchFilter[] {
  return filters.filter(
    (filter, at) =>
      !filters.some(
        (other, otherAt) =>
          otherAt !== at && covers(other, filter) && (otherAt < at || !covers(filter, other)),
      ),
  );
}

function covers(wide: TouchFilter, narrow: TouchFilter): boolean {
  return (
    (wide.status === undefined || wide.status === narrow.status) &&
    wide.tags.every((tag) =>
      narrow.tags.some((one) => one.key === tag.key && (tag.value === undefined || tag.value === one.value)),
    )
  );
}

/** The filters in words. */
export function describeFilters(filters: readonly TouchFilter[]): string {
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
