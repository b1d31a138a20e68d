import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutatePolicy } from '../../../lib/plan/policy-mutants.ts';
import { aPolicy } from '../../support/builders.ts';
import { aDrawnPolicy } from '../../support/policy-arbitraries.ts';

const saysOf = (part: Record<string, unknown>) => [...mutatePolicy(aPolicy(part))].map(({ says }) => says);

describe('mutatePolicy', () => {
  it('drops clauses, widens wildcards, moves bounds and forgets opposites, one at a time', () => {
    const says = saysOf({
      select: { all: [{ age: { olderThan: '7d' } }, { not: { tag: 'env', equals: 'prod' } }] },
      remove: [
        { key: 'ci-*', when: { lessThan: 5 } },
        { except: ['team', 'env'] },
        { key: 'until', when: { before: '2026-01-01' } },
      ],
      protect: [{ keys: ['ci-keep'], until: '2026-03-01', reason: 'a word' }],
    });

    expect(says.sort()).toEqual(
      [
        'select dropped',
        'select.all[0] dropped',
        'select.all[0].age.olderThan "7d" moved to "6d"',
        'select.all[0].age.olderThan "7d" moved to "8d"',
        'select.all[1] dropped',
        'select.all[1] without its not',
        'select.all[1].not asks only whether the tag exists',
        'remove[0] dropped',
        'remove[0].key "ci-*" widened to "ci*"',
        'remove[0].when dropped',
        'remove[0].when.lessThan 5 moved to 4',
        'remove[0].when.lessThan 5 moved to 6',
        'remove[1] dropped',
        'remove[1].except[0] dropped ("team")',
        'remove[1].except[1] dropped ("env")',
        'remove[2] dropped',
        'remove[2].key "until" widened to "until*"',
        'remove[2].when dropped',
        'remove[2].when.before "2026-01-01" moved to "2025-12-31"',
        'remove[2].when.before "2026-01-01" moved to "2026-01-02"',
        'protect dropped',
        'protect[0] dropped',
        'protect[0].until dropped',
        'protect[0].until "2026-03-01" moved to "2026-02-28"',
        'protect[0].until "2026-03-01" moved to "2026-03-02"',
      ].sort(),
    );
  });

  it('makes policies, each another one', () => {
    fc.assert(
      fc.property(aDrawnPolicy, (policy) => {
        for (const mutant of mutatePolicy(policy)) {
          expect(mutant.policy.digest).not.toBe(policy.digest);
          expect(mutant.policy.name).toBe(policy.name);
        }
      }),
      { numRuns: 30 },
    );
  });
});
