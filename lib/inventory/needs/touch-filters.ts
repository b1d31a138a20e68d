import { RESOURCE_KINDS } from '../../kinds.ts';
import { operatorOf } from '../../policy/operators.ts';
import type { Condition, KeyTest, Policy, RemoveRule, ValueTest } from '../../policy/policy.ts';
import type { Region, ResourceType } from '../../resource.ts';
import { both, type TouchFilter, type TouchFilters, union } from './filter.ts';

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
export function touchFilters(policy: Pick<Policy, 'remove' | 'trim' | 'select'>, place: Place): TouchFilters {
  // What makes room can take any key.
  const byRules = policy.trim === undefined ? union(policy.remove.map(filtersOfRule)) : 'any';
  const bySelection = policy.select ? neededFor(policy.select, place) : 'any';
  return both(byRules, bySelection);
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
  const values = tests.map((test) => (test.op === 'not' ? undefined : operatorOf(test.op).onlyValue(test)));
  const value = values.find((one) => one !== undefined && one !== '');
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
  return field === 'status' && patterns.length === 1 && RESOURCE_KINDS[place.type].list.byStatus
    ? [{ tags: [], status: patterns[0]! }]
    : 'any';
}
