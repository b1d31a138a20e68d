import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parsePolicy, parsePolicyDocument } from '../../../lib/policy/parse.ts';
import { aPolicy } from '../../support/builders.ts';
import { aDrawnDocument, aDrawnPolicy } from '../../support/policy-arbitraries.ts';

const RUNS = { numRuns: 100 };

/** The same value with the keys of each mapping the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('the digest of a policy', () => {
  it('does not depend on the order of keys, on mode, or on the description', () => {
    fc.assert(
      fc.property(aDrawnDocument, (document) => {
        const { digest } = aPolicy(document);

        expect(aPolicy({ ...document, mode: 'apply', description: 'other words' }).digest).toBe(digest);
        expect(aPolicy(reversed(document) as Record<string, unknown>).digest).toBe(digest);
      }),
      RUNS,
    );
  });

  it('does not change when a default is written out', () => {
    expect(aPolicy({ limits: { maxResources: 1000, maxTags: 20_000 }, verify: 'all' }).digest).toBe(
      aPolicy().digest,
    );
  });

  it.each([
    [{ name: 'another' }],
    [{ remove: [{ key: 'ci-?' }] }],
    [{ limits: { maxFailures: 0 } }],
    [{ protect: [{ keys: ['a'] }] }],
    [{ journal: 'keys' }],
    [{ scope: { regions: ['cn-beijing'] } }],
  ])('changes with %o', (part) => {
    expect(aPolicy(part).digest).not.toBe(aPolicy().digest);
  });
});

describe('the document of a policy', () => {
  it('gives the same policy again, as an object, as JSON and as YAML', () => {
    fc.assert(
      fc.property(aDrawnPolicy, (policy) => {
        const copy: unknown = JSON.parse(JSON.stringify(policy.document));

        expect(parsePolicyDocument(copy, 'again')).toEqual(policy);
        expect(parsePolicy(JSON.stringify(copy), 'again.json')).toEqual(policy);
        expect(parsePolicy(stringify(copy), 'again.yaml')).toEqual(policy);
      }),
      RUNS,
    );
  });
});
