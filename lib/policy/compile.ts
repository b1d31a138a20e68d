import { CleanupError } from '../errors.ts';
import { readIsoPeriod } from './date.ts';
import { policyDigest } from './digest.ts';
import { parseDuration } from './duration.ts';
import { MODIFIERS, operatorOf, readBeside } from './operators.ts';
import type {
  Condition,
  KeyTest,
  Limits,
  Notify,
  Policy,
  Protection,
  RemoveRule,
  TextField,
  ValueTest,
} from './policy.ts';
import type {
  ConditionDocument,
  PolicyDocument,
  ProtectionDocument,
  RemoveRuleDocument,
  WhenDocument,
} from './schema.ts';

/** The subjects of a condition that are a text with wildcards. */
export const TEXT_FIELDS: readonly TextField[] = [
  'name',
  'id',
  'status',
  'resourceType',
  'region',
  'resourceGroup',
];

const DEFAULT_TAGS_PER_RESOURCE = 20;

/** Turns a document that was found valid into what the rest of the program works with. */
export function compilePolicy(parsed: PolicyDocument): Policy {
  const { $schema: _editor, ...given } = parsed;
  const maxTags = given.limits.maxTags ?? DEFAULT_TAGS_PER_RESOURCE * given.limits.maxResources;
  const document = { ...given, limits: { ...given.limits, maxTags } };
  return {
    name: document.name,
    ...(document.description !== undefined && { description: document.description }),
    mode: document.mode,
    scope: document.scope,
    ...(document.select !== undefined && { select: readCondition(document.select) }),
    ...compileRemoval(document.remove),
    protect: document.protect.map(compileProtection),
    unprotect: document.unprotect,
    limits: compileLimits(document.limits, maxTags),
    pace: document.pace,
    batch: document.batch,
    journal: document.journal,
    verify: document.verify,
    ...compileTelling(document),
    digest: policyDigest(document),
    document,
  };
}

function compileTelling({
  notice,
  notify,
  approval,
}: PolicyDocument): Pick<Policy, 'notice' | 'notify' | 'approval'> {
  return {
    ...(notice && {
      notice: {
        graceMs: parseDuration(notice.grace)!,
        ...(notice.groupBy !== undefined && { groupBy: notice.groupBy }),
      },
    }),
    ...(notify && { notify: compileNotify(notify, notice?.groupBy) }),
    ...(approval && { approval }),
  };
}

function compileNotify(
  { channels, groupBy, routes }: NonNullable<PolicyDocument['notify']>,
  ofNotice: string | undefined,
): Notify {
  const key = groupBy ?? ofNotice;
  return {
    channels,
    ...(key !== undefined && { groupBy: key }),
    routes: new Map(Object.entries(routes ?? {})),
  };
}

function compileLimits(limits: PolicyDocument['limits'], maxTags: number): Limits {
  const { readingAge, planAge, ...plain } = limits;
  return { ...plain, maxTags, readingAgeMs: parseDuration(readingAge)!, planAgeMs: parseDuration(planAge)! };
}

function compileRemoval(rules: readonly RemoveRuleDocument[]): Pick<Policy, 'remove' | 'trim'> {
  const at = rules.findIndex(({ trim }) => trim !== undefined);
  const remove = rules.flatMap((rule, index) => (rule.trim === undefined ? [compileRule(rule, index)] : []));
  if (at < 0) return { remove };
  const { to, order, keep = [] } = rules[at]!.trim!;
  return { remove, trim: { label: `remove[${at}] trim to ${to}`, to, order: someOf(order), keep } };
}

function compileRule(rule: RemoveRuleDocument, index: number): RemoveRule {
  return {
    label: `remove[${index}] ${ruleText(rule)}`,
    keys: readKeyTest(rule),
    ...(rule.when !== undefined && { when: readTests(rule.when) }),
  };
}

function readKeyTest(rule: RemoveRuleDocument): KeyTest {
  if (rule.key !== undefined) return { kind: 'wildcard', pattern: rule.key };
  if (rule.keyMatches !== undefined) return { kind: 'regex', pattern: rule.keyMatches };
  if (rule.except !== undefined) return { kind: 'except', patterns: rule.except };
  return { kind: 'caseVariantsOf', keys: rule.caseVariantsOf! };
}

