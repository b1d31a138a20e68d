import { compileCondition, compileTests, looksAt } from '../policy/evaluate.ts';
import { compileKeyTest } from '../policy/key-test.ts';
import type { Condition, Policy, Protection, RemoveRule } from '../policy/policy.ts';
import { isKubernetesKey, isReservedKey } from '../policy/reserved.ts';
import { compileWildcards } from '../policy/wildcard.ts';
import { RESOURCE_TYPES, type Resource, type Tag, type TagKey } from '../resource.ts';
import { createJudge, protectionsAt } from './judge.ts';
import { inScope } from './scope.ts';
import type { Decision, Truth } from './types.ts';

/** What a change of the policy, of the resource or of the time would do to one tag. */
export type Change =
  /** A protection names the key. */
  | { readonly kind: 'protectKey'; readonly key: TagKey }
  | { readonly kind: 'notSelected' }
  /** The policy has none of these rules. */
  | { readonly kind: 'withoutRules'; readonly rules: readonly string[] }
  /** The resource has so few tags that nothing has to make room. */
  | { readonly kind: 'hasRoom'; readonly to: number }
  /** The tag has a value that passes none of these rules, which are all that name its key. */
  | { readonly kind: 'valuePassesNone'; readonly rules: readonly string[] }
  | { readonly kind: 'unprotect'; readonly key: TagKey }
  | {
      readonly kind: 'scope';
      readonly part: Exclude<keyof Policy['scope'], 'buckets'>;
      readonly value: string | undefined;
    }
  /** The protection does not hold: it is not there, or its condition is false. */
  | { readonly kind: 'withoutProtection'; readonly protection: string; readonly truth: Truth }
  /** The protection has ended. */
  | { readonly kind: 'after'; readonly atMs: number }
  | { readonly kind: 'selected'; readonly truth: Truth }
  /** A rule under `remove` names the key, whatever its value. */
  | { readonly kind: 'removeKey'; readonly key: TagKey }
  /** The tag has a value that passes this rule. */
  | { readonly kind: 'valuePasses'; readonly rule: string }
  /** The rule does not ask for a value. */
  | { readonly kind: 'withoutWhen'; readonly rule: string };

/** Changes that turn a verdict if they come together; none of them could be left out. */
export type Turn = readonly Change[];

/** One tag of one resource under one policy, at one instant. */
export interface TagCase {
  readonly policy: Policy;
  readonly resource: Resource;
  readonly tag: Tag;
  readonly asOfMs: number;
}

/**
 * The smallest sets of changes that turn the verdict on a tag. Each was tried: the policy with these changes
 * says the opposite of what it says now. None where nothing turns it, or nothing is known that does.
 */
export function turnsOf(about: TagCase, decision: Decision): readonly Turn[] {
  const turns = decision.verdict === 'remove' ? waysToStay(about) : waysToGo(about);
  const turned = (turn: Turn): boolean => turn.length > 0 && isTurnedBy(about, decision, turn);
  const spares = (turn: Turn): boolean =>
    turn.some((change) => turned(turn.filter((other) => other !== change)));
  return turns.filter((turn) => turned(turn) && !spares(turn));
}

function isTurnedBy(
  { policy, resource, tag, asOfMs }: TagCase,
  decision: Pick<Decision, 'verdict'>,
  turn: Turn,
): boolean {
  const at = turn.reduce((ms, change) => (change.kind === 'after' ? change.atMs : ms), asOfMs);
  const changed = turn.reduce((so, change) => withChange(so, change, resource), policy);
  // The tag alone is judged again; the conditions see it among all others, as before.
  const verdicts = createJudge(changed, at).decide(resource);
  const again = verdicts[resource.tags?.indexOf(tag) ?? -1];
  return again !== undefined && again.verdict !== decision.verdict;
}

function waysToStay(about: TagCase): readonly Turn[] {
  const { policy, tag, asOfMs } = about;
  const rules = rulesFor(policy, tag.key);
  const passed = rules.filter((rule) => ruleTruth(rule, tag.value, asOfMs) === true);
  return [
    [{ kind: 'protectKey', key: tag.key }],
    ...(policy.select ? [[{ kind: 'notSelected' } as const]] : []),
    // Were one rule without a test, no value would do.
    ...(rules.every(({ when }) => when !== undefined)
      ? [[{ kind: 'valuePassesNone', rules: labelsOf(rules) } as const]]
      : []),
    ...(policy.trim ? [[{ kind: 'hasRoom', to: policy.trim.to } as const]] : []),
    withoutFewest(about, labelsOf(passed)),
  ];
}

/** Without the rules that take the tag; what makes room takes it, too, where they do not suffice. */
function withoutFewest(about: TagCase, passed: readonly string[]): Turn {
  const { trim } = about.policy;
  const turn: Turn = [{ kind: 'withoutRules', rules: passed }];
  if (trim === undefined || (passed.length > 0 && isTurnedBy(about, { verdict: 'remove' }, turn)))
    return turn;
  return [{ kind: 'withoutRules', rules: [...passed, trim.label] }];
}

/** A tag goes if every gate on its way is open: so what is closed now is what has to change, and no less. */
function waysToGo(about: TagCase): readonly Turn[] {
  const { policy, resource, tag } = about;
  if (isReservedKey(tag.key)) return [];
  const unprotect: Turn =
    isKubernetesKey(tag.key) && !policy.unprotect.includes(tag.key)
      ? [{ kind: 'unprotect', key: tag.key }]
      : [];
  const selected = holds(policy.select, about);
  const select: Turn = selected === true ? [] : [{ kind: 'selected', truth: selected }];
  const closed = closedProtections(about);
  const lifts = closed.map(
    ([{ label }, truth]): Change => ({ kind: 'withoutProtection', protection: label, truth }),
  );
  const ends = closed.flatMap(([{ untilMs }]) => untilMs ?? []);
  const allEnd = ends.length > 0 && ends.length === closed.length;
  const before = [...unprotect, ...scopeChanges(policy, resource)];
  // What makes room may take the tag then, without a rule that names it.
  const besides = [...(policy.trim ? [select] : []), [...select, ...ruleChange(about)]];
  return [
    ...besides.map((beside) => [...before, ...lifts, ...beside]),
    ...(allEnd
      ? besides.map((beside) => [...before, { kind: 'after', atMs: Math.max(...ends) } as const, ...beside])
      : []),
  ];
}

