import type { Signer } from '../audit/sign.ts';
import { CleanupError } from '../errors.ts';
import { removalsDigest } from '../plan/digest.ts';
import type { Plan, Removal } from '../plan/types.ts';
import { canonicalJson } from '../policy/digest.ts';
import { describeError } from '../redact.ts';
import type { Continuation } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';
import type { Region } from '../resource.ts';
import { type Chain, type ContinuationPayload, chainTaskId } from './chain.ts';
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

/** Keeps a continuation from being taken for any other signed message. */
const PURPOSE = 'tagsweep continuation';

/**
 * Asks the function to go on as `payload` says, signed where a journal key is held.
 *
 * @throws {CleanupError} code `INVOCATION_FAILED`.
 */
export async function submitContinuation(
  { ports: { invoker, signer } }: Session,
  payload: ContinuationPayload,
  delaySeconds?: number,
): Promise<Continuation> {
  const taskId = chainTaskId(payload);
  const signature = signer?.seal(PURPOSE, canonicalJson(payload));
  await invoker?.submit({ ...payload, ...(signature !== undefined && { signature }) }, taskId, delaySeconds);
  return { taskId, hop: payload.hop };
}

/**
 * Why a continuation is not taken for one that the function sent itself; nothing where no journal key is held, since then
 * nobody could tell.
 */
export function doubtOf(
  { signature, ...payload }: ContinuationPayload,
  signer: Signer | undefined,
): CleanupError | undefined {
  const verdict = signer?.checkSeal(PURPOSE, canonicalJson(payload), signature) ?? 'signed';
  if (verdict === 'signed') return undefined;
  const what = {
    unsigned: 'it is not signed, as one is that was sent before the function had TAGSWEEP_JOURNAL_KEY',
    'other key':
      'another key signed it; keep the old key behind the new one until the runs under way have ended',
    forged: 'its signature belongs to other words',
  }[verdict];
  return new CleanupError(
    'NOT_ALLOWED',
    `Nothing was done: the event says that it goes on with run ${payload.familyId}, and ${what}.`,
  );
}
