import { compileCondition, looksAt, UNKNOWN_VALUE } from '../policy/evaluate.ts';
import type { Condition, Policy, Protection } from '../policy/policy.ts';
import { every, type Truth } from '../policy/truth.ts';
import type { Resource, TagKey } from '../resource.ts';
import { compileKeyRules, type KeyRules, type ReadyRule } from './key-rules.ts';
import { inScope } from './scope.ts';
import { underEachSighting } from './sightings.ts';
import { compileTrim } from './trim.ts';
import type { Decision, Judge, RemovalTag, Verdict } from './types.ts';

/** What is asked of a resource as a whole, each at most once, however many tags it has; scope aside. */
interface Hearing {
  readonly selected: () => Truth;
  readonly protectedBy: (index: number) => Truth;
}

const NO_TAGS: readonly RemovalTag[] = [];

/**
 * Makes a policy ready to judge resources at one instant.
 *
 * The order is fixed: reserved keys, keys of Kubernetes, scope, protections, selection, rules. Whatever
 * cannot be decided keeps the tag. Conditions are compiled once; what a policy says of a key, and of a value
 * of it, is remembered.
 *
 * @param asOfMs The instant that ages and dates are measured against, epoch milliseconds.
 */
export function createJudge(policy: Policy, asOfMs: number): Judge {
  const protections = protectionsAt(policy, asOfMs);
  const askers = new Map(
    [...protections].map(([index, { resources }]) => [
      index,
      resources && compileCondition(resources, asOfMs),
    ]),
  );
  const select = policy.select && compileCondition(policy.select, asOfMs);
  const keyRules = compileKeyRules(policy, protections, asOfMs);
  const hear = (resource: Resource, added?: TagKey): Hearing => ({
    selected: remember(() => select?.(resource, added) ?? true),
    protectedBy: rememberEach((index) => askers.get(index)?.(resource, added) ?? true),
  });
  const judge = (key: TagKey, value: string, scoped: Truth, hearing: Hearing): Verdict => {
    const said = keyRules(key);
    if (said.blocked) return keep(said.blocked);
    if (scoped === false) return keep('outOfScope');
    return (
      judgeProtections(policy, said, hearing) ??
      judgeSelection(scoped, hearing) ??
      judgeRules(said.rules, value)
    );
  };
  const trim = policy.trim && compileTrim(policy.trim);
  const judgeAll = (resource: Resource): readonly Verdict[] => {
    const tags = resource.tags ?? [];
    const scoped = inScope(policy.scope, resource);
    const hearing = hear(resource);
    const verdicts = tags.map(({ key, value }) => judge(key, value, scoped, hearing));
    if (trim === undefined || scoped !== true || hearing.selected() !== true) return verdicts;
    return trim(
      tags.map(({ key }, at) => ({ key, said: verdicts[at]!, isNamed: keyRules(key).rules.length > 0 })),
    );
  };
  const decide = (resource: Resource): readonly Decision[] => {
    const verdicts = judgeAll(resource);
    return (resource.tags ?? []).map(({ key, value }, at) => ({ key, value, ...verdicts[at]! }));
  };
  // Most tags of most resources have no rule that names them: nothing is asked of these.
  const removalsByRules = (resource: Resource): readonly RemovalTag[] => {
    const tags = resource.tags ?? [];
    if (!tags.some((tag) => keyRules(tag.key).rules.length > 0)) return NO_TAGS;
    const scoped = inScope(policy.scope, resource);
    if (scoped !== true) return NO_TAGS;
    const hearing = hear(resource);
    const going: RemovalTag[] = [];
    for (const { key, value } of tags) {
      if (keyRules(key).rules.length === 0) continue;
      const verdict = judge(key, value, scoped, hearing);
      if (verdict.verdict === 'remove') going.push({ key, value, rule: verdict.rule ?? '' });
    }
    return going.length > 0 ? going : NO_TAGS;
  };
  return underEachSighting({
    selects: (resource) =>
      every([() => inScope(policy.scope, resource), () => select?.(resource) ?? true], (ask) => ask()),
    decide,
    removals: (resource) =>
      policy.trim !== undefined && (resource.tags?.length ?? 0) > policy.trim.to
        ? removalsAmong(decide(resource))
        : removalsByRules(resource),
    ...createFreedom(policy, keyRules, hear, protections),
  });
}

