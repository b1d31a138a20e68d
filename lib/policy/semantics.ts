import { TEXT_FIELDS } from './compile.ts';
import { readIsoPeriod } from './date.ts';
import { parseDuration } from './duration.ts';
import { POLICY_BOUNDS } from './fields.ts';
import type { Fault, IssuePath } from './issue.ts';
import { MODIFIERS, type ModifierName, OPERATOR_NAMES, OPERATORS } from './operators.ts';
import { isKubernetesKey, isReservedKey, KUBERNETES_PREFIXES, RESERVED_PREFIXES } from './reserved.ts';
import { compileWildcard, isWildcard } from './wildcard.ts';
import { isTimeZone } from './zone.ts';

type Fields = Readonly<Record<string, unknown>>;
type Report = (path: IssuePath, message: string, suggestion?: string) => void;

const KEY_TESTS = ['key', 'keyMatches', 'except', 'caseVariantsOf', 'trim'];
const TAG_TESTS: readonly string[] = OPERATOR_NAMES;
const SUBJECTS = ['all', 'any', 'not', 'tag', 'age', 'tagCount', ...TEXT_FIELDS];

/**
 * Finds what the schema cannot see: rules that contradict themselves, or that could never do anything.
 *
 * Looks at the document as it was written, valid or not, so that these faults come together with those of
 * the schema; whatever has the wrong form is passed over here.
 */
export function semanticFaults(document: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  const report: Report = (path, message, suggestion) => {
    faults.push({ path, message, ...(suggestion !== undefined && { suggestion }) });
  };
  if (!isFields(document)) return faults;
  const unprotected = listOf(document.unprotect).filter((key) => typeof key === 'string');
  if (document.select !== undefined) checkCondition(document.select, ['select'], 1, report);
  for (const [index, rule] of listOf(document.remove).entries()) {
    if (isFields(rule)) checkRule(rule, ['remove', index], unprotected, report);
  }
  checkTrims(listOf(document.remove), report);
  for (const [index, protection] of listOf(document.protect).entries()) {
    if (isFields(protection)) checkProtection(protection, ['protect', index], report);
  }
  for (const [index, key] of unprotected.entries()) checkUnprotected(key, ['unprotect', index], report);
  checkApproval(document, report);
  checkNotify(document, report);
  return faults;
}

function checkRule(rule: Fields, path: IssuePath, unprotected: readonly string[], report: Report): void {
  const named = KEY_TESTS.filter((test) => rule[test] !== undefined);
  if (named.length > 1 || (named.length === 0 && onlyKnown(rule, [...KEY_TESTS, 'when']))) {
    const message = named.length === 0 ? 'does not say which keys' : `names its keys in ${named.length} ways`;
    report(path, `${message}: give one of ${KEY_TESTS.join(', ')}`);
  }
  if (typeof rule.key === 'string') checkKey(rule.key, [...path, 'key'], unprotected, report);
  if (isFields(rule.when)) {
    checkTests(rule.when, [...path, 'when'], report);
    if (rule.when.exists === false) {
      report([...path, 'when', 'exists'], 'can never be true: a tag that could be removed exists');
    }
  }
}

/** A second count of the same tags would have to say which of the two comes first. */
function checkTrims(rules: readonly unknown[], report: Report): void {
  const trims = [...rules.entries()].filter(([, rule]) => isFields(rule) && rule.trim !== undefined);
  for (const [index, rule] of trims) {
    if (index !== trims[0]![0])
      report(['remove', index, 'trim'], `stands beside remove[${trims[0]![0]}]: a policy trims once`);
    if (isFields(rule) && rule.when !== undefined)
      report(['remove', index, 'when'], 'does not go with trim, which takes tags whatever their value');
  }
}

/** A rule whose keys can all never be removed is a mistake, not a rule. */
function checkKey(key: string, path: IssuePath, unprotected: readonly string[], report: Report): void {
  const literal = key.split(/[*?]/, 1)[0] ?? '';
  if (RESERVED_PREFIXES.some((prefix) => literal.startsWith(prefix))) {
    report(path, 'names only keys that the cloud reserves (acs:, aliyun): they are never removed');
    return;
  }
  const kubernetes = isWildcard(key)
    ? KUBERNETES_PREFIXES.some((prefix) => literal.startsWith(prefix))
    : isKubernetesKey(key);
  if (!kubernetes || unprotected.some(compileWildcard(key))) return;
  const message =
    'names only keys by which Kubernetes finds its pods: they stay unless unprotect names the exact key';
  report(path, message, isWildcard(key) ? undefined : `unprotect: [${key}]`);
}

function checkUnprotected(key: string, path: IssuePath, report: Report): void {
  if (isReservedKey(key)) report(path, 'is reserved by the cloud: no policy can remove it');
  else if (key !== '' && !isKubernetesKey(key)) {
    const why = isWildcard(key) ? 'must be one exact key, without wildcards' : 'is no key of Kubernetes';
    report(path, `${why}: unprotect is for those alone`);
  }
}

function checkProtection(protection: Fields, path: IssuePath, report: Report): void {
  if (protection.keys === undefined && protection.resources === undefined) {
    report(path, 'protects nothing by itself: give keys, resources, or both');
  }
  if (protection.resources !== undefined) {
    checkCondition(protection.resources, [...path, 'resources'], 1, report);
  }
}

/** A role counts once, whoever wears it: more than there are can never come together. */
function checkApproval({ approval }: Fields, report: Report): void {
  if (!isFields(approval)) return;
  const { needed, by } = approval;
  const most = new Set(listOf(by)).size;
  if (typeof needed !== 'number' || most === 0 || needed <= most) return;
  report(['approval', 'needed'], `can never be reached: by names ${most}, and each counts once`);
}

