import { describe, expect, it } from 'vitest';
import { policyWarnings } from '../../../lib/policy/warnings.ts';
import { aPolicy } from '../../support/builders.ts';

describe('policyWarnings', () => {
  const policy = aPolicy({
    protect: [
      { keys: ['a'] },
      { keys: ['b'], until: '2026-06-30', reason: 'audit', owner: 'legal@example.com' },
    ],
  });

  it.each([
    ['15 days before the end', Date.UTC(2026, 5, 16), []],
    [
      '14 days before the end',
      Date.UTC(2026, 5, 17),
      ['protect[1] audit ends at 2026-07-01T00:00:00.000Z, in 14 days; ask legal@example.com'],
    ],
    [
      'on the last day',
      Date.UTC(2026, 5, 30, 12),
      ['protect[1] audit ends at 2026-07-01T00:00:00.000Z, in 1 day; ask legal@example.com'],
    ],
    [
      'when it has ended',
      Date.UTC(2026, 6, 1),
      ['protect[1] audit ended at 2026-07-01T00:00:00.000Z and no longer protects; ask legal@example.com'],
    ],
  ])('%s', (_description, asOfMs, expected) => {
    expect(policyWarnings(policy, asOfMs)).toEqual(expected);
  });

  it('names nobody to ask where the policy names none', () => {
    const bare = aPolicy({ protect: [{ keys: ['a'], until: '2026-06-30' }] });

    expect(policyWarnings(bare, Date.UTC(2026, 6, 1))).toEqual([
      'protect[0] keys "a" ended at 2026-07-01T00:00:00.000Z and no longer protects',
    ]);
  });

  it('takes an instant at its word, and not through its day', () => {
    const bare = aPolicy({ protect: [{ keys: ['a'], until: '2026-06-30T08:00:00Z' }] });

    expect(policyWarnings(bare, Date.UTC(2026, 5, 30, 8))[0]).toContain('ended at 2026-06-30T08:00:00.000Z');
  });

  describe('of a tag by which the policy selects, and which it removes', () => {
    const EXPIRES = { tag: 'expires-at', exists: true };
    const warned = (part: Parameters<typeof aPolicy>[0]) => policyWarnings(aPolicy(part), 0);

    it('names the tag and the rule', () => {
      expect(warned({ select: EXPIRES, remove: [{ key: 'ci-*' }, { key: 'expires-at' }] })).toEqual([
        'select looks at tag "expires-at", which remove[1] key "expires-at" removes: a run that breaks off between that tag and the others does not find the rest again. Select by a tag that stays, or remove this one with a policy of its own, afterwards',
      ]);
    });

    it.each([
      ['a value', { select: { tag: 'ci-run', equals: 'old' } }],
      [
        'one of several',
        { select: { any: [{ name: 'a' }, { all: [EXPIRES, { tag: 'ci-run', like: '?' }] }] } },
      ],
      ['one that must not be absent', { select: { not: { tag: 'ci-run', exists: false } } }],
      ['one of a family', { select: EXPIRES, remove: [{ except: ['team'] }] }],
      ['one that matches', { select: EXPIRES, remove: [{ keyMatches: '^exp' }] }],
      ['a case variant', { select: { tag: 'ENV', exists: true }, remove: [{ caseVariantsOf: ['env'] }] }],
      [
        'one that is protected for a while or on some resources only',
        {
          select: { tag: 'ci-run', exists: true },
          protect: [
            { keys: ['ci-run'], until: '2030-01-01' },
            { keys: ['ci-run'], resources: { name: 'a' } },
            { resources: { name: 'b' } },
          ],
        },
      ],
      [
        'one that the policy unprotects',
        { select: { tag: 'UID', exists: true }, unprotect: ['UID'], remove: [{ key: 'UID' }, { key: 'a' }] },
      ],
      ['how many tags there are', { select: { tagCount: { atLeast: 2 } } }],
      ['how many tags there are not', { select: { not: { tagCount: { atMost: 1 } } } }],
      [
        'one that may have to make room',
        { select: { tag: 'env', exists: true }, remove: [{ trim: { to: 3, order: ['e*'] } }] },
      ],
    ])('warns of %s', (_, part) => {
      expect(warned(part).join()).toContain('does not find the rest again');
    });

    it.each([
      ['no select', {}],
      [
        'one that never makes room',
        { select: { tag: 'env', exists: true }, remove: [{ trim: { to: 3, order: ['*'], keep: ['env'] } }] },
      ],
      ['how few tags there are', { select: { tagCount: { atMost: 19 } } }],
      ['a tag that stays', { select: { tag: 'env', equals: 'dev' } }],
      ['a tag that must be absent', { select: { tag: 'ci-run', exists: false } }],
      ['a value that the tag must not have', { select: { not: { tag: 'ci-run', equals: 'keep' } } }],
      ['the only tag that goes', { select: EXPIRES, remove: [{ key: 'expires-at' }] }],
      [
        'a tag that is protected',
        { select: { tag: 'ci-run', exists: true }, protect: [{ keys: ['ci-r*'] }] },
      ],
      ['a tag of Kubernetes', { select: { tag: 'UID', exists: true }, remove: [{ except: ['a'] }] }],
      ['a tag of the cloud', { select: { tag: 'acs:x', exists: true }, remove: [{ except: ['a'] }] }],
      [
        'no tag',
        { select: { all: [{ name: 'a' }, { age: { olderThan: '1d' } }, { tagCount: { atLeast: 1 } }] } },
      ],
    ])('is silent on %s', (_, part) => {
      expect(warned(part)).toEqual([]);
    });
  });
});