/** The protections that cover the key and hold, or may hold. */
function closedProtections(about: TagCase): readonly [Protection, Truth][] {
  return protectionsFor(about)
    .map((protection): [Protection, Truth] => [protection, holds(protection.resources, about)])
    .filter(([, truth]) => truth !== false);
}

function scopeChanges({ scope }: Policy, resource: Resource): Turn {
  const parts = [
    ['resourceTypes', resource.type, { ...EVERYWHERE, resourceTypes: scope.resourceTypes }],
    ['regions', resource.region, { ...EVERYWHERE, regions: scope.regions }],
    [
      'resourceGroups',
      resource.resourceGroupId,
      { ...EVERYWHERE, ...(scope.resourceGroups && { resourceGroups: scope.resourceGroups }) },
    ],
  ] as const;
  return parts
    .filter(([, , alone]) => inScope(alone, resource) !== true)
    .map(([part, value]) => ({ kind: 'scope', part, value }));
}

const EVERYWHERE: Policy['scope'] = { regions: 'all', resourceTypes: RESOURCE_TYPES };

/** What would let a rule remove the tag; nothing where one does. */
function ruleChange({ policy, resource, tag, asOfMs }: TagCase): Turn {
  const rules = rulesFor(policy, tag.key);
  if (rules.length === 0) return [{ kind: 'removeKey', key: tag.key }];
  const truths = rules.map((rule) => ruleTruth(rule, tag.value, asOfMs));
  if (truths.includes(true)) return [];
  const near = rules[Math.max(0, truths.indexOf('unknown'))]!;
  // Another value might unselect the resource, or have it protected: then only the policy can be changed.
  const conditions = [policy.select, ...policy.protect.map(({ resources }) => resources)];
  const entangled = conditions.some((one) => one !== undefined && looksAt(one).keys.has(tag.key));
  return entangled || resource.tags === undefined
    ? [{ kind: 'withoutWhen', rule: near.label }]
    : [{ kind: 'valuePasses', rule: near.label }];
}

/** The rules under `remove` that name a key. */
export function rulesFor(policy: Policy, key: TagKey): readonly RemoveRule[] {
  return policy.remove.filter((rule) => compileKeyTest(rule.keys)(key));
}

/** The protections that cover the key of a tag, and have not ended. */
export function protectionsFor({ policy, tag, asOfMs }: TagCase): readonly Protection[] {
  return [...protectionsAt(policy, asOfMs).values()].filter(
    ({ keys }) => keys === undefined || compileWildcards(keys)(tag.key),
  );
}

function ruleTruth({ when }: RemoveRule, value: string, asOfMs: number): Truth {
  return when === undefined ? true : compileTests(when, asOfMs)(value);
}

function holds(condition: Condition | undefined, { resource, asOfMs }: TagCase): Truth {
  return condition === undefined ? true : compileCondition(condition, asOfMs)(resource);
}

function labelsOf(rules: readonly RemoveRule[]): readonly string[] {
  return rules.map(({ label }) => label);
}

/** The policy as it would be with one change; a change of the resource is told as what it does to a condition. */
function withChange(policy: Policy, change: Change, { type }: Resource): Policy {
  switch (change.kind) {
    case 'protectKey':
      return { ...policy, protect: [...policy.protect, { label: '', keys: [change.key] }] };
    case 'notSelected':
      return { ...policy, select: { kind: 'any', of: [] } };
    case 'withoutRules': {
      const { trim, ...rest } = policy;
      const remove = policy.remove.filter(({ label }) => !change.rules.includes(label));
      return { ...rest, remove, ...(trim && !change.rules.includes(trim.label) && { trim }) };
    }
    case 'hasRoom': {
      const { trim: _, ...rest } = policy;
      return rest;
    }
    case 'valuePassesNone':
      return mapRules(policy, change.rules, (rule) => ({ ...rule, when: [{ op: 'in', values: [] }] }));
    case 'unprotect':
      return { ...policy, unprotect: [...policy.unprotect, change.key] };
    case 'scope': {
      const { [change.part]: _, ...others } = policy.scope;
      const wider = { ...EVERYWHERE, ...others };
      return {
        ...policy,
        scope: change.part === 'resourceTypes' ? { ...wider, resourceTypes: [type] } : wider,
      };
    }
    case 'withoutProtection':
      return { ...policy, protect: policy.protect.filter(({ label }) => label !== change.protection) };
    case 'after':
      return policy;
    case 'selected': {
      const { select: _, ...rest } = policy;
      return rest;
    }
    case 'removeKey': {
      const rule: RemoveRule = { label: '', keys: { kind: 'wildcard', pattern: change.key } };
      return { ...policy, remove: [...policy.remove, rule] };
    }
    case 'valuePasses':
    case 'withoutWhen':
      return mapRules(policy, [change.rule], ({ when: _, ...rule }) => rule);
  }
}

function mapRules(
  policy: Policy,
  labels: readonly string[],
  change: (rule: RemoveRule) => RemoveRule,
): Policy {
  return {
    ...policy,
    remove: policy.remove.map((rule) => (labels.includes(rule.label) ? change(rule) : rule)),
  };
}
