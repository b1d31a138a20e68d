import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../lib/errors.ts';
import { surveyFleet } from '../../../lib/fleet/findings.ts';
import { type FirstPolicy, firstPolicy, policyOfFinding } from '../../../lib/fleet/first-policy.ts';
import { findUnnoticed, readPolicyTest, runPolicyTests } from '../../../lib/plan/policy-test.ts';
import { parsePolicy } from '../../../lib/policy/parse.ts';
import { aResource } from '../../support/builders.ts';

const ASOF = Date.UTC(2026, 5, 1);

/** Reads both files as the command line does, and runs the one on the other. */
async function tried({ policy, tests }: FirstPolicy) {
  const parsed = parsePolicy(policy, 'p.yaml');
  const report = await runPolicyTests(tests, 'p.test.yaml', () => parsed);
  const { unnoticed } = findUnnoticed(parsed, [readPolicyTest(tests, 'p.test.yaml').document]);
  return { policy: parsed, faults: report.results.flatMap(({ faults }) => faults), unnoticed };
}

describe('firstPolicy', () => {
  it('is a dry run with narrow limits, for what was answered', async () => {
    const { policy } = await tried(
      firstPolicy({ name: 'p', keys: ['ci-*'], keep: ['team'], regions: ['cn-beijing'], olderThan: '7d' }),
    );

    expect(policy).toMatchObject({
      name: 'p',
      mode: 'dry-run',
      scope: { regions: ['cn-beijing'] },
      select: { kind: 'age', olderThanMs: 7 * 86_400_000 },
      remove: [{ keys: { kind: 'wildcard', pattern: 'ci-*' } }],
      protect: [{ keys: ['team'] }],
      limits: { maxResources: 100, maxPercent: 20, canary: 5 },
    });
  });

  it('makes an allow-list of what stays where every key is to go', async () => {
    const { policy, faults, unnoticed } = await tried(
      firstPolicy({ name: 'p', keys: ['*'], keep: ['team', 'app-*'], regions: 'all' }),
    );

    expect(policy.remove).toMatchObject([{ keys: { kind: 'except', patterns: ['team', 'app-*'] } }]);
    expect(faults).toEqual([]);
    expect(unnoticed).toEqual([]);
  });

  it.each([
    { description: 'a key of the cloud', keys: ['acs:x'], says: 'never removed' },
    { description: 'a key of Kubernetes', keys: ['PodName'], says: 'Kubernetes' },
    { description: 'every key but none', keys: ['*'], says: 'must name at least one' },
  ])('refuses $description', ({ keys, says }) => {
    const make = () => firstPolicy({ name: 'p', keys, keep: [], regions: 'all' });

    expect(make).toThrow(PolicyError);
    expect(make).toThrow(says);
  });

  it('has tests that pass, and notice each small mistake', async () => {
    const word = fc.stringMatching(/^[a-z]{2,6}[-_]?$/);
    const pattern = fc.oneof(
      word,
      word.map((one) => `${one}*`),
      word.map((one) => `${one}?z`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(pattern, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(word, { maxLength: 3 }),
        fc.constantFrom('90m', '36h', '7d', '2w', undefined),
        async (keys, keep, olderThan) => {
          fc.pre(!keys.some((key) => /^aliyun/.test(key)));
          const age = olderThan === undefined ? {} : { olderThan };

          const { faults, unnoticed } = await tried(
            firstPolicy({ name: 'p', keys, keep, regions: 'all', ...age }),
          );

          expect(faults).toEqual([]);
          // A rule that another one makes needless, or a protection of what no rule takes, cannot be noticed.
          const open = unnoticed.filter((says) => !/^(remove\[\d+\]|protect)/.test(says));
          expect(open).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('policyOfFinding', () => {
  it('makes the policy of each finding, with tests made of the fleet', async () => {
    const fleet = [
      aResource({ id: 'eci-1', tags: { env: 'dev', Env: 'x', 'expires-at': '2026-01-01' } }),
      aResource({ id: 'eci-2', tags: { env: 'dev', 'expires-at': '2027-01-01', 'ci-a': '1', 'ci-b': '1' } }),
      aResource({ id: 'eci-3', tags: { env: 'dev', 'ci-c': 'a "b"' } }),
    ];
    const { findings } = surveyFleet(fleet, [], ASOF);

    const made = await Promise.all(
      findings.flatMap((finding) =>
        finding.policy === undefined
          ? []
          : tried(policyOfFinding('p', { ...finding, policy: finding.policy }, fleet, ASOF)),
      ),
    );

    expect(made.map(({ policy }) => policy.remove.map(({ label }) => label))).toEqual([
      ['remove[0] caseVariantsOf "env"'],
      ['remove[0] key "expires-at"'],
      ['remove[0] key "ci-*"'],
    ]);
    expect(made.flatMap(({ faults }) => faults)).toEqual([]);
  });
});
