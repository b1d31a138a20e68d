import { createHash, randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse, Service } from '../http.ts';
import type { Identity } from '../identities.ts';
import type { ServiceContext } from '../service-context.ts';
import { isAcs3, readAcs3 } from '../signatures/acs3.ts';
import { findControlCall } from './control.ts';
import type { FunctionSpec } from './function.ts';
import { Platform } from './platform.ts';
import { isFcSignature, readFcSignature, signFc } from './signature.ts';

/** What nobody outside knows of the service, as switches. */
export interface FunctionComputeOptions {
  readonly functions: readonly FunctionSpec[];
  /** Whether the 3.0 path takes the 2.0 SDK's signature. Default true. */
  readonly acceptsFcSignature?: boolean;
  /** Answers with this status to the next so many submissions before it works. */
  readonly refuseNext?: { status: number; times: number };
  /** What RAM judges an invocation on: the function, its qualifier too, or everything. Default `function`; may be changed. */
  invokeArn?: 'function' | 'qualified' | 'everything';
}

export interface FunctionCompute extends Service {
  readonly platform: Platform;
  readonly options: FunctionComputeOptions;
}

const MAX_SYNC_BYTES = 32 * 1024 * 1024;
const MAX_ASYNC_BYTES = 128 * 1024;
const CLOCK_WINDOW_MS = 15 * 60_000;

const V3_PATH = /^\/2023-03-30\/functions\/([^/]+)\/invocations$/;
const V2_PATH = /^\/(?:2016-08-15|2021-04-06)\/services\/([^/]+)\/functions\/([^/]+)\/invocations$/;

/** A refusal in the service's own words. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Function Compute's invocation endpoint for both generations, with signatures verified. */
export function createFunctionCompute(
  context: ServiceContext,
  options: FunctionComputeOptions,
): FunctionCompute {
  const platform = new Platform(options.functions, context);
  const refusals = { left: options.refuseNext?.times ?? 0 };

  async function handle(request: HttpRequest): Promise<HttpResponse> {
    const requestId = randomUUID();
    try {
      const identity = authenticate(request, context, options);
      if (refusals.left > 0) {
        refusals.left -= 1;
        throw new Refusal(options.refuseNext?.status ?? 503, 'ServiceUnavailable', 'try again');
      }
      if (request.method === 'GET') return readControl(request, identity, requestId);
      const { spec, qualifier } = route(request, platform);
      const arn = arnOf(spec, qualifier, options.invokeArn ?? 'function');
      if (!context.permissions.allows(identity, 'fc:InvokeFunction', () => [arn])) {
        throw new Refusal(403, 'AccessDenied', `no permission for fc:InvokeFunction on ${arn}`);
      }
      return await invoke(platform, spec, qualifier, request, requestId);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refuse(error, requestId, !V2_PATH.test(request.path));
    }
  }

  /** The reading calls of the control plane. */
  function readControl(request: HttpRequest, identity: Identity, requestId: string): HttpResponse {
    const call = findControlCall(request.path);
    const spec = call && platform.find(call.name, undefined);
    if (call === undefined || spec === undefined) {
      throw new Refusal(404, 'FunctionNotFound', `${request.path} does not exist`);
    }
    const arn = arnOf(spec, 'LATEST', 'function');
    if (!context.permissions.allows(identity, call.action, () => [arn])) {
      throw new Refusal(403, 'AccessDenied', `no permission for ${call.action} on ${arn}`);
    }
    const answer = call.answer(spec);
    if ('code' in answer) throw new Refusal(answer.status, answer.code, answer.message);
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-fc-request-id': requestId },
      body: JSON.stringify(answer.body),
    };
  }

  return {
    name: 'fc',
    platform,
    options,
    matches: ({ path }) => V3_PATH.test(path) || V2_PATH.test(path) || findControlCall(path) !== undefined,
    handle,
  };
}

function route(request: HttpRequest, platform: Platform): { spec: FunctionSpec; qualifier: string } {
  const v3 = V3_PATH.exec(request.path);
  if (v3) {
    const name = decodeURIComponent(v3[1] ?? '');
    const spec = platform.find(name, undefined);
    if (spec === undefined) throw new Refusal(404, 'FunctionNotFound', `function '${name}' does not exist`);
    return { spec, qualifier: request.query.find(([key]) => key === 'qualifier')?.[1] ?? 'LATEST' };
  }
  const v2 = V2_PATH.exec(request.path);
  const [service = '', qualifier = 'LATEST'] = decodeURIComponent(v2?.[1] ?? '').split('.');
  const name = decodeURIComponent(v2?.[2] ?? '');
  const spec = platform.find(name, service);
  if (spec === undefined) throw new Refusal(404, 'ServiceNotFound', `service '${service}' does not exist`);
  return { spec, qualifier };
}

/** The function as RAM names it. */
function arnOf(
  spec: FunctionSpec,
  qualifier: string,
  form: NonNullable<FunctionComputeOptions['invokeArn']>,
): string {
  if (form === 'everything') return '*';
  const account = `acs:fc:${spec.region}:${spec.accountId}`;
  if (spec.serviceName !== undefined) {
    return `${account}:services/${spec.serviceName}.${qualifier}/functions/${spec.name}`;
  }
  return `${account}:functions/${spec.name}${form === 'qualified' ? `/${qualifier}` : ''}`;
}

