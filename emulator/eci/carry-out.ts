import { pause } from '../delivery.ts';
import { ApiError } from '../errors.ts';
import type { Identity } from '../identities.ts';
import type { ClientTokens } from './client-tokens.ts';
import type { Course } from './course.ts';
import { queryOf } from './list.ts';
import type { Call, EciContext, Operation, Work } from './operation.ts';
import { isKnownRegion } from './regions.ts';

type Body = Readonly<Record<string, unknown>>;

/** What carrying out needs beside the call. */
export interface CarryOutOptions {
  readonly context: EciContext;
  readonly clientTokens: ClientTokens;
  /** Resources that a call in flight is changing. */
  readonly held: Set<string>;
}

/** Does it: validated first, then, after the time that it takes, for real. */
export async function carryOut(course: Course, options: CarryOutOptions, latencyMs: number): Promise<Body> {
  const { context } = options;
  const { operation, identity, requestId } = course;
  if (operation === undefined || identity === undefined) throw new ApiError('InternalError');
  const region = checkRegion(course, operation, context);
  const call: Call = { ...toCall(course, identity, context), region };
  checkPlace(call, operation);
  if (isDenied(call, operation)) {
    if (operation.empty === undefined || context.behavior().deniedList === 'error') {
      throw refusal(identity, operation);
    }
    await take(latencyMs, context);
    return { RequestId: requestId, ...operation.empty };
  }
  const work = operation.prepare(call);
  return remember(course, call, options, async () => {
    await holding(work, context, options.held, () => take(latencyMs, context));
    return { RequestId: requestId, ...work.commit() };
  });
}

/** Lets the time of a call pass; nothing is done any more once the emulator closes. */
async function take(latencyMs: number, context: EciContext): Promise<void> {
  if (!(await pause(latencyMs, context.closing))) throw new ApiError('ServiceUnavailable');
}

function checkRegion(course: Course, operation: Operation, context: EciContext): string {
  if (operation.needsRegion === false) return course.region;
  const region = course.parameters.required('RegionId');
  if (!isKnownRegion(region) && !context.regions().includes(region)) {
    throw new ApiError('InvalidRegionId.NotFound', `The region "${region}" does not exist.`);
  }
  return region;
}

/** Refuses what goes to a region, or is about a type, that the account may not use. */
function checkPlace({ region, parameters, context }: Call, { needsRegion, type }: Operation): void {
  if (needsRegion === false) return;
  const about = type ?? parameters.text('ResourceType');
  const closed = context
    .behavior()
    .places.find(
      (place) =>
        (place.region === undefined || place.region === region) &&
        (place.type === undefined || place.type === about),
    );
  if (closed !== undefined) throw new ApiError(closed.code, closed.message, {}, closed.status);
}

function isDenied(call: Call, operation: Operation): boolean {
  const { resources } = operation;
  if (resources === 'none') return false;
  const { permissions } = call.context;
  return !permissions.allows(call.identity, actionOf(operation), () => resources?.(call) ?? ['*']);
}

function actionOf(operation: Operation): string {
  return `eci:${operation.name}`;
}

function refusal(identity: Identity, operation: Operation): ApiError {
  return new ApiError(operation.refusal ?? 'NoPermission', undefined, {
    AccessDeniedDetail: {
      AuthAction: actionOf(operation),
      AuthPrincipalType: identity.securityToken === undefined ? 'SubUser' : 'AssumedRoleUser',
      NoPermissionType: 'ImplicitDeny',
      PolicyType: 'AccountLevelIdentityBasedPolicy',
    },
  });
}

function toCall(course: Course, identity: Identity, context: EciContext): Call {
  const { api, region, parameters, requestId } = course;
  return {
    api,
    region,
    parameters,
    identity,
    requestId,
    context,
    change(type, ids, apply) {
      if (ids.length === 0) return;
      const { accountId, accessKeyId } = identity;
      const event = { api, region, accountId, accessKeyId, requestId, type, ids, parameters: parameters.map };
      context.state.announce({ ...event, phase: 'before', atMs: context.now() });
      apply();
      course.applied = true;
      course.changed = ids;
      context.state.announce({ ...event, phase: 'after', atMs: context.now() });
    },
  };
}

/** With a client token: the first answer again, or this one kept for later. */
async function remember(
  course: Course,
  call: Call,
  options: CarryOutOptions,
  act: () => Promise<Body>,
): Promise<Body> {
  const token = course.operation?.kind === 'write' ? course.parameters.text('ClientToken') : undefined;
  if (token === undefined) return act();
  const account = call.identity.accountId;
  const before = options.clientTokens.claim(account, token, queryOf(call), options.context.now());
  if (before !== undefined) {
    course.replayed = true;
    return before;
  }
  try {
    const answer = await act();
    options.clientTokens.settle(account, token, answer);
    return answer;
  } catch (error) {
    options.clientTokens.settle(account, token, undefined);
    throw error;
  }
}

/** Keeps the resources of a change to itself while it waits. */
async function holding(
  work: Work,
  context: EciContext,
  held: Set<string>,
  wait: () => Promise<void>,
): Promise<void> {
  const mine = context.behavior().inFlight === 'conflict' ? (work.holds ?? []) : [];
  if (mine.some((key) => held.has(key))) {
    context.counters.recordConflict();
    throw new ApiError('OperationConflict');
  }
  for (const key of mine) held.add(key);
  try {
    await wait();
  } finally {
    for (const key of mine) held.delete(key);
  }
}
