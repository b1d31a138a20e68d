import { checkIdentityProof } from '../../lib/cloud/identity-proof.ts';
import { CleanupError } from '../../lib/errors.ts';
import { type RecordedApproval, recordApproval } from '../../lib/run/record-approval.ts';
import type { Job } from './job.ts';
import type { ApproveWish } from './request.ts';

/** What was approved, and by whom. */
export type ApprovalAnswer = RecordedApproval & { readonly outcome: 'success' };

/**
 * Writes down that an approver invoked the function. The platform does not tell who invokes: the request brings a proof
 * that Security Token Service answers for, bound to this plan and this time, so that the key of the journal stays here.
 *
 * @throws {CleanupError} code `NOT_ALLOWED` where it is not proved who asks.
 */
export async function runForApproval(
  { approve, until, proof }: ApproveWish,
  { config, ports, options }: Job,
): Promise<ApprovalAnswer> {
  const purpose = { approve, until: until ?? '' };
  const who = await checkIdentityProof(config, proof, purpose);
  const { accountId } = options;
  const fault =
    'fault' in who
      ? who.fault
      : accountId !== undefined && who.accountId !== accountId
        ? `the credentials are of account ${who.accountId}`
        : undefined;
  if (fault !== undefined || 'fault' in who) {
    throw new CleanupError('NOT_ALLOWED', `Nothing was approved, since it is not proved who asks: ${fault}.`);
  }
  const wish = { digest: approve, ...(until !== undefined && { until }) };
  return { outcome: 'success', ...(await recordApproval(wish, who, ports, options.identity)) };
}
