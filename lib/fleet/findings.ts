import { compilePeriodReader } from '../policy/date.ts';
import { compileKeyTest } from '../policy/key-test.ts';
import type { Policy } from '../policy/policy.ts';
import { isKubernetesKey, isReservedKey } from '../policy/reserved.ts';
import { compileWildcards } from '../policy/wildcard.ts';
import { compareText, MAX_TAGS_PER_RESOURCE, type Resource, type TagKey } from '../resource.ts';

/** How one key is used in a fleet. */
export interface KeyUse {
  readonly key: TagKey;
  /** Resources that carry it. */
  readonly resources: number;
  /** Different values, counted up to `MOST_VALUES`. */
  readonly values: number;
  readonly examples: readonly string[];
  /** Whether a policy names it, to remove or to protect it; left out where no policy was given. */
  readonly isNamed?: boolean;
}

/** Something that a person may want to clean up, and the policy that would. */
export interface Finding {
  readonly kind: FindingKind;
  /** Most used first. */
  readonly keys: readonly KeyUse[];
  /** Resources that it is about. */
  readonly resources: number;
  /** Tags that the policy would look at. */
  readonly tags: number;
  /** What would clean it, without its version and name: a dry run over all regions. Left out where a person has to decide. */
  readonly policy?: FindingPolicy;
}

/**
 * `caseVariants`: keys that differ by case only. `pastDates`: a key of deadlines, some of which have passed.
 * `families`: many keys that begin alike. `rareKeys`: keys on very few resources. `nearlyFull`: resources with
 * little room for more tags. `unnamed`: keys that no policy names.
 */
export type FindingKind = 'caseVariants' | 'pastDates' | 'families' | 'rareKeys' | 'nearlyFull' | 'unnamed';

/** The parts of a policy document that a finding asks for. */
export type FindingPolicy = Readonly<Record<string, unknown>>;

/** How tags stand in a fleet. */
export interface FleetSurvey {
  readonly resources: number;
  readonly tags: number;
  /** Resources whose tags were not seen: nothing is known of them. */
  readonly unseen: number;
  /** How many resources carry so many tags: index 0 those without any. Those of the cloud do not count. */
  readonly byTagCount: readonly number[];
  /** Most used first. */
  readonly keys: readonly KeyUse[];
  readonly findings: readonly Finding[];
}

/** Values that are told apart for one key. */
export const MOST_VALUES = 1000;

/** Tags from which on a resource is nearly full, and how many a policy would leave. */
export const NEARLY_FULL = 18;
const ROOMY = 15;

/** So many keys that begin alike are a family. */
const FAMILY = 3;

/** A key on fewer resources than this part of the fleet is rare, in a fleet of at least so many. */
const RARE = 0.005;
const RARE_FROM = 200;
const MOST_RARE = 50;

/** Keys that say when something ends; a date in any other may say when it began. */
const DEADLINE = /expir|until|ttl|delete|remove|eol|deadline|valid|due/i;

/** Formats in which people write dates, each told apart from the others. */
const DATE_FORMATS = ['yyyy-MM-dd', 'yyyyMMdd', 'yyyy/MM/dd', "yyyy-MM-dd'T'HH:mm:ssXXX"] as const;

/** So many of the values of a key have to read as a date. */
const MOSTLY = 0.9;

/**
 * Looks through a fleet for what people clean up.
 *
 * @param policies whose rules and protections count as names; none: nothing is told of names.
 * @param asOfMs against which dates are held, epoch milliseconds.
 */
export function surveyFleet(
  fleet: readonly Resource[],
  policies: readonly Policy[],
  asOfMs: number,
): FleetSurvey {
  const seen = fleet.filter(({ tags }) => tags !== undefined);
  const keys = keysOf(seen, policies.length > 0 ? namedBy(policies) : undefined);
  const byTagCount = Array.from({ length: MAX_TAGS_PER_RESOURCE + 1 }, () => 0);
  for (const resource of seen) {
    const own = ownKeys(resource).length;
    byTagCount[own] = (byTagCount[own] ?? 0) + 1;
  }
  const uses = keys.map(({ use }) => use);
  const free = keys.filter(({ use }) => !isReservedKey(use.key) && !isKubernetesKey(use.key));
  return {
    resources: fleet.length,
    tags: seen.reduce((sum, { tags = [] }) => sum + tags.length, 0),
    unseen: fleet.length - seen.length,
    byTagCount,
    keys: uses,
    findings: [
      ...caseVariants(free, seen),
      ...pastDates(free, seen, asOfMs),
      ...families(free, seen),
      ...rareKeys(free, seen),
      ...nearlyFull(seen),
      ...unnamed(free, seen),
    ],
  };
}

interface KeyFacts {
  readonly use: KeyUse;
  readonly valuesSeen: ReadonlySet<string>;
}

function keysOf(
  seen: readonly Resource[],
  isNamed: ((key: TagKey) => boolean) | undefined,
): readonly KeyFacts[] {
  const counts = new Map<TagKey, { resources: number; values: Set<string> }>();
  for (const { tags = [] } of seen) {
    for (const { key, value } of tags) {
      const known = counts.get(key) ?? { resources: 0, values: new Set<string>() };
      known.resources += 1;
      if (known.values.size < MOST_VALUES) known.values.add(value);
      counts.set(key, known);
    }
  }
  return [...counts]
    .map(([key, { resources, values }]) => ({
      use: {
        key,
        resources,
        values: values.size,
        examples: [...values].slice(0, 3),
        ...(isNamed && { isNamed: isNamed(key) }),
      },
      valuesSeen: values,
    }))
    .sort((a, b) => b.use.resources - a.use.resources || compareText(a.use.key, b.use.key));
}

