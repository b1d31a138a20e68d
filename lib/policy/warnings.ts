import type { TagKey } from '../resource.ts';
import { passesAbsent } from './evaluate.ts';
import { compileKeyTest } from './key-test.ts';
import type { Condition, Policy, RemoveRule, TrimRule } from './policy.ts';
import { isKubernetesKey, isReservedKey } from './reserved.ts';
import { compileWildcards, isWildcard } from './wildcard.ts';

const DAY_MS = 86_400_000;

/** So long before its end an exemption is warned of. */
export const WARN_BEFORE_MS = 14 * DAY_MS;

/**
 * What the reader of a policy or plan should know although nothing is wrong: protections that ended, and those
 * that end within 14 days of `asOfMs` (epoch milliseconds); and a selection by tags, or by how many there are, that
 * the policy removes itself.
 */
export function policyWarnings(policy: Policy, asOfMs: number): readonly string[] {
  return [...endingProtections(policy, asOfMs), ...selectedByWhatGoes(policy), ...selectedByHowMany(policy)];
}

function endingProtections(policy: Policy, asOfMs: number): readonly string[] {
  return policy.protect.flatMap(({ label, owner, untilMs }) => {
    if (untilMs === undefined || untilMs - asOfMs > WARN_BEFORE_MS) return [];
    const ask = owner === undefined ? '' : `; ask ${owner}`;
    const end = new Date(untilMs).toISOString();
    if (untilMs <= asOfMs) return [`${label} ended at ${end} and no longer protects${ask}`];
    const days = Math.ceil((untilMs - asOfMs) / DAY_MS);
    return [`${label} ends at ${end}, in ${days === 1 ? '1 day' : `${days} days`}${ask}`];
  });
}

/**
 * A resource that lost the tag by which it is selected, and not yet its other tags, is not found again: by the
 * next run after one that broke off, nor by a look at it while the run is long at work.
 */
function selectedByWhatGoes(policy: Policy): readonly string[] {
  const keys = policy.select === undefined ? [] : [...new Set(neededKeys(policy.select, true))];
  return keys.flatMap((key) => {
    const rule = isKept(policy, key)
      ? undefined
      : (policy.remove.find(({ keys }) => compileKeyTest(keys)(key)) ?? trimOf(policy, key));
    const isAlone = policy.trim === undefined && policy.remove.every((one) => meansOnly(one, key));
    if (rule === undefined || isAlone) return [];
    return [
      `select looks at tag ${JSON.stringify(key)}, which ${rule.label} removes: a run that breaks off between that tag and the others does not find the rest again. Select by a tag that stays, or remove this one with a policy of its own, afterwards`,
    ];
  });
}

/** As above: a resource that lost some of its tags may be too few for the selection. */
function selectedByHowMany({ select }: Policy): readonly string[] {
  if (select === undefined || !needsMany(select, true)) return [];
  return [
    'select asks for so many tags, some of which the policy removes: a run that breaks off between two of them does not find the rest again. To make room, let a trim rule say how many may stay',
  ];
}

function needsMany(condition: Condition, isNeeded: boolean): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some((part) => needsMany(part, isNeeded));
    case 'not':
      return needsMany(condition.of, !isNeeded);
    case 'tagCount':
      // Whatever has still a tag to lose has one.
      return (isNeeded ? (condition.atLeast ?? 0) - 1 : (condition.atMost ?? 0)) >= 1;
    default:
      return false;
  }
}

/** The keys whose removal can make a condition false, or under a `not` true. */
function neededKeys(condition: Condition, isNeeded: boolean): readonly TagKey[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => neededKeys(part, isNeeded));
    case 'not':
      return neededKeys(condition.of, !isNeeded);
    case 'tag':
      return passesAbsent(condition.tests) === isNeeded ? [] : [condition.key];
    default:
      return [];
  }
}

function isKept(policy: Policy, key: TagKey): boolean {
  if (isReservedKey(key) || (isKubernetesKey(key) && !policy.unprotect.includes(key))) return true;
  return policy.protect.some(
    ({ keys, resources, untilMs }) =>
      resources === undefined && untilMs === undefined && keys !== undefined && compileWildcards(keys)(key),
  );
}

/** The rule that makes room, where it may take this key. */
function trimOf({ trim }: Policy, key: TagKey): TrimRule | undefined {
  return trim && compileWildcards(trim.order)(key) && !compileWildcards(trim.keep)(key) ? trim : undefined;
}

function meansOnly({ keys }: RemoveRule, key: TagKey): boolean {
  return keys.kind === 'wildcard' && keys.pattern === key && !isWildcard(key);
}
