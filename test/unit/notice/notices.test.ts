import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../lib/audit/record.ts';
import { createRecorder } from '../../../lib/audit/recorder.ts';
import { createNoticeJudge } from '../../../lib/notice/notice-judge.ts';
import { MOST_SKEW_MS, NO_NOTICES, type Notices, readNotices } from '../../../lib/notice/notices.ts';
import { tagDigest } from '../../../lib/notice/tag-digest.ts';
import { createJudge } from '../../../lib/plan/judge.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aBatchFact } from '../../support/audit-builders.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { aDrawnPolicy, aDrawnResource } from '../../support/policy-arbitraries.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const DAY = 86_400_000;
const NOTICED_AT = Date.UTC(2026, 5, 1);
const NOW = NOTICED_AT + 8 * DAY;
const RESOURCE = aResource({ tags: { 'ci-run': '81', env: 'dev' } });

interface Written {
  readonly atMs?: number;
  readonly policy?: string;
  readonly mode?: 'apply' | 'dry-run';
  readonly value?: string;
  readonly dueAtMs?: number;
  readonly accountId?: string;
}

/** What a run writes of one tag of `RESOURCE`. */
async function written(
  what: 'removal_noticed' | 'notice_withdrawn' | 'batch_completed',
  { atMs = NOTICED_AT, policy = 'a-policy', mode = 'apply', value = '81', ...more }: Written = {},
  fact: Parameters<typeof aBatchFact>[0] = {},
): Promise<readonly AuditRecord[]> {
  const log = createMemoryLog();
  const identity = more.accountId === undefined ? {} : { account_id: more.accountId };
  const recorder = createRecorder({ log, runId: `run-${atMs}`, identity, clock: virtualClock(atMs) });
  await recorder.runStarted({
    policy: { name: policy, digest: 'd' },
    trigger: { type: 'timer', name: 't' },
    mode,
  });
  const { region, type, id } = RESOURCE;
  if (what === 'batch_completed') await recorder.batchCompleted(aBatchFact(fact));
  else {
    const digest = tagDigest(RESOURCE, 'ci-run', value);
    const fields = { due_time: new Date(more.dueAtMs ?? atMs + 7 * DAY).toISOString() };
    await recorder.journal(
      what,
      [{ region, type, id, tags: [{ key: 'ci-run', value: digest }] }],
      'values',
      fields,
    );
  }
  await recorder.flush();
  return log.kept;
}

function noticesOf(records: readonly AuditRecord[], asOfMs = NOW, accountId?: string): Notices {
  return readNotices(records, { policyName: 'a-policy', graceMs: 7 * DAY, asOfMs, accountId });
}

function goes(notices: Notices, resource: Resource = RESOURCE, asOfMs = NOW): boolean {
  const judge = createNoticeJudge(createJudge(aPolicy(), asOfMs), notices, asOfMs);
  return judge.removals(resource).some(({ key }) => key === 'ci-run');
}