function namedBy(policies: readonly Policy[]): (key: TagKey) => boolean {
  const tests = policies.flatMap(({ remove, protect, trim, unprotect }) => [
    // An allow-list names what stays, and takes the rest without knowing it.
    ...remove.map(({ keys }) =>
      keys.kind === 'except' ? compileWildcards(keys.patterns) : compileKeyTest(keys),
    ),
    ...protect.flatMap(({ keys }) => (keys === undefined ? [] : [compileWildcards(keys)])),
    ...(trim === undefined ? [] : [compileWildcards(trim.keep)]),
    compileWildcards(unprotect),
  ]);
  return (key) => tests.some((test) => test(key));
}

function caseVariants(keys: readonly KeyFacts[], seen: readonly Resource[]): readonly Finding[] {
  const groups = groupBy(keys, ({ use }) => use.key.toLowerCase());
  return [...groups.values()].flatMap((group): Finding[] => {
    const [main, ...others] = group.map(({ use }) => use);
    if (main === undefined || others.length === 0) return [];
    return [
      finding(
        'caseVariants',
        [main, ...others],
        seen,
        others.map(({ key }) => key),
        {
          select: { tag: main.key, exists: true },
          remove: [{ caseVariantsOf: [main.key] }],
        },
      ),
    ];
  });
}

function pastDates(keys: readonly KeyFacts[], seen: readonly Resource[], asOfMs: number): readonly Finding[] {
  return keys.flatMap(({ use, valuesSeen }): Finding[] => {
    if (!DEADLINE.test(use.key)) return [];
    const values = [...valuesSeen];
    const format = DATE_FORMATS.find((one) => {
      const read = compilePeriodReader(one, 'UTC');
      return values.filter((value) => read(value) !== undefined).length >= MOSTLY * values.length;
    });
    if (format === undefined) return [];
    const read = compilePeriodReader(format, 'UTC');
    const isPast = (value: string): boolean => (read(value)?.toMs ?? Number.POSITIVE_INFINITY) <= asOfMs;
    const tags = seen.filter(({ tags = [] }) =>
      tags.some(({ key, value }) => key === use.key && isPast(value)),
    );
    if (tags.length === 0) return [];
    const policy = { remove: [{ key: use.key, when: { expired: format, grace: '3d' } }] };
    return [
      { kind: 'pastDates', keys: [use], resources: tags.length, tags: tags.length, policy: onAll(policy) },
    ];
  });
}

/** Keys that share what stands before their first separator, where none of them is that alone. */
function families(keys: readonly KeyFacts[], seen: readonly Resource[]): readonly Finding[] {
  const groups = groupBy(
    keys.map(({ use }) => use),
    ({ key }) => /^[^-_/:.]{2,}[-_/:.]/.exec(key)?.[0] ?? '',
  );
  return [...groups].flatMap(([prefix, uses]): Finding[] => {
    if (prefix === '' || uses.length < FAMILY || /[*?]/.test(prefix)) return [];
    const names = uses.map(({ key }) => key);
    return [finding('families', uses, seen, names, { remove: [{ key: `${prefix}*` }] })];
  });
}

function rareKeys(keys: readonly KeyFacts[], seen: readonly Resource[]): readonly Finding[] {
  if (seen.length < RARE_FROM) return [];
  const rare = keys.map(({ use }) => use).filter(({ resources }) => resources < RARE * seen.length);
  if (rare.length === 0) return [];
  const names = rare.map(({ key }) => key);
  const named = names.filter((key) => !/[*?]/.test(key)).slice(-MOST_RARE);
  return [finding('rareKeys', rare, seen, names, { remove: named.map((key) => ({ key })) })];
}

function nearlyFull(seen: readonly Resource[]): readonly Finding[] {
  const full = seen.filter((resource) => ownKeys(resource).length >= NEARLY_FULL);
  if (full.length === 0) return [];
  const tags = full.reduce((sum, resource) => sum + ownKeys(resource).length - ROOMY, 0);
  const policy = { remove: [{ trim: { to: ROOMY, order: ['tmp-*', 'ci-*', '*'] } }] };
  return [{ kind: 'nearlyFull', keys: [], resources: full.length, tags, policy: onAll(policy) }];
}

/** Whether they may go is for a person to say. */
function unnamed(keys: readonly KeyFacts[], seen: readonly Resource[]): readonly Finding[] {
  const uses = keys.map(({ use }) => use).filter(({ isNamed }) => isNamed === false);
  if (uses.length === 0) return [];
  return [
    finding(
      'unnamed',
      uses,
      seen,
      uses.map(({ key }) => key),
    ),
  ];
}

function finding(
  kind: FindingKind,
  keys: readonly KeyUse[],
  seen: readonly Resource[],
  about: readonly TagKey[],
  policy?: Readonly<Record<string, unknown>>,
): Finding {
  const names = new Set(about);
  const counts = seen.map(({ tags = [] }) => tags.filter(({ key }) => names.has(key)).length);
  return {
    kind,
    keys,
    resources: counts.filter((count) => count > 0).length,
    tags: counts.reduce((sum, count) => sum + count, 0),
    ...(policy && { policy: onAll(policy) }),
  };
}

function onAll(policy: Readonly<Record<string, unknown>>): FindingPolicy {
  return { scope: { regions: 'all' }, ...policy };
}

function ownKeys({ tags = [] }: Resource): readonly TagKey[] {
  return tags.map(({ key }) => key).filter((key) => !isReservedKey(key));
}

function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}
