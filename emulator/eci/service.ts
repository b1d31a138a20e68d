import { latencyOf } from '../behavior.ts';
import { pause } from '../delivery.ts';
import { ApiError } from '../errors.ts';
import type { Fault } from '../faults.ts';
import type { HttpResponse, Service } from '../http.ts';
import type { Quotas } from '../quotas.ts';
import type { Gatekeeper } from '../signatures/gatekeeper.ts';
import { errorAnswer, faultyAnswer, isApplied, jsonAnswer } from './answers.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import { beginCourse, type Course } from './course.ts';
import { OPERATIONS } from './operations.ts';
import { recordWrite } from './record-write.ts';

const VERSION = '2018-08-08';

export interface EciServiceOptions extends Omit<CarryOutOptions, 'held'> {
  readonly gatekeeper: Gatekeeper;
  readonly quotas: Quotas;
}

/** ECI, on the path `/` of any host: whatever no other service took. */
export function createEciService(options: EciServiceOptions): Service {
  const carryOutOptions = { ...options, held: new Set<string>() };
  return {
    name: 'eci',
    matches: (request) => request.path === '/',
    async handle(request) {
      const course = beginCourse(request, options.context);
      const api = OPERATIONS.has(course.api) ? course.api : 'Unknown';
      const end = options.context.counters.begin(api, course.region, options.context.now());
      const { response, code } = await answer(course, options, carryOutOptions);
      end(code === 'OK' ? 'ok' : code.startsWith('Throttling') ? 'throttled' : 'failed');
      if (course.operation?.kind === 'write') recordWrite(course, options.context, code);
      return response;
    },
  };
}

/** The answer, with the code that the client was meant to see. */
interface Outcome {
  readonly response: HttpResponse;
  readonly code: string;
}

async function answer(course: Course, options: EciServiceOptions, tools: CarryOutOptions): Promise<Outcome> {
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
    const body = await carryOut(course, tools, latencyMs);
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