async function invoke(
  platform: Platform,
  spec: FunctionSpec,
  qualifier: string,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  const isAsync = (request.headers['x-fc-invocation-type'] ?? 'Sync') === 'Async';
  const most = isAsync ? MAX_ASYNC_BYTES : MAX_SYNC_BYTES;
  if (request.body.length > most) {
    throw new Refusal(400, 'EntityTooLarge', `payload size exceeds ${most} bytes`);
  }
  if (!isAsync) {
    const result = await platform.run(spec, { event: request.body, qualifier }, requestId);
    const failed = result.outcome !== 'returned';
    return {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'x-fc-request-id': requestId,
        ...(failed ? { 'x-fc-error-type': 'UnhandledInvocationError' } : {}),
      },
      body: result.body,
    };
  }
  const taskId = taskIdOf(request, spec);
  const delaySeconds = delayOf(request);
  const submission = {
    event: request.body,
    qualifier,
    delaySeconds,
    ...(taskId === undefined ? {} : { taskId }),
  };
  if (!platform.submit(spec, submission, requestId)) {
    throw new Refusal(409, 'StatefulAsyncInvocationAlreadyExists', `task '${taskId}' already exists`);
  }
  return { status: 202, headers: { 'x-fc-request-id': requestId } };
}

/** Seconds after which an asynchronous invocation starts: 0 to 3600, exclusive. */
function delayOf(request: HttpRequest): number {
  const text = request.headers['x-fc-async-delay'] ?? '0';
  const seconds = Number(text);
  if (/^\d{1,4}$/.test(String(text)) && seconds < 3600) return seconds;
  throw new Refusal(400, 'InvalidArgument', `a delay of '${String(text)}' seconds is not valid`);
}

function taskIdOf(request: HttpRequest, spec: FunctionSpec): string | undefined {
  const header = spec.serviceName === undefined ? 'x-fc-async-task-id' : 'x-fc-stateful-async-invocation-id';
  const taskId = request.headers[header];
  if (taskId !== undefined && !/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(taskId)) {
    throw new Refusal(400, 'InvalidArgument', `task id '${taskId}' is not valid`);
  }
  return taskId;
}

function authenticate(
  request: HttpRequest,
  context: ServiceContext,
  options: FunctionComputeOptions,
): Identity {
  if (isFcSignature(request)) {
    if (V3_PATH.test(request.path) && options.acceptsFcSignature === false) {
      throw new Refusal(403, 'SignatureNotMatch', 'this signature scheme is not supported');
    }
    return authenticateFc(request, context);
  }
  if (!isAcs3(request)) throw new Refusal(403, 'AccessDenied', 'the request is not signed');
  const claim = readAcs3(request);
  const identity = findIdentity(context, claim.accessKeyId, claim.securityToken);
  checkClock(Date.parse(claim.date), context);
  try {
    claim.prove(identity.accessKeySecret);
  } catch {
    throw new Refusal(403, 'SignatureNotMatch', 'the signature does not match');
  }
  return identity;
}

function authenticateFc(request: HttpRequest, context: ServiceContext): Identity {
  const { accessKeyId, signature } = readFcSignature(request);
  const identity = findIdentity(context, accessKeyId, request.headers['x-fc-security-token']);
  checkClock(Date.parse(request.headers.date ?? ''), context);
  const md5 = request.headers['content-md5'];
  // The SDK encodes the hexadecimal text of the sum, not its bytes.
  const expected = Buffer.from(createHash('md5').update(request.body).digest('hex')).toString('base64');
  if (md5 !== undefined && md5 !== expected)
    throw new Refusal(400, 'InvalidArgument', 'content-md5 does not match');
  if (signFc(request, identity.accessKeySecret) !== signature) {
    throw new Refusal(403, 'SignatureNotMatch', 'the signature does not match');
  }
  return identity;
}

function findIdentity(context: ServiceContext, accessKeyId: string, token: string | undefined): Identity {
  const identity = context.identities.find((one) => one.accessKeyId === accessKeyId);
  if (identity === undefined) throw new Refusal(403, 'InvalidAccessKeyID', 'the key does not exist');
  if (identity.securityToken !== token)
    throw new Refusal(403, 'InvalidSecurityToken', 'the token is not valid');
  return identity;
}

function checkClock(atMs: number, context: ServiceContext): void {
  if (!(Math.abs(context.now() - atMs) <= CLOCK_WINDOW_MS)) {
    throw new Refusal(403, 'AccessDenied', 'the request is too old');
  }
}

/** The two generations spell their errors differently. */
function refuse(refusal: Refusal, requestId: string, v3: boolean): HttpResponse {
  const body = v3
    ? { RequestId: requestId, Code: refusal.code, Message: refusal.message }
    : { ErrorCode: refusal.code, ErrorMessage: refusal.message };
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/json', 'x-fc-request-id': requestId },
    body: JSON.stringify(body),
  };
}
