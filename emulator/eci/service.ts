import { randomUUID } from 'node:crypto';
import { latencyOf } from '../behavior.ts';
import { pause } from '../delivery.ts';
import { ApiError } from '../errors.ts';
import type { Fault } from '../faults.ts';
import { type HttpRequest, type HttpResponse, parsePairs, type Service } from '../http.ts';
import type { Identity } from '../identities.ts';
import type { Quotas } from '../quotas.ts';
import type { Gatekeeper } from '../signatures/gatekeeper.ts';
import { errorAnswer, faultyAnswer, isApplied, jsonAnswer } from './answers.ts';
import type { ClientTokens } from './client-tokens.ts';
import { queryOf } from './list.ts';
import type { Call, EciContext, Operation, Work } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { Parameters } from './parameters.ts';
import { isKnownRegion } from './regions.ts';

const VERSION = '2018-08-08';

export interface EciServiceOptions {
  readonly context: EciContext;
  readonly gatekeeper: Gatekeeper;
  readonly quotas: Quotas;
  readonly clientTokens: ClientTokens;
}

/** What is known of a call while it is answered, for the record of writes. */
interface Course {
  readonly requestId: string;
  readonly request: HttpRequest;
  readonly pairs: readonly (readonly [string, string])[];
  readonly parameters: Parameters;
  readonly api: string;
  readonly region: string;
  operation: Operation | undefined;
  identity: Identity | undefined;
  created: readonly string[];
  applied: boolean;
  replayed: boolean;
}

/** ECI, on the path `/` of any host: whatever no other service took. */
export function createEciService(options: EciServiceOptions): Service {
  /** Resources that a call in flight is changing. */
  const held = new Set<string>();
  return {
    name: 'eci',
    matches: (request) => request.path === '/',
    async handle(request) {
      const course = begin(request, options.context);
      const api = OPERATIONS.has(course.api) ? course.api : 'Unknown';
      const end = options.context.counters.begin(api, course.region, options.context.now());
      const { response, code } = await answer(course, options, held);
      end(code === 'OK' ? 'ok' : code.startsWith('Throttling') ? 'throttled' : 'failed');
      if (course.operation?.kind === 'write') recordWrite(course, options.context, code);
      return response;
    },
  };
}

function begin(request: HttpRequest, context: EciContext): Course {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const form = isForm && context.behavior().formBody === 'accept' ? parsePairs(request.body.toString()) : [];
  const pairs = [...request.query, ...form];
  const parameters = new Parameters(pairs);
  const api = request.headers['x-acs-action'] ?? parameters.text('Action') ?? '';
  return {
    requestId: randomUUID().toUpperCase(),
    request,
    pairs,
    parameters,
    api,
    region: parameters.text('RegionId') ?? '',
    operation: undefined,
    identity: undefined,
    created: [],
    applied: false,
    replayed: false,
  };
}

/** The answer, with the code that the client was meant to see. */
interface Outcome {
  readonly response: HttpResponse;
  readonly code: string;
}

