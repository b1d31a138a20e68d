import { describe, expect, it } from 'vitest';
import { lackOf, MOST_VALID_MS, readApprovals } from '../../../lib/approval/approvals.ts';
import { principalOf } from '../../../lib/approval/principal.ts';
import { anAuditRecord } from '../../support/audit-builders.ts';

const NOW = Date.UTC(2026, 5, 2);
const HOUR = 3_600_000;
const DIGEST = `sha256:${'a'.repeat(64)}`;
const RULE = { needed: 1, by: ['user/alice', 'role/reviewers'] };

function approved(fields: Readonly<Record<string, string>> = {}) {
  return anAuditRecord({
    event_name: 'plan_approved',
    event_time: new Date(NOW - HOUR).toISOString(),
    plan_digest: DIGEST,
    actor: 'acs:ram::1234567890123456:user/alice',
    until_time: new Date(NOW + HOUR).toISOString(),
    ...fields,
  });
}

function by(...records: readonly ReturnType<typeof approved>[]): readonly string[] {
  const query = { digests: [DIGEST], asOfMs: NOW, accountId: '1234567890123456' };
  return readApprovals(records, query).map((approval) => approval.by);
}

describe('principalOf', () => {
  it.each([
    ['acs:ram::1234567890123456:user/alice', 'user/alice'],
    ['acs:ram::1234567890123456:assumed-role/reviewers/whatever-session', 'role/reviewers'],
    ['acs:ram::1234567890123456:role/reviewers', 'role/reviewers'],
    ['acs:ram::1234567890123456:root', 'root'],
    ['acs:ram::1234567890123456:user/a/b', undefined],
    ['user/alice', undefined],
    ['', undefined],
  ])('tells of %s that it is %s', (arn, name) => {
    expect(principalOf(arn)?.name).toBe(name);
  });
});

describe('readApprovals', () => {
  it('takes an approval of this plan that is not over', () => {
    expect(by(approved())).toEqual(['user/alice']);
  });

  it.each([
    { description: 'another plan', fields: { plan_digest: `sha256:${'b'.repeat(64)}` } },
    { description: 'a time that is over', fields: { until_time: new Date(NOW).toISOString() } },
    { description: 'no end', fields: { until_time: '' } },
    {
      description: 'a longer time than may be',
      fields: { until_time: new Date(NOW + MOST_VALID_MS).toISOString() },
    },
    { description: 'another account', fields: { actor: 'acs:ram::6543210987654321:user/alice' } },
    { description: 'nobody', fields: { actor: 'alice' } },
    { description: 'a time that cannot be read', fields: { event_time: 'yesterday' } },
  ])('takes none of $description', ({ fields }) => {
    expect(by(approved(fields))).toEqual([]);
  });

  it('counts each principal once, a role whoever wears it', () => {
    const role = (session: string) =>
      approved({ actor: `acs:ram::1234567890123456:assumed-role/reviewers/${session}` });

    expect(by(role('one'), role('two'), approved(), approved())).toEqual(['role/reviewers', 'user/alice']);
  });

  it('takes back what is revoked, by who gave it alone, and what is given again counts', () => {
    const at = (ms: number) => new Date(NOW - ms).toISOString();
    const revoked = approved({ event_name: 'approval_revoked', event_time: at(HOUR / 2), until_time: '' });
    const others = { ...revoked, actor: 'acs:ram::1234567890123456:user/bob' };

    expect(by(approved(), revoked)).toEqual([]);
    expect(by(approved(), others)).toEqual(['user/alice']);
    expect(by(approved(), revoked, approved({ event_time: at(HOUR / 4) }))).toEqual(['user/alice']);
  });
});

describe('lackOf', () => {
  const approval = (name: string) => ({ by: name, atMs: NOW, untilMs: NOW + HOUR });

  it('lacks nothing where enough of those who may have approved', () => {
    expect(lackOf(RULE, [approval('user/alice')], ['user/bob'])).toBeUndefined();
  });

  it.each([
    { description: 'nobody has', approvals: [], makers: [], says: 'nobody has' },
    { description: 'somebody else has', approvals: ['user/mallory'], makers: [], says: 'nobody has' },
    {
      description: 'who made it is its only approver',
      approvals: ['user/alice'],
      makers: ['user/alice'],
      says: 'somebody else must approve it',
    },
  ])('lacks something where $description', ({ approvals, makers, says }) => {
    expect(lackOf(RULE, approvals.map(approval), makers)).toContain(says);
  });

  it('asks for as many as are needed', () => {
    const rule = { ...RULE, needed: 2 };

    expect(lackOf(rule, [approval('user/alice')], [])).toContain('2 of user/alice, role/reviewers');
    expect(
      lackOf(rule, [approval('user/alice'), approval('role/reviewers')], ['user/alice']),
    ).toBeUndefined();
  });
});