describe('readNotices', () => {
  it('lets a tag go whose notice is as old as the grace', async () => {
    const notices = noticesOf(await written('removal_noticed'));

    expect(goes(notices)).toBe(true);
  });

  it.each([
    { description: 'nothing was announced', records: async () => [] },
    {
      description: 'the notice is younger than the grace',
      records: () => written('removal_noticed', { atMs: NOW - 6 * DAY }),
    },
    {
      description: 'it is older by less than clocks can be apart',
      records: () => written('removal_noticed', { atMs: NOW - 7 * DAY - MOST_SKEW_MS + 1 }),
    },
    {
      description: 'another value was announced',
      records: () => written('removal_noticed', { value: '80' }),
    },
    {
      description: 'another policy announced it',
      records: () => written('removal_noticed', { policy: 'other' }),
    },
    {
      description: 'a dry run announced it',
      records: () => written('removal_noticed', { mode: 'dry-run' }),
    },
    {
      description: 'a longer grace was promised',
      records: () => written('removal_noticed', { dueAtMs: NOTICED_AT + 20 * DAY }),
    },
    {
      description: 'the notice claims to be of tomorrow',
      records: () => written('removal_noticed', { atMs: NOW + DAY }),
    },
    {
      description: 'it was withdrawn since',
      records: async () => [
        ...(await written('removal_noticed')),
        ...(await written('notice_withdrawn', { atMs: NOTICED_AT + DAY })),
      ],
    },
    {
      description: 'it was withdrawn just before, by a clock that may be late',
      records: async () => [
        ...(await written('removal_noticed')),
        ...(await written('notice_withdrawn', { atMs: NOTICED_AT - MOST_SKEW_MS + 1 })),
      ],
    },
    {
      description: 'a request named it since',
      records: async () => [
        ...(await written('removal_noticed')),
        ...(await written('batch_completed', { atMs: NOTICED_AT + DAY })),
      ],
    },
    {
      description: 'a request named it since, and nobody knows what became of that',
      records: async () => [
        ...(await written('removal_noticed')),
        ...(await written('batch_completed', { atMs: NOTICED_AT + DAY }, { outcome: 'unknown' })),
      ],
    },
    {
      description: 'the record was changed',
      records: async () =>
        (await written('removal_noticed')).map((record) => ({ ...record, resources_hash: 'sha256:00' })),
    },
    {
      description: 'the record does not say until when',
      records: async () =>
        (await written('removal_noticed')).map((record) => ({ ...record, due_time: 'soon' })),
    },
    {
      description: 'a withdrawal cannot be read, which may be its own',
      records: async () => [
        ...(await written('removal_noticed')),
        ...(await written('notice_withdrawn', { atMs: NOTICED_AT + DAY })).map((record) => ({
          ...record,
          resources: '[',
        })),
      ],
    },
  ])('keeps a tag where $description', async ({ records }) => {
    const notices = noticesOf(await records());

    expect(goes(notices)).toBe(false);
  });

  it('takes a request that failed for none, since the tag is still what was announced', async () => {
    const records = [
      ...(await written('removal_noticed')),
      ...(await written('batch_completed', { atMs: NOTICED_AT + DAY }, { outcome: 'failure' })),
    ];

    expect(goes(noticesOf(records))).toBe(true);
  });

  it('lets a tag go that was announced again long enough after its notice ended', async () => {
    const records = [
      ...(await written('removal_noticed')),
      ...(await written('notice_withdrawn', { atMs: NOTICED_AT + DAY })),
      ...(await written('removal_noticed', { atMs: NOTICED_AT + 2 * DAY })),
    ];

    expect(goes(noticesOf(records, NOW))).toBe(false);
    expect(goes(noticesOf(records, NOW + 2 * DAY), RESOURCE, NOW + 2 * DAY)).toBe(true);
  });

  it('keeps what was announced in another account', async () => {
    const records = await written('removal_noticed', { accountId: '1' });

    expect(goes(noticesOf(records, NOW, '2'))).toBe(false);
    expect(goes(noticesOf(records, NOW, '1'))).toBe(true);
  });

  it('counts the records that it could not read', async () => {
    const cut = (await written('removal_noticed')).map((record) => ({ ...record, resources: '' }));

    expect(noticesOf(cut).unreadable).toBe(1);
  });
});

describe('createNoticeJudge', () => {
  it('keeps with a reason of its own, and says since when and until when', async () => {
    const asOfMs = NOTICED_AT + DAY;
    const judge = createNoticeJudge(
      createJudge(aPolicy(), asOfMs),
      noticesOf(await written('removal_noticed'), asOfMs),
      asOfMs,
    );

    const [noticed] = judge.decide(RESOURCE);
    const [unnoticed] = judge.decide(aResource({ tags: { 'ci-run': '82' } }));

    expect(noticed).toMatchObject({
      verdict: 'keep',
      reason: 'noticed',
      notice: { noticedAtMs: NOTICED_AT, dueAtMs: NOTICED_AT + 7 * DAY },
    });
    expect(unnoticed).toMatchObject({ verdict: 'keep', reason: 'unnoticed', rule: 'remove[0] key "ci-*"' });
  });

  it('can only keep more than the policy does, whatever was announced', () => {
    fc.assert(
      fc.property(
        aDrawnPolicy,
        fc.array(aDrawnResource, { maxLength: 4 }),
        fc.func(fc.option(fc.nat(20), { nil: undefined })),
        (policy, resources, daysAgo) => {
          const inner = createJudge(policy, NOW);
          const notices: Notices = {
            ...NO_NOTICES,
            find: (ref, key, value) => {
              const days = daysAgo(ref.id, key, value);
              const noticedAtMs = NOW - (days ?? 0) * DAY;
              return days === undefined
                ? undefined
                : { ...ref, key, noticedAtMs, dueAtMs: noticedAtMs + 7 * DAY };
            },
          };
          const judge = createNoticeJudge(inner, notices, NOW);
          for (const resource of resources) {
            const without = inner.removals(resource);
            const removals = judge.removals(resource);
            expect(without).toEqual(expect.arrayContaining([...removals]));
            expect([...removals, ...judge.waiting(resource)]).toHaveLength(without.length);
            const gone = judge.decide(resource).filter(({ verdict }) => verdict === 'remove');
            expect(gone.map(({ key }) => key).sort()).toEqual(removals.map(({ key }) => key).sort());
            expect(judge.isFree(resource, 'ci-new')).toBe(false);
          }
        },
      ),
    );
  });
});
