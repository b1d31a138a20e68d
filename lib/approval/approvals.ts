import type { AuditRecord } from '../audit/record.ts';
import type { ApprovalRule } from '../policy/policy.ts';
import { principalOf } from './principal.ts';

/** Longest time for which a plan is approved; records are read so far back. */
export const MOST_VALID_MS = 30 * 86_400_000;

/** The records that tell of approvals. */
export const APPROVAL_EVENTS = ['plan_approved', 'approval_revoked'] as const;

/** A plan that somebody approved, and that may still be applied. */
export interface Approval {
  /** `user/NAME` or `role/NAME`. */
  readonly by: string;
  readonly atMs: number;
  readonly untilMs: number;
}

export interface ApprovalQuery {
  /** Digests that stand for the plan. */
  readonly digests: readonly string[];
  readonly asOfMs: number;
  /** Of the account worked in; who is of another one approves nothing here. */
  readonly accountId?: string | undefined;
}

/**
 * The approvals of a plan that hold: signed, not over, not taken back by who gave them; one for each principal.
 *
 * @param records - those that are taken for true: of a holder of the key.
 */
export function readApprovals(records: readonly AuditRecord[], query: ApprovalQuery): readonly Approval[] {
  const { digests, asOfMs, accountId } = query;
  const own = records.flatMap((record) => {
    const who = principalOf(record.actor);
    const atMs = Date.parse(record.event_time);
    const isOfPlan = digests.includes(record.plan_digest ?? '');
    const isHere = accountId === undefined || who?.accountId === accountId;
    if (who === undefined || !isOfPlan || !isHere || Number.isNaN(atMs)) return [];
    return [{ record, by: who.name, atMs }];
  });
  const revokedAt = new Map<string, number>();
  for (const { record, by, atMs } of own) {
    if (record.event_name !== 'approval_revoked') continue;
    revokedAt.set(by, Math.max(revokedAt.get(by) ?? -Infinity, atMs));
  }
  const approvals = new Map<string, Approval>();
  for (const { record, by, atMs } of own) {
    const untilMs = Date.parse(record.until_time ?? '');
    // What does not say until when, or says longer than may be, holds for no time at all.
    const holds = asOfMs < untilMs && untilMs - atMs <= MOST_VALID_MS;
    if (record.event_name !== 'plan_approved' || !holds || atMs <= (revokedAt.get(by) ?? -Infinity)) continue;
    if (untilMs > (approvals.get(by)?.untilMs ?? 0)) approvals.set(by, { by, atMs, untilMs });
  }
  return [...approvals.values()];
}

/**
 * What a plan still lacks of what its policy asks for, in words; nothing: it may be applied.
 *
 * @param makers - who made the plan, and who applies it, as far as that is known: what they approve themselves does not
 *   do alone.
 */
export function lackOf(
  { needed, by }: ApprovalRule,
  approvals: readonly Approval[],
  makers: readonly string[],
): string | undefined {
  const counted = approvals.filter((approval) => by.includes(approval.by));
  const names = counted.map((approval) => approval.by);
  const has =
    names.length === 0 ? 'nobody has' : `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'}`;
  if (names.length < needed) {
    return `${needed} of ${by.join(', ')} must approve it, and ${has}`;
  }
  if (names.every((name) => makers.includes(name))) {
    return `${has} approved it, and made or applies it: somebody else must approve it, too`;
  }
  return undefined;
}
