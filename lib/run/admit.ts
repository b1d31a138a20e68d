import type { RequestLimits } from '../batch/types.ts';
import { CleanupError } from '../errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { DEADLINE_REACHED } from '../pace/unsent.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import { checkLimits } from '../plan/limits.ts';
import { requestLimits } from '../plan/request-limits.ts';
import type { Plan } from '../plan/types.ts';
import { verifyBatches } from '../plan/verify.ts';
import type { Mode, Policy } from '../policy/policy.ts';
import type { AuditLog } from '../ports.ts';
import type { Chain } from './chain.ts';
import { digestOf } from './continuation.ts';

export interface AdmitOptions {
  readonly policy: Policy;
  readonly mode: Mode;
  readonly audit: AuditLog | null;
  readonly isFree: IsFree;
  /** The digest that a person reviewed. */
  readonly planDigest?: string;
  /** Given by who goes on with a reviewed plan: then the digest is of what goes alone, since others create resources. */
  readonly chain?: Chain;
  /** Whether changes travel in a body. */
  readonly formBody: boolean | undefined;
  /** Why the inventory is not complete; empty when it is. */
  readonly gaps: Inventory['gaps'];
}

/**
 * Decides whether a plan may be applied. Every way in passes here: timer, console, event, command line,
 * continuation and saved plan, and a dry run as well.
 *
 * @throws {CleanupError} codes `INVENTORY_INCOMPLETE`, `DIGEST_MISMATCH`, `LIMIT_EXCEEDED`, `PLAN_REFUSED`,
 *   `PLAN_UNPROVED`, and `AUDIT_UNAVAILABLE` for an apply without a place for its records.
 */
export function admitPlan(plan: Plan, options: AdmitOptions): void {
  if (!plan.inventory.complete) throw incomplete(options.gaps);
  checkReviewed(plan, options);
  checkLimits(plan, options.policy.limits);
  const limits = requestLimits(options.policy.batch, options.formBody);
  refuseLonger(plan, limits);
  verifyBatches({ removals: plan.removals, batches: plan.batches, isFree: options.isFree, limits });
  if (options.mode === 'apply' && options.audit === null) {
    throw new CleanupError(
      'AUDIT_UNAVAILABLE',
      'No log store is set, so nothing was removed: what is removed must be written down first. Set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE, or TAGSWEEP_LOG_FILE outside Function Compute.',
    );
  }
}

function checkReviewed(plan: Plan, { planDigest: wanted, chain }: AdmitOptions): void {
  if (wanted === undefined) return;
  const made = chain === undefined ? plan.digest : digestOf(plan, plan.removals);
  if (wanted === made) return;
  throw new CleanupError(
    'DIGEST_MISMATCH',
    `The plan made now has the digest ${made}, not the ${wanted} that was asked for: the resources, the policy or the size of requests (TAGSWEEP_FORM_BODY, a profile) changed since. Nothing was removed; review a new dry run, and apply its digest.`,
  );
}

function refuseLonger({ requests }: Plan, limits: RequestLimits): void {
  if (requests.bytes <= limits.bytes) return;
  throw new CleanupError(
    'PLAN_REFUSED',
    'The plan was made for changes that are sent as form parameters, and here they are sent in the URL, for which its requests may be too long. Nothing was removed; set TAGSWEEP_FORM_BODY=on (--form-body on), or make the plan again.',
  );
}

const MORE_TIME =
  'the time was too short to read all: raise the timeout of the function (86,400 seconds at the most) or pace.share, or narrow regions, resourceTypes or select.';

function incomplete(gaps: Inventory['gaps']): CleanupError {
  const [first] = gaps;
  const where =
    first === undefined
      ? ''
      : `: ${first.resourceType ?? 'resources'} in ${first.region} could not be read (${first.code}: ${first.message})`;
  const others = gaps.length > 1 ? `, and ${gaps.length - 1} more` : '';
  const wasShort = gaps.some(({ code }) => code === DEADLINE_REACHED);
  return new CleanupError(
    'INVENTORY_INCOMPLETE',
    `The inventory is not complete${where}${others}. Nothing was removed; ${wasShort ? MORE_TIME : 'run again once it can be read.'}`,
  );
}
