import type { HttpRequest } from '../http.ts';
import { SlsError } from './errors.ts';
import { findLogs, type LogParameters, type LogRows } from './get-logs.ts';
import { projectOf } from './host.ts';
import {
  createLogstore,
  createProject,
  describeLogstore,
  handleDocument,
  readBody,
  readIndex,
  writeIndex,
} from './management.ts';
import { readLogGroup } from './put-logs.ts';
import type { DocumentKind, Logstore, Project, SlsState } from './state.ts';

/** A body to answer with as JSON; nothing at all for an empty answer. */
export interface RouteOutcome {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** Throws when the caller may not touch the resource, such as `project/p/logstore/s`. */
export type PolicyCheck = (resource: string) => void;

const DOCUMENT_KINDS: readonly DocumentKind[] = ['dashboards', 'savedsearches', 'alerts'];

interface Route {
  readonly root: string;
  readonly name: string | undefined;
  readonly rest: string;
}

function routeOf(request: HttpRequest): Route {
  const [, root = '', name, ...rest] = request.path.split('/');
  return {
    root,
    name: name === undefined || name === '' ? undefined : decodeURIComponent(name),
    rest: rest.join('/'),
  };
}

/** The operation's own name. */
export function nameApi(request: HttpRequest): string {
  const { root, name, rest } = routeOf(request);
  const { method } = request;
  if (root === 'logstores' && name !== undefined)
    return nameLogstoreApi(method, rest, parameterOf(request)('type'));
  if (root === 'logstores') return method === 'POST' ? 'CreateLogStore' : 'ListLogStores';
  if (root === '')
    return { POST: 'CreateProject', PUT: 'UpdateProject', DELETE: 'DeleteProject' }[method] ?? 'GetProject';
  const noun = { dashboards: 'Dashboard', savedsearches: 'SavedSearch', alerts: 'Alert' }[root] ?? 'Unknown';
  return `${{ POST: 'Create', PUT: 'Update', DELETE: 'Delete' }[method] ?? 'Get'}${noun}`;
}

function nameLogstoreApi(method: string, rest: string, type: string | undefined): string {
  if (rest === 'index')
    return { POST: 'CreateIndex', PUT: 'UpdateIndex', DELETE: 'DeleteIndex' }[method] ?? 'GetIndex';
  if (method === 'POST') return 'PutLogs';
  if (method !== 'GET') return method === 'DELETE' ? 'DeleteLogStore' : 'UpdateLogStore';
  return type === 'log' ? 'GetLogs' : 'GetLogStore';
}

/** The RAM action that the operation needs. */
export function ramAction(request: HttpRequest): string {
  const api = nameApi(request);
  const special: Readonly<Record<string, string>> = {
    PutLogs: 'PostLogStoreLogs',
    GetLogs: 'GetLogStoreLogs',
  };
  return `log:${special[api] ?? api}`;
}

/**
 * Carries a request out, once it is known who asks: project, policy, log store, then the operation.
 *
 * @param nowMs the service's time, epoch milliseconds.
 * @throws {SlsError}
 */
export function handleRoute(
  request: HttpRequest,
  sls: SlsState,
  nowMs: number,
  checkPolicy: PolicyCheck,
): RouteOutcome | undefined {
  const { root, name } = routeOf(request);
  const projectName = projectOf(request.headers.host ?? '');
  if (root === '' && request.method === 'POST' && projectName === undefined) {
    checkPolicy('project/*');
    createProject(sls, request);
    return undefined;
  }
  const project = projectName === undefined ? undefined : sls.projects.get(projectName);
  if (project === undefined)
    throw new SlsError('ProjectNotExist', `The Project does not exist : ${projectName ?? ''}`);
  if (root === 'logstores') return handleLogstores(request, sls, project, name, nowMs, checkPolicy);
  const kind = DOCUMENT_KINDS.find((known) => known === root);
  if (kind !== undefined) {
    checkPolicy(`project/${project.name}/${kind.slice(0, -1)}/${name ?? '*'}`);
    const body = handleDocument(project, kind, name, request);
    return body === undefined ? undefined : { body, headers: {} };
  }
  if (root === '') return handleProject(request, sls, project, checkPolicy);
  throw new SlsError('MethodNotSupported', `${request.method} ${request.path} is not supported.`);
}

function handleProject(
  request: HttpRequest,
  sls: SlsState,
  project: Project,
  checkPolicy: PolicyCheck,
): RouteOutcome | undefined {
  checkPolicy(`project/${project.name}`);
  const { name: projectName, description } = project;
  switch (nameApi(request)) {
    case 'GetProject':
      return { body: { projectName, description, status: 'Normal' }, headers: {} };
    case 'UpdateProject':
      project.description = String(readBody(request).description ?? '');
      return undefined;
    case 'DeleteProject':
      sls.projects.delete(projectName);
      return undefined;
  }
  throw new SlsError('MethodNotSupported', `${request.method} ${request.path} is not supported.`);
}

function handleLogstores(
  request: HttpRequest,
  sls: SlsState,
  project: Project,
  name: string | undefined,
  nowMs: number,
  checkPolicy: PolicyCheck,
): RouteOutcome | undefined {
  checkPolicy(`project/${project.name}/logstore/${name ?? '*'}`);
  if (name === undefined) {
    if (request.method === 'POST') {
      createLogstore(sls, project, request, nowMs);
      return undefined;
    }
    const names = [...project.logstores.keys()].sort();
    return { body: { count: names.length, total: names.length, logstores: names }, headers: {} };
  }
  const logstore = project.logstores.get(name);
  if (logstore === undefined) throw new SlsError('LogStoreNotExist', `logstore ${name} does not exist`);
  return handleLogstore(request, sls, project, logstore, nowMs);
}

function handleLogstore(
  request: HttpRequest,
  sls: SlsState,
  project: Project,
  logstore: Logstore,
  nowMs: number,
): RouteOutcome | undefined {
  const { rest } = routeOf(request);
  switch (nameApi(request)) {
    case 'PutLogs':
      if (!['', 'shards/lb'].includes(rest)) break;
      sls.store(logstore, readLogGroup(request, sls.settings, nowMs), nowMs);
      return undefined;
    case 'GetLogs':
      return answerRows(findLogs(logstore, parameterOf(request), sls.settings, nowMs));
    case 'GetLogStore':
      return { body: describeLogstore(logstore), headers: {} };
    case 'GetIndex':
      return { body: readIndex(logstore), headers: {} };
    case 'CreateIndex':
    case 'UpdateIndex':
      writeIndex(logstore, request);
      return undefined;
    case 'DeleteIndex':
      readIndex(logstore);
      logstore.index = undefined;
      return undefined;
    case 'UpdateLogStore':
      logstore.config = readBody(request);
      return undefined;
    case 'DeleteLogStore':
      project.logstores.delete(logstore.name);
      return undefined;
  }
  throw new SlsError('MethodNotSupported', `${request.method} ${request.path} is not supported.`);
}

function answerRows(found: LogRows): RouteOutcome {
  return {
    body: found.rows,
    headers: {
      'x-log-progress': found.complete ? 'Complete' : 'Incomplete',
      'x-log-count': String(found.rows.length),
      'x-log-processed-rows': String(found.rows.length),
      'x-log-elapsed-millisecond': '1',
    },
  };
}

function parameterOf(request: HttpRequest): LogParameters {
  const pairs = new Map(request.query);
  return (name) => pairs.get(name);
}
