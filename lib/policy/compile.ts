import { readIsoPeriod } from './date.ts';
import { policyDigest } from './digest.ts';
import { parseDuration } from './duration.ts';
import type {
  Condition,
  KeyTest,
  Limits,
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
    ...(document.select !== undefined && { select: compileCondition(document.select) }),
    remove: document.remove.map(compileRule),
    protect: document.protect.map(compileProtection),
    unprotect: document.unprotect,
    limits: compileLimits(document.limits, maxTags),
    pace: document.pace,
    batch: document.batch,
    journal: document.journal,
    verify: document.verify,
    digest: policyDigest(document),
    document,
  };
}

function compileLimits(limits: PolicyDocument['limits'], maxTags: number): Limits {
  const { readingAge, planAge, ...plain } = limits;
  return { ...plain, maxTags, readingAgeMs: parseDuration(readingAge)!, planAgeMs: parseDuration(planAge)! };
}

function compileRule(rule: RemoveRuleDocument, index: number): RemoveRule {
  return {
    label: `remove[${index}] ${ruleText(rule)}`,
    keys: compileKeyTest(rule),
    ...(rule.when !== undefined && { when: compileTests(rule.when) }),
  };
}

function compileKeyTest(rule: RemoveRuleDocument): KeyTest {
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
    ...(resources !== undefined && { resources: compileCondition(resources) }),
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

function compileCondition(document: ConditionDocument): Condition {
  if (document.all) return { kind: 'all', of: document.all.map(compileCondition) };
  if (document.any) return { kind: 'any', of: document.any.map(compileCondition) };
  if (document.not) return { kind: 'not', of: compileCondition(document.not) };
  if (document.tag !== undefined) {
    const { not: _not, ...tests } = document;
    return { kind: 'tag', key: document.tag, tests: compileTests(tests) };
  }
  if (document.age) {
    const { olderThan, newerThan } = document.age;
    return {
      kind: 'age',
      ...(olderThan !== undefined && { olderThanMs: parseDuration(olderThan)! }),
      ...(newerThan !== undefined && { newerThanMs: parseDuration(newerThan)! }),
    };
  }
  if (document.tagCount) return { kind: 'tagCount', ...document.tagCount };
  const field = TEXT_FIELDS.find((name) => document[name] !== undefined)!;
  const patterns = document[field]!;
  return { kind: 'text', field, patterns: typeof patterns === 'string' ? [patterns] : patterns };
}

function compileTests(when: WhenDocument): readonly ValueTest[] {
  const timeZone = when.timeZone ?? 'UTC';
  const tests: ValueTest[] = [];
  if (when.exists !== undefined) tests.push({ op: 'exists', expected: when.exists });
  if (when.equals !== undefined) tests.push({ op: 'equals', value: when.equals });
  if (when.in !== undefined) tests.push({ op: 'in', values: when.in });
  if (when.like !== undefined) tests.push({ op: 'like', pattern: when.like });
  if (when.matches !== undefined) tests.push({ op: 'matches', pattern: when.matches });
  if (when.expired !== undefined) {
    const graceMs = when.grace === undefined ? 0 : parseDuration(when.grace)!;
    tests.push({ op: 'expired', format: when.expired, graceMs, timeZone });
  }
  if (when.before !== undefined) {
    tests.push({ op: 'before', atMs: readIsoPeriod(when.before, timeZone)!.fromMs, timeZone });
  }
  if (when.after !== undefined) {
    tests.push({ op: 'after', atMs: readIsoPeriod(when.after, timeZone)!.toMs, timeZone });
  }
  if (when.lessThan !== undefined) tests.push({ op: 'lessThan', than: when.lessThan });
  if (when.greaterThan !== undefined) tests.push({ op: 'greaterThan', than: when.greaterThan });
  if (when.not !== undefined) tests.push({ op: 'not', tests: compileTests(when.not) });
  return tests;
}
