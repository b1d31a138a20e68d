import { APPROVAL_EVENTS, lackOf, MOST_VALID_MS, readApprovals } from '../approval/approvals.ts';
import { principalOf } from '../approval/principal.ts';
import { CleanupError } from '../errors.ts';
import type { Plan } from '../plan/types.ts';
import type { Mode, Policy } from '../policy/policy.ts';
import { digestOf } from './continuation.ts';
import type { Session } from './session.ts';
import { keepSigned } from './trusted-run.ts';

/**
 * Refuses to apply a plan that was not approved as its policy asks. A plan that removes nothing needs nobody.
 *
 * An approval is of the plan's digest, or of the digest of its removals alone, which stays the same while resources that
 * it does not touch come and go: a later run may make the plan again that was approved.
 *
 * @throws {CleanupError} codes `APPROVAL_MISSING`, and `AUDIT_UNAVAILABLE` where the records cannot be read.
 */
export async function requireApproval(
  { ports, options, startedAtMs }: Session,
  { approval, name }: Pick<Policy, 'approval' | 'name'>,
  mode: Mode,
  plan: Plan,
): Promise<void> {
  if (approval === undefined || mode === 'dry-run' || plan.removals.length === 0) return;
  const { audit, signer } = ports;
  if (signer === undefined || audit === null) {
    throw new CleanupError(
      'APPROVAL_MISSING',
      `Policy ${name} asks for approval, and ${audit === null ? 'no log store is set' : 'TAGSWEEP_JOURNAL_KEY is not set'}: an approval that is not signed could be written by whoever may write to the log. Nothing was removed.`,
    );
  }
  const stable = digestOf(plan, plan.removals);
  const records = await audit.read({
    eventNames: APPROVAL_EVENTS,
    fromMs: Math.max(0, startedAtMs - MOST_VALID_MS),
  });
  const approvals = readApprovals(keepSigned(records, signer).own, {
    digests: [plan.digest, stable],
    asOfMs: ports.clock.now(),
    accountId: options.accountId ?? plan.accountId,
  });
  const makers = [plan.madeBy, principalOf(options.identity.actor)?.name].filter((one) => one !== undefined);
  const lack = lackOf(approval, approvals, makers);
  if (lack === undefined) return;
  throw new CleanupError(
    'APPROVAL_MISSING',
    `The plan is not approved: ${lack}. Nothing was removed. It is approved by: tagsweep approve ${stable}`,
  );
}
