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
});
