import type { Condition, KeyTest, Policy, RemoveRule, ValueTest } from '../policy/policy.ts';
import type { TagFilter } from '../ports.ts';
import type { Region, Resource, ResourceType } from '../resource.ts';

/** What one listing asks the server for; its parts are joined by and. */
export interface TouchFilter {
  readonly tags: readonly TagFilter[];
  readonly status?: string;
}

/** Filters of which every resource that matters matches at least one; `any`: none can be named. */
export type TouchFilters = readonly TouchFilter[] | 'any';

interface Place {
  readonly region: Region;
  readonly type: ResourceType;
}

/**
 * Derives filters from a policy such that a resource which matches none of them loses no tag.
 *
 * A tag goes only if a removal rule names its key and the selection holds. So it suffices to list what
 * carries a key that some rule names, or what the selection needs; protections only take away. Each step
 * keeps this invariant: a resource that matches none of the filters of a condition makes it *false*, not
 * unknown, which no reading of unknowns can turn.
 *
 * @returns an empty list where nothing in that place can match.
 */
export function touchFilters(policy: Pick<Policy, 'remove' | 'select'>, place: Place): TouchFilters {
  const byRules = union(policy.remove.map(filtersOfRule));
  const bySelection = policy.select ? neededFor(policy.select, place) : 'any';
  return both(byRules, bySelection);
}

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

function filtersOfRule(rule: RemoveRule): TouchFilters {
  const key = exactKey(rule.keys);
  return key === undefined ? 'any' : [tagFilter(key, rule.when ?? [])];
}

function exactKey(keys: KeyTest): string | undefined {
  return keys.kind === 'wildcard' && isLiteral(keys.pattern) ? keys.pattern : undefined;
}

function isLiteral(pattern: string): boolean {
  return !/[*?]/.test(pattern);
}

/**
 * A value goes into the filter only where exactly one is asked for: a tag that moves from one value to
 * another between two listings would be in neither. An empty value is left out: on the wire it may mean any.
 */
function tagFilter(key: string, tests: readonly ValueTest[]): TouchFilter {
  const values = tests.flatMap((test) =>
    test.op === 'equals' ? [test.value] : test.op === 'in' && test.values.length === 1 ? test.values : [],
  );
  const value = values.find((one) => one !== '');
  return { tags: [value === undefined ? { key } : { key, value }] };
}

/** Filters that a resource must match for the condition to be anything but false. */
function neededFor(condition: Condition, place: Place): TouchFilters {
  switch (condition.kind) {
    case 'all':
      return condition.of.map((one) => neededFor(one, place)).reduce(both, 'any');
    case 'any':
      return union(condition.of.map((one) => neededFor(one, place)));
    case 'not':
      return neededAgainst(condition.of, place);
    case 'tag':
      return condition.tests.some((test) => !(test.op === 'exists' && !test.expected))
        ? [tagFilter(condition.key, condition.tests)]
        : 'any';
    case 'text':
      return neededForText(condition.field, condition.patterns, place);
    default:
      return 'any';
  }
}

/** Filters that a resource must match for the condition to be anything but true. */
function neededAgainst(condition: Condition, place: Place): TouchFilters {
  switch (condition.kind) {
    case 'all':
      return union(condition.of.map((one) => neededAgainst(one, place)));
    case 'any':
      return condition.of.map((one) => neededAgainst(one, place)).reduce(both, 'any');
    case 'not':
      return neededFor(condition.of, place);
    case 'tag':
      // An absent tag makes `exists: false` true, and every other operator false.
      return condition.tests.every((test) => test.op === 'exists' && !test.expected)
        ? [{ tags: [{ key: condition.key }] }]
        : 'any';
    default:
      return 'any';
  }
}

/** The types whose list operation takes a status. */
const LISTED_BY_STATUS: readonly ResourceType[] = ['ContainerGroup', 'VirtualNode'];

function neededForText(field: string, patterns: readonly string[], place: Place): TouchFilters {
  if (!patterns.every(isLiteral)) {
    return 'any';
  }
  if (field === 'resourceType') {
    return patterns.includes(place.type) ? 'any' : [];
  }
  if (field === 'region') {
    return patterns.includes(place.region) ? 'any' : [];
  }
  // Several statuses would take several listings, and what moves from one to the next is in neither.
  return field === 'status' && patterns.length === 1 && LISTED_BY_STATUS.includes(place.type)
    ? [{ tags: [], status: patterns[0]! }]
    : 'any';
}

function union(lists: readonly TouchFilters[]): TouchFilters {
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
function both(a: TouchFilters, b: TouchFilters): TouchFilters {
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