async function answer(course: Course, options: EciServiceOptions, held: Set<string>): Promise<Outcome> {
  const { request, requestId } = course;
  const { context } = options;
  let fault: Fault | undefined;
  try {
    if (Buffer.byteLength(request.target) > context.behavior().maxTargetBytes) return tooLong();
    admit(course, options);
    fault = context.faults.next({
      api: course.api,
      region: course.region,
      parameters: course.parameters.map,
    });
    const latencyMs = latencyOf(context.behavior(), course.api) + (fault?.kind === 'slow' ? fault.ms : 0);
    if (fault !== undefined && !isApplied(fault)) {
      await pause(latencyMs, context.closing);
      return { response: faultyAnswer(fault, undefined, request, requestId), code: codeOf(fault) };
    }
    const body = await carryOut(course, options, held, latencyMs);
    const right = jsonAnswer(200, body, requestId);
    if (fault === undefined) return { response: right, code: 'OK' };
    return { response: faultyAnswer(fault, right, request, requestId), code: codeOf(fault) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { response: errorAnswer(error, request, requestId), code: error.code };
  }
}

/** Checks in the order of a gateway: method, operation, identity, quota, permission, region. */
function admit(course: Course, options: EciServiceOptions): void {
  const { request, parameters, api, region } = course;
  if (request.method !== 'GET' && request.method !== 'POST') throw new ApiError('UnsupportedHTTPMethod');
  const version = request.headers['x-acs-version'] ?? parameters.text('Version');
  const operation = OPERATIONS.get(api);
  if (operation === undefined || version !== VERSION) throw new ApiError('InvalidApi.NotFound');
  if (operation.postOnly === true && request.method !== 'POST') throw new ApiError('UnsupportedHTTPMethod');
  course.operation = operation;
  course.identity = options.gatekeeper.admit(request, course.pairs);
  if (!options.quotas.admit(course.identity.accountId, region, api, options.context.now())) {
    throw new ApiError('Throttling.User');
  }
}

/** Does it: validated first, then, after the time that it takes, for real. */
async function carryOut(
  course: Course,
  options: EciServiceOptions,
  held: Set<string>,
  latencyMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  const { context } = options;
  const { operation, identity, requestId } = course;
  if (operation === undefined || identity === undefined) throw new ApiError('InternalError');
  const region = checkRegion(course, operation, context);
  if (isDenied(identity, operation)) {
    if (operation.empty === undefined || context.behavior().deniedList === 'error')
      throw refusal(identity, operation);
    await pause(latencyMs, context.closing);
    return { RequestId: requestId, ...operation.empty };
  }
  const call: Call = { ...toCall(course, identity, context), region };
  const work = operation.prepare(call);
  return remember(course, call, options, async () => {
    await holding(work, context, held, () => pause(latencyMs, context.closing));
    return { RequestId: requestId, ...work.commit() };
  });
}

function checkRegion(course: Course, operation: Operation, context: EciContext): string {
  if (operation.needsRegion === false) return course.region;
  const region = course.parameters.required('RegionId');
  if (!isKnownRegion(region) && !context.regions().includes(region)) {
    throw new ApiError('InvalidRegionId.NotFound', `The region "${region}" does not exist.`);
  }
  return region;
}

function isDenied(identity: Identity, operation: Operation): boolean {
  if (operation.needsPermission === false) return false;
  return identity.denies?.some((name) => name === '*' || name === operation.name) === true;
}

function refusal(identity: Identity, operation: Operation): ApiError {
  return new ApiError(operation.refusal ?? 'NoPermission', undefined, {
    AccessDeniedDetail: {
      AuthAction: `eci:${operation.name}`,
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
      course.created = ids;
      context.state.announce({ ...event, phase: 'after', atMs: context.now() });
    },
  };
}

/** With a client token: the first answer again, or this one kept for later. */
async function remember(
  course: Course,
  call: Call,
  options: EciServiceOptions,
  act: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<Readonly<Record<string, unknown>>> {
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
  wait: () => Promise<unknown>,
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

function recordWrite(course: Course, context: EciContext, code: string): void {
  const { parameters } = course;
  const named = readQuietly(() => parameters.list('ResourceId'));
  const type = parameters.text('ResourceType');
  const token = parameters.text('ClientToken');
  context.counters.recordWrite({
    atMs: context.now(),
    api: course.api,
    region: course.region,
    accessKeyId: course.identity?.accessKeyId ?? '',
    requestId: course.requestId,
    ...(type === undefined ? {} : { resourceType: type }),
    resourceIds: named.length > 0 ? named : course.created,
    tagKeys:
      course.api === 'TagResources'
        ? readQuietly(() => parameters.tags(Number.POSITIVE_INFINITY).map(({ key }) => key ?? ''))
        : readQuietly(() => parameters.list('TagKey')),
    all: parameters.text('All') === 'true',
    ...(token === undefined ? {} : { clientToken: token }),
    targetBytes: Buffer.byteLength(course.request.target),
    code,
    applied: course.applied,
    replayed: course.replayed,
  });
}

function readQuietly(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

function tooLong(): Outcome {
  return {
    response: { status: 414, headers: { 'content-type': 'text/html' }, body: '<html>414</html>\r\n' },
    code: 'UriTooLong',
  };
}

/** What the counters call a fault. */
function codeOf(fault: Fault): string {
  if (fault.kind === 'error' || fault.kind === 'code-in-ok') return fault.code;
  return fault.kind === 'slow' || fault.kind === 'trickle' ? 'OK' : `fault:${fault.kind}`;
}