function ruleText(rule: RemoveRuleDocument): string {
  if (rule.key !== undefined) return `key ${JSON.stringify(rule.key)}`;
  if (rule.keyMatches !== undefined) return `keyMatches ${JSON.stringify(rule.keyMatches)}`;
  if (rule.except !== undefined) return `except ${listText(rule.except)}`;
  return `caseVariantsOf ${listText(rule.caseVariantsOf!)}`;
}

/** Labels stand in every line of a plan, so long lists are cut. */
function listText(items: readonly string[]): string {
  const shown = items.slice(0, 3).map((item) => JSON.stringify(item));
  return items.length > 3 ? `${shown.join(', ')} and ${items.length - 3} more` : shown.join(', ');
}

function compileProtection(protection: ProtectionDocument, index: number): Protection {
  const { keys, resources, reason, owner, until } = protection;
  const about = reason ?? (keys === undefined ? 'resources' : `keys ${listText(keys)}`);
  return {
    label: `protect[${index}] ${about}`,
    ...(keys !== undefined && { keys }),
    ...(resources !== undefined && { resources: readCondition(resources) }),
    ...(reason !== undefined && { reason }),
    ...(owner !== undefined && { owner }),
    // A date protects through its whole day.
    ...(until !== undefined && { untilMs: endOfDate(until) }),
  };
}

/** The first instant that a date no longer covers; of an instant, the instant itself. */
function endOfDate(text: string): number {
  const period = readIsoPeriod(text, 'UTC')!;
  return text.length === 'yyyy-MM-dd'.length ? period.toMs : period.fromMs;
}

function readCondition(document: ConditionDocument): Condition {
  if (document.all) return { kind: 'all', of: someOf(document.all).map(readCondition) };
  if (document.any) return { kind: 'any', of: someOf(document.any).map(readCondition) };
  if (document.not) return { kind: 'not', of: readCondition(document.not) };
  if (document.tag !== undefined) {
    const { tag, not: _not, ...tests } = document;
    return { kind: 'tag', key: tag, tests: readTests(tests) };
  }
  if (document.age) {
    const { olderThan, newerThan } = document.age;
    if (olderThan === undefined && newerThan === undefined) throw saysNothing(document);
    return {
      kind: 'age',
      ...(olderThan !== undefined && { olderThanMs: parseDuration(olderThan)! }),
      ...(newerThan !== undefined && { newerThanMs: parseDuration(newerThan)! }),
    };
  }
  if (document.tagCount) {
    someOf(Object.keys(document.tagCount));
    return { kind: 'tagCount', ...document.tagCount };
  }
  const field = TEXT_FIELDS.find((name) => document[name] !== undefined);
  const patterns = field && document[field];
  if (patterns === undefined) throw saysNothing(document);
  return {
    kind: 'text',
    field: field!,
    patterns: typeof patterns === 'string' ? [patterns] : someOf(patterns),
  };
}

/** Every word is one that this version knows, and at least one asks for something: else it would hold of any value. */
function readTests({ not, ...document }: WhenDocument): readonly ValueTest[] {
  const beside = readBeside(document);
  const tests = Object.entries(document)
    .filter(([name]) => !Object.hasOwn(MODIFIERS, name))
    .map(([op, value]) => ({ op, ...operatorOf(op).read(value, beside) }) as ValueTest);
  return someOf(not === undefined ? tests : [...tests, { op: 'not', tests: readTests(not) }]);
}

function someOf<T>(items: readonly T[]): readonly T[] {
  if (items.length === 0) throw saysNothing(items);
  return items;
}

/** The schema and its semantics refuse these with line and column: here is the second door. */
function saysNothing(part: unknown): CleanupError {
  return new CleanupError(
    'INVALID_POLICY',
    `A part of the policy asks for nothing, and would hold of everything: ${JSON.stringify(part)}.`,
  );
}
