import type { Decision, Judge, RemovalTag } from '../plan/types.ts';
import type { Resource } from '../resource.ts';
import { MOST_SKEW_MS, type Notices } from './notices.ts';

/** A judge that knows which tags would go but for their notice. */
export interface NoticeJudge extends Judge {
  /** The tags that the policy takes and that stay, since their notice is not over, or they have none yet. */
  waiting(resource: Resource): readonly RemovalTag[];
  /** All that the policy takes, whatever was announced. */
  due(resource: Resource): readonly RemovalTag[];
}

const NOTHING: readonly RemovalTag[] = [];

/**
 * A judge that takes of what another one takes only what was announced long enough ago: it can only keep more.
 *
 * No key is free: what somebody adds in between was not announced.
 *
 * @param asOfMs The instant that notices are measured against, epoch milliseconds.
 */
export function createNoticeJudge(judge: Judge, notices: Notices, asOfMs: number): NoticeJudge {
  const isOver = (resource: Resource, { key, value }: Pick<RemovalTag, 'key' | 'value'>): boolean => {
    const notice = notices.find(resource, key, value);
    return notice !== undefined && notice.dueAtMs + MOST_SKEW_MS <= asOfMs;
  };
  const pick = (resource: Resource, over: boolean): readonly RemovalTag[] => {
    const due = judge.removals(resource);
    if (due.length === 0) return NOTHING;
    const picked = due.filter((tag) => isOver(resource, tag) === over);
    return picked.length > 0 ? picked : NOTHING;
  };
  return {
    decide: (resource) =>
      judge
        .decide(resource)
        .map((decision) =>
          decision.verdict === 'remove' && !isOver(resource, decision)
            ? keptBy(decision, notices.find(resource, decision.key, decision.value))
            : decision,
        ),
    removals: (resource) => pick(resource, true),
    waiting: (resource) => pick(resource, false),
    due: judge.removals,
    isFree: () => false,
    freeClass: () => 'nothing is free',
    selects: judge.selects,
  };
}

function keptBy(decision: Decision, notice: ReturnType<Notices['find']>): Decision {
  if (notice === undefined) return { ...decision, verdict: 'keep', reason: 'unnoticed' };
  const { noticedAtMs, dueAtMs } = notice;
  return { ...decision, verdict: 'keep', reason: 'noticed', notice: { noticedAtMs, dueAtMs } };
}
