import { randomBytes } from 'node:crypto';
import { MOST_VALID_MS } from '../approval/approvals.ts';
import { principalOf } from '../approval/principal.ts';
import { makeApprovalRecord } from '../audit/approval-record.ts';
import { CleanupError } from '../errors.ts';
import type { RunPorts } from './request.ts';

/** What an approver asks for. */
export interface ApprovalWish {
  readonly digest: string;
  /** ISO 8601; left out: an approval is taken back. */
  readonly until?: string;
}

/** Who approves, as Security Token Service says. */
export interface Approver {
  readonly arn: string;
  readonly accountId: string;
}

/** What was written down. */
export interface RecordedApproval {
  readonly approval: {
    readonly planDigest: string;
    readonly by: string;
    /** Left out: it was taken back. */
    readonly until?: string;
  };
}

/**
 * Writes down that somebody approves a plan, or takes that back.
 *
 * @throws {CleanupError} codes `INVALID_REQUEST`, `INVALID_SETTING` without a key to sign with, `AUDIT_UNAVAILABLE`.
 */
export async function recordApproval(
  { digest, until }: ApprovalWish,
  { arn, accountId }: Approver,
  { audit, signer, clock }: Pick<RunPorts, 'audit' | 'signer' | 'clock'>,
  identity: Readonly<Record<string, string>>,
): Promise<RecordedApproval> {
  const who = principalOf(arn);
  if (who === undefined || who.accountId !== accountId) {
    throw new CleanupError(
      'INVALID_REQUEST',
      `Nobody approves as ${JSON.stringify(arn)}: it is no RAM user or role.`,
    );
  }
  if (signer === undefined) {
    throw new CleanupError(
      'INVALID_SETTING',
      'TAGSWEEP_JOURNAL_KEY is not set: an approval that is not signed could be written by whoever may write to the log, so that none is believed.',
    );
  }
  if (audit === null)
    throw new CleanupError('AUDIT_UNAVAILABLE', 'No log store is set: an approval is kept there.');
  const atMs = clock.now();
  const untilMs = until === undefined ? undefined : Date.parse(until);
  if (untilMs !== undefined && !(untilMs > atMs && untilMs - atMs <= MOST_VALID_MS)) {
    throw new CleanupError(
      'INVALID_REQUEST',
      `${until} is not within the next ${MOST_VALID_MS / 86_400_000} days: an approval ends, and says when.`,
    );
  }
  const id = `approval-${new Date(atMs).toISOString().replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
  const fact = {
    digest,
    actor: arn,
    accountId,
    atMs,
    id,
    identity,
    ...(untilMs !== undefined && { untilMs }),
  };
  await audit.write([makeApprovalRecord(fact, signer)]);
  return {
    approval: {
      planDigest: digest,
      by: who.name,
      ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
    },
  };
}
