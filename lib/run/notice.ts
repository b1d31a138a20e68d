import type { Inventory } from '../inventory/inventory.ts';
import { narrowScope } from '../inventory/scope.ts';
import { accountNotices, noticeEntries } from '../notice/bookkeeping.ts';
import { createNoticeJudge, type NoticeJudge } from '../notice/notice-judge.ts';
import { HOLDS_MS, NO_NOTICES, NOTICE_EVENTS, type Notices, readNotices } from '../notice/notices.ts';
import type { Judge } from '../plan/types.ts';
import { formatDuration } from '../policy/duration.ts';
import type { Policy } from '../policy/policy.ts';
import { describeError } from '../redact.ts';
import { NO_NOTICE_COUNTS, type NoticeCounts } from '../report/report.ts';
import type { ResourceRef } from '../resource.ts';
import { counted } from '../text.ts';
import type { CleanupRequest, RunPorts } from './request.ts';
import type { Session } from './session.ts';
import { tellingOf, tellNotices } from './telling.ts';
import { keepSigned } from './trusted-run.ts';

/** What is known of a policy's notices, and the judge that goes by it. */
export interface KnownNotices {
  readonly notices: Notices;
  readonly judge: NoticeJudge;
  readonly asOfMs: number;
}

/** What a reader should know of how notices were read. */
type Warn = (warning: string) => void;

/**
 * Reads what was announced under a policy, and makes its judge go by it. What cannot be read was not announced, so
 * that everything stays.
 *
 * @param judge - of the policy, or of several of which it is one.
 * @returns nothing for a policy that announces nothing.
 */
export async function knowNotices(
  { audit, signer }: Pick<RunPorts, 'audit' | 'signer'>,
  policy: Policy,
  judge: Judge,
  now: { readonly asOfMs: number; readonly accountId?: string | undefined },
  warn: Warn,
): Promise<KnownNotices | undefined> {
  if (policy.notice === undefined) return undefined;
  const notices = await readFrom(audit, signer, policy, policy.notice.graceMs, now, warn);
  return { notices, judge: createNoticeJudge(judge, notices, now.asOfMs), asOfMs: now.asOfMs };
}

async function readFrom(
  audit: RunPorts['audit'],
  signer: RunPorts['signer'],
  policy: Policy,
  graceMs: number,
  { asOfMs, accountId }: { readonly asOfMs: number; readonly accountId?: string | undefined },
  warn: Warn,
): Promise<Notices> {
  if (audit === null) {
    warn('No log store is set, so that no notice is known: whatever the policy takes is kept.');
    return NO_NOTICES;
  }
  try {
    const records = await audit.read({
      policyName: policy.name,
      eventNames: NOTICE_EVENTS,
      fromMs: Math.max(0, asOfMs - graceMs - HOLDS_MS),
    });
    const { own, aside } = keepSigned(records, signer);
    const notices = readNotices(own, { policyName: policy.name, graceMs, asOfMs, accountId });
    const unsigned = aside.filter(({ eventId }) => /:(?:notice|withdraw):\d+$/.test(eventId)).length;
    if (unsigned > 0) {
      warn(
        `${counted(unsigned, 'record')} of notices left aside, since they are not signed with a key of TAGSWEEP_JOURNAL_KEY.`,
      );
    }
    if (notices.unreadable > 0) {
      warn(
        `${counted(notices.unreadable, 'record')} of notices could not be read: what they announced is kept.`,
      );
    }
    return notices;
  } catch (error) {
    warn(`Notices could not be read, so that whatever the policy takes is kept: ${describeError(error)}`);
    return NO_NOTICES;
  }
}

/**
 * The instant that notices are measured against: when the run began of which this one is a part, so that the parts
 * judge alike. A time that an event tells can only be earlier than now.
 */
export function noticedBefore(request: Pick<CleanupRequest, 'chain'>, session: Session): number {
  return Math.min(session.startedAtMs, request.chain?.startedAtMs ?? session.startedAtMs);
}

/** How many tags of a reading stay for their notice. */
export function countWaiting({ resources }: Inventory, known: KnownNotices | undefined): number {
  if (known === undefined) return 0;
  let waiting = 0;
  for (const resource of resources) waiting += known.judge.waiting(resource).length;
  return waiting;
}

/** What a run did about notices. */
export interface NoticeFindings {
  /** Tags that the policy takes, and that stay for now. */
  readonly noticed: number;
  readonly notices: NoticeCounts;
}

/**
 * Writes down what was announced and does not go any more, and announces what is new: first it is told, then recorded,
 * and only then its grace runs. A dry run only counts, and so does a part of a run, whose first member did it.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` where it cannot be recorded that a notice ended.
 */
export async function keepNotices(
  session: Session,
  request: CleanupRequest,
  inventory: Inventory,
  known: KnownNotices | undefined,
): Promise<NoticeFindings | undefined> {
  const { policy, chain, created, mode } = request;
  if (known === undefined || policy.notice === undefined || !inventory.complete) return undefined;
  const account = accountNotices(inventory.resources, known.judge, known.notices, wasReadBy(request));
  const { waiting: noticed } = account;
  const { audit } = session.ports;
  const isFirst = chain === undefined || created !== undefined;
  if (mode === 'dry-run' || audit === null || !isFirst) return { noticed, notices: NO_NOTICE_COUNTS };
  await session.recorder.journal('notice_withdrawn', account.toWithdraw);
  const withdrawn = account.toWithdraw.length;
  const wanted = countTags(account.toNotice);
  if (wanted === 0) return { noticed, notices: { given: 0, withdrawn, untold: 0 } };
  const dueAtMs = session.ports.clock.now() + policy.notice.graceMs;
  const delivered = await tellNotices(session, policy, tellingOf(request), account.toNotice, dueAtMs);
  const given = (await recordNotices(session, policy, noticeEntries(delivered), dueAtMs))
    ? countTags(delivered)
    : 0;
  return { noticed, notices: { given, withdrawn, untold: wanted - given } };
}

async function recordNotices(
  session: Session,
  policy: Policy,
  entries: ReturnType<typeof noticeEntries>,
  dueAtMs: number,
): Promise<boolean> {
  try {
    await session.recorder.journal('removal_noticed', entries, 'values', {
      grace: formatDuration(policy.notice?.graceMs ?? 0),
      due_time: new Date(dueAtMs).toISOString(),
    });
    return true;
  } catch (error) {
    session.warnings.push(
      `What was announced could not be recorded, so that its grace has not begun: ${describeError(error)}`,
    );
    return false;
  }
}

/** Whether a complete reading of a request shows a resource, if it is there. */
function wasReadBy({ policy, narrowing, created }: CleanupRequest): (ref: ResourceRef) => boolean {
  if (created !== undefined) {
    return ({ region, type, id }) =>
      created.some((one) => one.region === region && one.type === type && one.id === id);
  }
  const asked = narrowScope(policy, narrowing);
  const { resourceIds, regions } = narrowing;
  const types = narrowing.resourceTypes === undefined ? undefined : asked.resourceTypes;
  return ({ region, type, id }) =>
    (regions === undefined || regions.includes(region)) &&
    (types === undefined || types.includes(type)) &&
    (resourceIds === undefined || resourceIds.includes(id));
}

function countTags(told: readonly { readonly tags: readonly unknown[] }[]): number {
  return told.reduce((sum, { tags }) => sum + tags.length, 0);
}