function checkNotify({ notify, notice }: Fields, report: Report): void {
  if (!isFields(notify) || notify.routes === undefined || notify.groupBy !== undefined) return;
  if (isFields(notice) && notice.groupBy !== undefined) return;
  report(['notify', 'routes'], 'go by the value of a tag: add groupBy, such as groupBy: team');
}

function checkCondition(condition: unknown, path: IssuePath, depth: number, report: Report): void {
  if (!isFields(condition)) return;
  if (depth > POLICY_BOUNDS.conditionDepth) {
    report(path, `is nested deeper than ${POLICY_BOUNDS.conditionDepth} conditions`);
    return;
  }
  checkSubject(condition, path, report);
  for (const word of ['all', 'any']) {
    for (const [index, part] of listOf(condition[word]).entries()) {
      checkCondition(part, [...path, word, index], depth + 1, report);
    }
  }
  if (condition.not !== undefined) checkCondition(condition.not, [...path, 'not'], depth + 1, report);
  if (isFields(condition.age)) checkAge(condition.age, [...path, 'age'], report);
  if (isFields(condition.tagCount)) checkTagCount(condition.tagCount, [...path, 'tagCount'], report);
}

function checkSubject(condition: Fields, path: IssuePath, report: Report): void {
  const subjects = SUBJECTS.filter((subject) => condition[subject] !== undefined);
  const tests = TAG_TESTS.filter((test) => condition[test] !== undefined);
  if (subjects.length > 1) {
    report(path, `has ${subjects.length} subjects (${subjects.join(', ')}): join conditions with all or any`);
  } else if (condition.tag !== undefined) {
    const { tag: _tag, ...rest } = condition;
    checkTests(rest, path, report);
  } else if (tests.length > 0) {
    report(path, `tests a tag without naming it: add tag: KEY beside ${tests.join(', ')}`);
  } else if (subjects.length === 0 && onlyKnown(condition, TAG_TESTS)) {
    report(path, `says nothing: give one of ${SUBJECTS.join(', ')}`);
  }
}

function checkTests(tests: Fields, path: IssuePath, report: Report): void {
  const given = [...TAG_TESTS, 'not'].filter((test) => tests[test] !== undefined);
  if (given.length === 0) report(path, 'tests nothing', 'exists: true');
  if (tests.exists === false && given.length > 1) {
    report(path, 'can never be true: a tag that does not exist passes no other test');
  }
  for (const modifier of Object.keys(MODIFIERS) as ModifierName[])
    checkModifier(tests, modifier, path, report);
  if (isFields(tests.not)) checkTests(tests.not, [...path, 'not'], report);
  checkRanges(tests, path, report);
}

function checkModifier(tests: Fields, modifier: ModifierName, path: IssuePath, report: Report): void {
  if (tests[modifier] === undefined) return;
  const owners = OPERATOR_NAMES.filter((name) => OPERATORS[name].modifiers.includes(modifier));
  if (owners.some((name) => tests[name] !== undefined)) return;
  const [last, ...others] = owners.toReversed();
  const belongs =
    others.length === 0
      ? `${last}, which is not here`
      : `${others.toReversed().join(', ')} or ${last}, none of which is here`;
  report([...path, modifier], `belongs to ${belongs}`);
}

function checkRanges(tests: Fields, path: IssuePath, report: Report): void {
  const { lessThan, greaterThan } = tests;
  if (typeof lessThan === 'number' && typeof greaterThan === 'number' && greaterThan >= lessThan) {
    report(path, 'can never be true: no number is less than the one and greater than the other');
  }
  const timeZone = typeof tests.timeZone === 'string' && isTimeZone(tests.timeZone) ? tests.timeZone : 'UTC';
  const [before, after] = ['before', 'after'].map((test) => {
    const text = tests[test];
    // What is no date at all is the schema's to say.
    if (typeof text !== 'string' || readIsoPeriod(text, 'UTC') === undefined) return undefined;
    const period = readIsoPeriod(text, timeZone);
    if (!period)
      report(
        [...path, test],
        `is no one instant in ${timeZone}: its clocks skip that time, or show it twice: write the offset, as in 2026-01-31T08:00:00+08:00`,
      );
    return period;
  });
  if (before && after && after.toMs >= before.fromMs) {
    report(path, 'can never be true: no date is before the one and after the other');
  }
}

function checkAge(age: Fields, path: IssuePath, report: Report): void {
  const [older, newer] = [age.olderThan, age.newerThan].map((text) =>
    typeof text === 'string' ? parseDuration(text) : undefined,
  );
  if (age.olderThan === undefined && age.newerThan === undefined)
    report(path, 'tests nothing', 'olderThan: 7d');
  if (older !== undefined && newer !== undefined && older >= newer) {
    report(path, 'can never be true: nothing is older than the one and newer than the other');
  }
}

function checkTagCount(count: Fields, path: IssuePath, report: Report): void {
  const { atLeast, atMost } = count;
  if (atLeast === undefined && atMost === undefined) report(path, 'tests nothing', 'atLeast: 18');
  if (typeof atLeast === 'number' && typeof atMost === 'number' && atLeast > atMost) {
    report(path, 'can never be true: at least is more than at most');
  }
}

/** A misspelt key is a fault of its own, and says enough. */
function onlyKnown(fields: Fields, known: readonly string[]): boolean {
  return Object.keys(fields).every((key) => known.includes(key));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
