import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../lib/errors.ts';
import { parsePolicy, parsePolicyDocument } from '../../../lib/policy/parse.ts';

const WHOLE = { version: 1, name: 'a', scope: { regions: 'all' }, remove: [{ key: 'x' }] };

/** Path and message of every fault of a document. */
function faultsOf(part: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    parsePolicyDocument({ ...WHOLE, ...part }, 'p.yaml');
  } catch (error) {
    if (error instanceof PolicyError) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('the faults of a policy', () => {
  it.each([
    { part: { version: undefined }, fault: 'version: is missing: write version: 1' },
    { part: { version: 2 }, fault: 'version: must be 1' },
    { part: { scope: {} }, fault: 'scope.regions: is missing' },
    { part: { scope: { regions: 7 } }, fault: 'scope.regions: must be a list of region ids, or: all' },
    { part: { remove: undefined }, fault: 'remove: is missing: at least one rule' },
    { part: { remove: 'x' }, fault: 'remove: must be a list of rules' },
    { part: { remove: ['x'] }, fault: 'remove[0]: must be a mapping of keys to values' },
    { part: { protect: ['x'] }, fault: 'protect[0]: must be a mapping of keys to values' },
    { part: { select: 'x' }, fault: 'select: must be a mapping of keys to values' },
    {
      part: { select: { name: 7 } },
      fault: 'select.name: must be a text with wildcards, or a list of them: put it in quotes',
    },
    { part: { select: { tagCount: {} } }, fault: 'select.tagCount: tests nothing' },
    {
      part: { select: { tag: 'a', exists: false, equals: 'x' } },
      fault: 'select: can never be true: a tag that does not exist passes no other test',
    },
    {
      part: { remove: [{ trim: { to: 20, order: ['*'] } }] },
      fault: 'remove[0].trim.to: must be a whole number from 0 to 19',
    },
    { part: { remove: [{ trim: { to: 3 } }] }, fault: 'remove[0].trim.order: is missing' },
    {
      part: { remove: [{ key: 'x', trim: { to: 3, order: ['*'] } }] },
      fault: 'remove[0]: names its keys in 2 ways: give one of key, keyMatches, except, caseVariantsOf, trim',
    },
    {
      part: { remove: [{ trim: { to: 3, order: ['*'] } }, { key: 'x' }, { trim: { to: 4, order: ['*'] } }] },
      fault: 'remove[2].trim: stands beside remove[0]: a policy trims once',
    },
    {
      part: { remove: [{ trim: { to: 3, order: ['*'] }, when: { equals: 'x' } }] },
      fault: 'remove[0].when: does not go with trim, which takes tags whatever their value',
    },
    { part: { mode: undefined }, fault: undefined },
    { part: { mode: 'aply' }, fault: 'mode: must be one of dry-run, apply' },
    {
      part: { remove: [{ key: 'x', when: { expired: "'" } }] },
      fault: expect.stringMatching(/^remove\[0\]\.when\.expired: /),
    },
  ])('$part: $fault', ({ part, fault }) => {
    const faults = faultsOf(part);

    if (fault === undefined) expect(faults).toEqual([]);
    else expect(faults).toContainEqual(fault);
  });

  it('suggests a key only at places that the schema knows', () => {
    expect(faultsOf({ nowhere: { deep: 1 } })).toEqual(['nowhere: is not a known key']);
  });

  it('shows faults of an unreadable text where they stand', () => {
    expect(() => parsePolicy('version: 1\nname: [a\n', 'p.yaml')).toThrow(
      /p\.yaml:\d+:\d+: the policy cannot be read/,
    );
  });

  it('finds the place of a fault behind an alias and in an empty list item', () => {
    const text =
      'version: 1\nname: a\nscope: { regions: all }\nremove: &r\n  - { key: x, wen: 1 }\nprotect: *r\n';

    expect(() => parsePolicy(text, 'p.yaml')).toThrow(/p\.yaml:5:\d+: remove\[0\]\.wen is not a known key/);
    expect(() => parsePolicy(text, 'p.yaml')).toThrow(/protect\[0\]/);
  });
});
