import { setTimeout as delay } from 'node:timers/promises';
import type { HttpRequest, HttpResponse } from '../http.ts';
import type { Identity } from '../identities.ts';
import type { ServiceContext, ServiceFactory } from '../service-context.ts';
import { authenticate } from './authenticate.ts';
import { emptyResponse, errorResponse, jsonResponse, SlsError } from './errors.ts';
import { answerFault, isApplied } from './faults.ts';
import { projectOf, regionOf } from './host.ts';
import { reword } from './readings.ts';
import { handleRoute, nameApi, ramAction } from './routes.ts';
import type { SlsState } from './state.ts';

/** Makes the log service over `sls`, which tests look into. */
export function createSlsService(sls: SlsState): ServiceFactory {
  return (context) => ({
    name: 'sls',
    matches: isLogRequest,
    handle: (request) => handle(request, sls, context),
  });
}

function isLogRequest(request: HttpRequest): boolean {
  return (
    /^\/(logstores|dashboards|savedsearches|alerts)(\/|$)/.test(request.path) ||
    request.headers['x-log-apiversion'] !== undefined
  );
}

async function handle(request: HttpRequest, sls: SlsState, context: ServiceContext): Promise<HttpResponse> {
  const api = nameApi(request);
  const host = request.headers.host ?? '';
  const region = regionOf(host);
  const requestId = newRequestId(context);
  const end = context.counters.begin(api, region, context.now());
  const fault = context.faults.next({ api, region, parameters: new Map(request.query) });
  if (fault?.kind === 'slow')
    await delay(fault.ms, undefined, { signal: context.closing, ref: false }).catch(() => undefined);

  const strikes = fault !== undefined && !isApplied(fault);
  const { response, code } = strikes
    ? { response: emptyResponse(requestId), code: 'fault' }
    : answer(request, sls, context, requestId);
  const sent = fault === undefined ? response : answerFault(fault, response, requestId);
  end(/Quota|QpsLimit/.test(code) ? 'throttled' : sent.status === 200 ? 'ok' : 'failed');
  sls.recordRequest({
    atMs: context.now(),
    api,
    project: projectOf(host),
    method: request.method,
    target: request.target,
    headers: request.headers,
    body: request.body,
    status: sent.status,
    code,
  });
  const nowMs = context.now() + sls.settings.clockOffsetMs;
  return reword(sent, api, sls.settings, nowMs);
}

function answer(
  request: HttpRequest,
  sls: SlsState,
  context: ServiceContext,
  requestId: string,
): { readonly response: HttpResponse; readonly code: string } {
  try {
    const nowMs = context.now() + sls.settings.clockOffsetMs;
    const identity = authenticate(request, context.identities, sls.settings, nowMs);
    const outcome = handleRoute(request, sls, nowMs, (resource) =>
      checkPolicy(request, identity, resource, context),
    );
    const response =
      outcome === undefined
        ? emptyResponse(requestId)
        : jsonResponse(outcome.body, requestId, 200, outcome.headers);
    return { response, code: 'OK' };
  } catch (error) {
    if (!(error instanceof SlsError)) throw error;
    return { response: errorResponse(error, requestId), code: error.code };
  }
}

/** A denial names the action and the resource. */
function checkPolicy(
  request: HttpRequest,
  identity: Identity,
  resource: string,
  context: ServiceContext,
): void {
  const action = ramAction(request);
  const arn = `acs:log:${regionOf(request.headers.host ?? '')}:${identity.accountId}:${resource}`;
  if (context.permissions.allows(identity, action, () => [arn])) return;
  throw new SlsError('Unauthorized', `denied by sts or ram, action: ${action}, resource: ${arn}`);
}

/** 24 upper-case hexadecimal digits. */
function newRequestId(context: ServiceContext): string {
  let id = '';
  while (id.length < 24) id += Math.floor(context.random() * 16).toString(16);
  return id.toUpperCase();
}