function removalsAmong(decisions: readonly Decision[]): readonly RemovalTag[] {
  const going = decisions.filter(({ verdict }) => verdict === 'remove');
  return going.length > 0 ? going.map(({ key, value, rule = '' }) => ({ key, value, rule })) : NO_TAGS;
}

/** The protections that have not ended, by their index in the policy. */
export function protectionsAt(policy: Policy, asOfMs: number): ReadonlyMap<number, Protection> {
  const entries = [...policy.protect.entries()];
  return new Map(entries.filter(([, { untilMs }]) => untilMs === undefined || asOfMs < untilMs));
}

/**
 * Answers whether a key that a resource lacks would go from it whatever its value.
 *
 * The resource is judged as if the tag were there: what looks at that key, or counts tags, is asked again;
 * everything else is asked once per resource.
 */
function createFreedom(
  policy: Policy,
  keyRules: (key: TagKey) => KeyRules,
  hear: (resource: Resource, added?: TagKey) => Hearing,
  protections: ReadonlyMap<number, Protection>,
): Required<Pick<Judge, 'isFree' | 'freeClass'>> {
  const conditions = [policy.select, ...[...protections.values()].map((protection) => protection.resources)]
    .filter((condition): condition is Condition => condition !== undefined)
    .map(looksAt);
  const keys = new Set(conditions.flatMap((one) => [...one.keys]));
  const counts = conditions.some((one) => one.counts);
  let last: { resource: Resource; hearing: Hearing } | undefined;
  const asSeen = (resource: Resource): Hearing => {
    if (last?.resource !== resource) last = { resource, hearing: hear(resource) };
    return last.hearing;
  };
  const isFree: Judge['isFree'] = (resource, key) => {
    const said = keyRules(key);
    if (!said.rules.some(removesAnyValue) || inScope(policy.scope, resource) !== true) return false;
    const hearing = counts || keys.has(key) ? hear(resource, key) : asSeen(resource);
    return (
      said.protections.every((index) => hearing.protectedBy(index) === false) && hearing.selected() === true
    );
  };
  // For a key that no condition looks at, only these truths matter; each of the others is asked by itself.
  const freeClass = (resource: Resource): string => {
    if (inScope(policy.scope, resource) !== true) return 'out of scope';
    const hearing = counts ? hear(resource, UNNAMED_KEY) : asSeen(resource);
    const truths = [hearing.selected(), ...[...protections.keys()].map(hearing.protectedBy)];
    const present = new Set(resource.tags?.map((tag) => tag.key));
    const named = [...keys].map((key) => (present.has(key) ? 'present' : isFree(resource, key)));
    return [...truths, ...named].join();
  };
  return { isFree, freeClass };
}

/** Stands for any key that the policy's conditions do not look at; no tag can have it. */
const UNNAMED_KEY = '\u0000';

function removesAnyValue(rule: ReadyRule): boolean {
  return rule.when === undefined || rule.when(UNKNOWN_VALUE) === true;
}

function judgeProtections(policy: Policy, said: KeyRules, hearing: Hearing): Verdict | undefined {
  let unknown: Verdict | undefined;
  for (const index of said.protections) {
    const truth = hearing.protectedBy(index);
    if (truth === false) continue;
    const rule = policy.protect[index]!.label;
    if (truth === true) return { verdict: 'keep', reason: 'protected', rule };
    unknown ??= { verdict: 'keep', reason: 'protectionUnknown', rule };
  }
  return unknown;
}

function judgeSelection(scoped: Truth, hearing: Hearing): Verdict | undefined {
  const selected = hearing.selected();
  if (selected === false) return keep('notSelected');
  return selected === 'unknown' || scoped === 'unknown' ? keep('selectionUnknown') : undefined;
}

function judgeRules(rules: readonly ReadyRule[], value: string): Verdict {
  let unknown: Verdict | undefined;
  for (const rule of rules) {
    const truth = rule.when ? rule.when(value) : true;
    if (truth === true) return { verdict: 'remove', reason: 'matched', rule: rule.label };
    if (truth === 'unknown') unknown ??= { verdict: 'keep', reason: 'valueUnknown', rule: rule.label };
  }
  return unknown ?? keep('noRule');
}

function keep(reason: Verdict['reason']): Verdict {
  return { verdict: 'keep', reason };
}

function remember(ask: () => Truth): () => Truth {
  let answer: Truth | undefined;
  return () => (answer ??= ask());
}

function rememberEach(ask: (index: number) => Truth): (index: number) => Truth {
  const answers: (Truth | undefined)[] = [];
  return (index) => (answers[index] ??= ask(index));
}
