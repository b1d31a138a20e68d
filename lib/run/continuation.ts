import { removalsDigest } from '../plan/digest.ts';
import type { Plan, Removal } from '../plan/types.ts';
import { describeError } from '../redact.ts';
import type { RunStop } from '../report/summarize.ts';
import type { Region } from '../resource.ts';
import type { Chain, ContinuationPayload } from './chain.ts';
import type { CleanupRequest } from './request.ts';
import type { Findings, Session } from './session.ts';

/** What the findings of a run become when it goes on elsewhere, or cannot. */
export type Onward = Partial<Pick<Findings, 'stop' | 'continuation' | 'children'>>;

/** The chain that begins with this run. */
export function firstChain(request: CleanupRequest, session: Session): Chain {
  return {
    familyId: request.runId,
    shard: 'all',
    hop: 0,
    idleHops: 0,
    allowance: { resources: 0, tags: 0, failures: 0 },
    startedAtMs: session.startedAtMs,
  };
}

/** What is sent to the function, so that it goes on with a request from where `chain` stands. */
export function payloadOf(
  request: CleanupRequest,
  chain: Chain,
  regions: readonly Region[] | undefined,
  pinned: string | undefined,
): ContinuationPayload {
  const { policy, narrowing } = request;
  return {
    tagsweep: 'continuation',
    version: 1,
    ...chain,
    policy: policy.name,
    ...(request.policyIsInline && { document: policy.document as Record<string, unknown> }),
    policyDigest: policy.digest,
    mode: 'apply',
    ...(pinned !== undefined && { planDigest: pinned }),
    ...(regions !== undefined && { regions: [...regions] }),
    ...(narrowing.resourceTypes !== undefined && { resourceTypes: [...narrowing.resourceTypes] }),
  };
}

/** The digest of these removals alone, which the plan of whoever goes on has as well. */
export function digestOf(plan: Plan, removals: Iterable<Removal>): string {
  const { accountId } = plan;
  return removalsDigest(
    { ...(accountId !== undefined && { accountId }), policyDigest: plan.policy.digest },
    removals,
  );
}

/** What it means for a run that nobody could be found to go on with it. */
export function notHandedOver(error: unknown): RunStop {
  return {
    kind: 'cut',
    code: 'INVOCATION_FAILED',
    reason: `The rest could not be handed over: ${describeError(error)}`,
  };
}
