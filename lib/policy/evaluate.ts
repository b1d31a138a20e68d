import type { Resource, TagKey } from '../resource.ts';
import { operatorOf } from './operators.ts';
import type { Condition, TextField, ValueTest } from './policy.ts';
import { every, not, some, type Truth } from './truth.ts';
import { compileWildcards } from './wildcard.ts';

/** A tag's value as a test sees it: a text, or a tag that is there with a value that is not known. */
export type SeenValue = string | typeof UNKNOWN_VALUE;
export const UNKNOWN_VALUE = Symbol('unknown value');

/**
 * A condition at one instant, compiled once and asked for any number of resources.
 *
 * With `added` the resource is looked at as if it carried that tag too, with a value that is not known, and
 * perhaps more: what may be true by the time a request arrives.
 */
export type Asker = (resource: Resource, added?: TagKey) => Truth;

/** Values of one tag are asked for again and again; a bound keeps memory flat when each is different. */
const MAX_REMEMBERED = 10_000;

/** Compiles a condition; durations count back from `asOfMs`, epoch milliseconds. */
export function compileCondition(condition: Condition, asOfMs: number): Asker {
  switch (condition.kind) {
    case 'all': {
      const parts = condition.of.map((part) => compileCondition(part, asOfMs));
      return (resource, added) => every(parts, (part) => part(resource, added));
    }
    case 'any': {
      const parts = condition.of.map((part) => compileCondition(part, asOfMs));
      return (resource, added) => some(parts, (part) => part(resource, added));
    }
    case 'not': {
      const part = compileCondition(condition.of, asOfMs);
      return (resource, added) => not(part(resource, added));
    }
    case 'tag':
      return compileTag(condition, asOfMs);
    case 'text': {
      const matches = compileWildcards(condition.patterns);
      return (resource) => {
        const text = textOf(resource, condition.field);
        return text === undefined ? 'unknown' : matches(text);
      };
    }
    case 'age':
      return (resource) => testAge(condition, resource.createdAtMs, asOfMs);
    case 'tagCount':
      return (resource, added) => testTagCount(condition, resource, added);
  }
}

/**
 * Compiles tests of one tag's value, joined by and.
 *
 * @throws {Error} where there is none: nothing must not count as passed.
 */
export function compileTests(tests: readonly ValueTest[], asOfMs: number): (value: SeenValue) => Truth {
  if (tests.length === 0) throw new Error('A condition holds no test.');
  const askers = tests.map((test) => compileTest(test, asOfMs));
  const ask = (value: SeenValue) => every(askers, (asker) => asker(value));
  const remembered = new Map<SeenValue, Truth>();
  return (value) => {
    const known = remembered.get(value);
    if (known !== undefined) return known;
    const truth = ask(value);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(value, truth);
    return truth;
  };
}

/** What a text condition looks at; undefined where the property was not seen. */
export function textOf(resource: Resource, field: TextField): string | undefined {
  if (field === 'resourceType') return resource.type;
  if (field === 'resourceGroup') return resource.resourceGroupId;
  return resource[field];
}

/** The value of a tag of the resource; undefined where it is absent. Its tags must have been seen. */
export function tagValue(resource: Resource, key: TagKey): string | undefined {
  for (const tag of resource.tags ?? []) if (tag.key === key) return tag.value;
  return undefined;
}

/** The keys of tags that a condition looks at, and whether it counts them. */
export function looksAt(condition: Condition): { keys: ReadonlySet<TagKey>; counts: boolean } {
  const keys = new Set<TagKey>();
  let counts = false;
  const visit = (part: Condition): void => {
    if (part.kind === 'all' || part.kind === 'any') part.of.forEach(visit);
    else if (part.kind === 'not') visit(part.of);
    else if (part.kind === 'tag') keys.add(part.key);
    else if (part.kind === 'tagCount') counts = true;
  };
  visit(condition);
  return { keys, counts };
}

function compileTag(condition: Extract<Condition, { kind: 'tag' }>, asOfMs: number): Asker {
  const { key } = condition;
  const test = compileTests(condition.tests, asOfMs);
  const ofAbsent = passesAbsent(condition.tests);
  return (resource, added) => {
    if (added === key) return test(UNKNOWN_VALUE);
    if (resource.tags === undefined) return 'unknown';
    const value = tagValue(resource, key);
    return value === undefined ? ofAbsent : test(value);
  };
}

/** An absent tag passes `exists: false` and nothing else. */
export function passesAbsent(tests: readonly ValueTest[]): boolean {
  return tests.every((test) => test.op === 'exists' && !test.expected);
}

function compileTest(test: ValueTest, asOfMs: number): (value: SeenValue) => Truth {
  if (test.op === 'exists') return () => test.expected;
  if (test.op === 'not') {
    const inner = compileTests(test.tests, asOfMs);
    return (value) => not(inner(value));
  }
  const ask = operatorOf(test.op).ask(test, asOfMs);
  return (value) => (typeof value === 'string' ? ask(value) : 'unknown');
}

function testAge(
  condition: Extract<Condition, { kind: 'age' }>,
  createdAtMs: number | undefined,
  asOfMs: number,
): Truth {
  if (createdAtMs === undefined) return 'unknown';
  const ageMs = asOfMs - createdAtMs;
  const { olderThanMs, newerThanMs } = condition;
  return (
    (olderThanMs === undefined || ageMs > olderThanMs) && (newerThanMs === undefined || ageMs < newerThanMs)
  );
}

function testTagCount(
  condition: Extract<Condition, { kind: 'tagCount' }>,
  resource: Resource,
  added: TagKey | undefined,
): Truth {
  if (resource.tags === undefined) return 'unknown';
  const { atLeast, atMost } = condition;
  const count = resource.tags.length;
  if (added === undefined)
    return (atLeast === undefined || count >= atLeast) && (atMost === undefined || count <= atMost);
  // One more for certain, and nobody knows how many came beside it.
  const least = tagValue(resource, added) === undefined ? count + 1 : count;
  if (atMost !== undefined && least > atMost) return false;
  return atMost === undefined && (atLeast === undefined || least >= atLeast) ? true : 'unknown';
}
