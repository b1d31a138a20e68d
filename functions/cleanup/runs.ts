import { CleanupError } from '../../lib/errors.ts';
import { inScope } from '../../lib/plan/scope.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { regionFault } from '../../lib/policy/regions.ts';
import type { Report, Trigger } from '../../lib/report/report.ts';
import type { Region, ResourceRef } from '../../lib/resource.ts';
import type { ContinuationPayload } from '../../lib/run/chain.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import { leaveToPlatform } from '../../lib/run/leave-to-platform.ts';
import type { CleanupRequest } from '../../lib/run/request.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { granted } from './authority.ts';
import type { Creations, IgnoredEvent } from './event.ts';
import type { Job } from './job.ts';
import { choosePolicy } from './policy.ts';
import type { ApproveWish, SetWish, Wish } from './request.ts';

/**
 * A run, or the undoing of one, that a person or a timer asked for.
 *
 * @throws {RunNotDoneError} after its last record, as the runs of events and continuations do.
 */
export async function runForWish(
  wish: Exclude<Wish, SetWish | ApproveWish>,
  trigger: Trigger,
  job: Job,
): Promise<Report> {
  const { config, ports, options, runId } = job;
  if ('undo' in wish) {
    const request = { undo: wish.undo, mode: wish.mode ?? 'dry-run', trigger, runId } as const;
    return leaveToPlatform(await runUndo(request, ports, options));
  }
  const policy = await choosePolicy(wish.policy, config, false);
  refuseUnknownRegions(wish.regions, config);
  const { mode, regions, resourceTypes, resourceIds, planDigest } = wish;
  const request = {
    policy,
    policyIsInline: typeof wish.policy === 'object',
    ...granted({ policy, mode, planDigest, isTimer: trigger.type === 'timer' }, config.authority),
    narrowing: {
      ...(regions !== undefined && { regions }),
      ...(resourceTypes !== undefined && { resourceTypes }),
      ...(resourceIds !== undefined && { resourceIds }),
    },
    ...(planDigest !== undefined && { planDigest }),
    trigger,
    runId,
  };
  return leaveToPlatform(await runCleanup(request, ports, options));
}

/** A region that no list knows has no host: refused before anything is asked of it. */
function refuseUnknownRegions(
  regions: readonly Region[] | undefined,
  { offlineRegions }: Job['config'],
): void {
  for (const region of regions ?? []) {
    const fault = regionFault(region, offlineRegions);
    if (fault === undefined) continue;
    const hint = fault.suggestion === undefined ? '' : `; did you mean ${fault.suggestion}?`;
    throw new CleanupError('INVALID_REQUEST', `${region} ${fault.message}${hint} Nothing was done.`);
  }
}

/** What came of the events of one delivery; without a report when none of them was for the policy. */
export interface CreationsAnswer {
  readonly report?: Report;
  readonly ignored: readonly IgnoredEvent[];
}

/** One run over all that was created, so that the policy's limits hold for a flood as for one event. */
export async function runForCreations(events: Creations, job: Job): Promise<CreationsAnswer> {
  const { config, ports, options, runId } = job;
  const policy = await choosePolicy(undefined, config, true);
  const { created, ignored } = keepInScope(events, policy);
  if (created.length === 0) return { ignored };
  const request = {
    policy,
    ...granted({ policy, isTimer: false }, job.config.authority),
    narrowing: placesOf(created),
    created,
    trigger: { type: 'event', name: events.name },
    runId,
  } as const;
  return { report: leaveToPlatform(await runCleanup(request, ports, options)), ignored };
}

/** What the scope of a policy is held against; what is read is `created` alone. */
function placesOf(created: readonly ResourceRef[]): CleanupRequest['narrowing'] {
  return {
    regions: [...new Set(created.map(({ region }) => region))],
    resourceTypes: [...new Set(created.map(({ type }) => type))],
    resourceIds: created.map(({ id }) => id),
  };
}

/** Whatever a policy's scope leaves out is ignored: a request that reached outside of it would be refused whole. */
function keepInScope(events: Creations, policy: Policy): Pick<Creations, 'created' | 'ignored'> {
  const outside = new Set(events.created.filter((ref) => inScope(policy.scope, ref) === false));
  const ignored = [...outside].map(({ region, type, id }) => ({
    id,
    source: 'acs.eci',
    reason: `${type} ${id} in ${region} is outside the scope of policy ${policy.name}`,
  }));
  return {
    created: events.created.filter((ref) => !outside.has(ref)),
    ignored: [...events.ignored, ...ignored],
  };
}

/**
 * Goes on with a run that an earlier invocation of the function handed over, or writes down why it may not: its policy
 * was changed in between, or it asks for more than a request of the same scope could.
 */
export async function runForContinuation(payload: ContinuationPayload, job: Job): Promise<Report> {
  const { config, ports, options, runId } = job;
  const policy = await choosePolicy(payload.document ?? payload.policy, config, false);
  const { regions, resourceTypes, planDigest, mode, shard, familyId, created } = payload;
  const changed = changedPolicy(payload, policy);
  const request = {
    policy,
    policyIsInline: payload.document !== undefined,
    ...granted({ policy, mode, planDigest, isTimer: false }, job.config.authority),
    ...(changed !== undefined && { refusal: changed }),
    narrowing: {
      ...(regions !== undefined && { regions }),
      ...(resourceTypes !== undefined && { resourceTypes }),
      ...(created !== undefined && placesOf(created)),
    },
    ...(created !== undefined && { created }),
    ...(planDigest !== undefined && { planDigest }),
    trigger: { type: 'continuation', name: shard },
    runId,
    parentRunId: familyId,
    chain: payload,
  } as const;
  return leaveToPlatform(await runCleanup(request, ports, options));
}

function changedPolicy(payload: ContinuationPayload, policy: Policy): CleanupError | undefined {
  if (policy.digest === payload.policyDigest && policy.name === payload.policy) return undefined;
  return new CleanupError(
    'DIGEST_MISMATCH',
    `Run ${payload.familyId} began with policy ${payload.policy} as ${payload.policyDigest}, and it is ${policy.name} as ${policy.digest} now. The rest was not removed; start a new run.`,
  );
}
