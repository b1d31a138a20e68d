import { CleanupError } from '../errors.ts';
import { DURATION_PATTERN } from '../policy/duration.ts';
import { formatPath, type IssuePath } from '../policy/issue.ts';
import { parsePolicyDocument } from '../policy/parse.ts';
import type { Policy } from '../policy/policy.ts';

/** A policy with one small mistake. */
export interface PolicyMutant {
  /** What is wrong with it: `remove[0].key "ci-*" widened to "ci*"`. */
  readonly says: string;
  readonly policy: Policy;
}

type Fields = Readonly<Record<string, unknown>>;

interface Edit {
  readonly path: IssuePath;
  readonly what: string;
  /** What stands there then; left out: nothing does. */
  readonly value?: unknown;
}

/** The parts that say which tags go. */
const PARTS = ['select', 'remove', 'protect', 'unprotect'] as const;

/** Words for people, which change nothing. */
const WORDS: readonly string[] = ['reason', 'owner'];

/** What is widened there keeps more: no mistake that costs a tag. */
const KEEPING: readonly IssuePath[number][] = ['protect', 'except', 'keep'];

const PATTERNS = /^(key|like|name|id|status|resourceGroup|order)$/;

const DAY_MS = 86_400_000;

/**
 * The mistakes that a person makes in a policy, one at a time: a clause dropped, a wildcard widened, a bound moved by
 * one, an opposite forgotten. What would be no policy, or the same one, is left out.
 */
export function* mutatePolicy(policy: Policy): Generator<PolicyMutant> {
  const document = policy.document as Fields;
  for (const part of PARTS) {
    if (document[part] === undefined) continue;
    for (const edit of [...dropped([part]), ...editsOf(document[part], [part])]) {
      const mutant = readMutant(applied(document, edit.path, edit), policy);
      if (mutant !== undefined) yield { says: `${formatPath(edit.path)} ${edit.what}`, policy: mutant };
    }
  }
}

function readMutant(document: unknown, { digest, name }: Policy): Policy | undefined {
  try {
    const mutant = parsePolicyDocument(document, name);
    return mutant.digest === digest ? undefined : mutant;
  } catch (error) {
    if (error instanceof CleanupError) return undefined;
    throw error;
  }
}

function* editsOf(value: unknown, path: IssuePath): Generator<Edit> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      yield* dropped([...path, at], typeof item === 'string' ? ` (${JSON.stringify(item)})` : '');
      yield* editsOf(item, [...path, at]);
    }
  } else if (isFields(value)) {
    yield* editsOfFields(value, path);
  } else {
    yield* editsOfWord(value, path);
  }
}

function* editsOfFields(fields: Fields, path: IssuePath): Generator<Edit> {
  const { not, tag, ...tests } = fields;
  if (isFields(not)) {
    yield { path, what: 'without its not', value: { ...(tag !== undefined && { tag }), ...tests, ...not } };
  }
  if (tag !== undefined && tests.exists === undefined) {
    yield { path, what: 'asks only whether the tag exists', value: { tag, exists: true } };
  }
  for (const [name, value] of Object.entries(fields)) {
    if (WORDS.includes(name)) continue;
    yield* dropped([...path, name]);
    yield* editsOf(value, [...path, name]);
  }
}

function* editsOfWord(value: unknown, path: IssuePath): Generator<Edit> {
  const moved = (to: unknown): Edit => ({
    path,
    what: `${JSON.stringify(value)} moved to ${JSON.stringify(to)}`,
    value: to,
  });
  const name = path.findLast((step) => typeof step === 'string') as string;
  if (typeof value === 'boolean') yield moved(!value);
  else if (typeof value === 'number') for (const step of [-1, 1]) yield moved(value + step);
  else if (typeof value !== 'string') return;
  else if (/^(olderThan|newerThan|grace)$/.test(name))
    for (const to of durationsBeside(value)) yield moved(to);
  else if (/^(before|after|until)$/.test(name)) for (const to of daysBeside(value)) yield moved(to);
  else if (PATTERNS.test(name) && !path.some((step) => KEEPING.includes(step))) {
    const to = widened(value, name === 'key');
    if (to !== value)
      yield { path, what: `${JSON.stringify(value)} widened to ${JSON.stringify(to)}`, value: to };
  }
}

function dropped(path: IssuePath, which = ''): readonly Edit[] {
  return [{ path, what: `dropped${which}` }];
}

function durationsBeside(text: string): readonly string[] {
  const [, count, unit] = DURATION_PATTERN.exec(text) ?? [];
  return count === undefined ? [] : [Number(count) - 1, Number(count) + 1].map((moved) => `${moved}${unit}`);
}

function daysBeside(text: string): readonly string[] {
  const date = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  if (date === undefined) return [];
  return [-DAY_MS, DAY_MS].map((step) => {
    const moved = new Date(Date.parse(date) + step).toISOString().slice(0, date.length);
    return `${moved}${text.slice(date.length)}`;
  });
}

/** Without the last letter before the first star; a key without one becomes a family of keys. */
function widened(pattern: string, isKey: boolean): string {
  const at = pattern.indexOf('*');
  if (at < 0) return isKey ? `${pattern}*` : pattern;
  return `${pattern.slice(0, Math.max(0, at - 1))}${pattern.slice(at)}`;
}

/** The document with one edit made. */
function applied(value: unknown, [step, ...rest]: IssuePath, edit: Edit): unknown {
  if (step === undefined) return edit.value;
  const isDropped = rest.length === 0 && edit.value === undefined;
  if (Array.isArray(value)) {
    const at = Number(step);
    return isDropped ? value.toSpliced(at, 1) : value.with(at, applied(value[at], rest, edit));
  }
  const { [step]: inner, ...others } = value as Fields;
  return isDropped ? others : { ...others, [step]: applied(inner, rest, edit) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
