import type { HttpRequest } from '../http.ts';
import { SlsError } from './errors.ts';
import type { DocumentKind, Logstore, Project, SlsState } from './state.ts';

const NAME = /^[a-z0-9](?:[a-z0-9_-]{1,61})[a-z0-9]$/;
const PROJECT_NAME = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

/** The name under which each kind of document names itself, and what a missing one is called. */
const DOCUMENT: Readonly<Record<DocumentKind, { readonly field: string; readonly noun: string }>> = {
  dashboards: { field: 'dashboardName', noun: 'Dashboard' },
  savedsearches: { field: 'savedsearchName', noun: 'SavedSearch' },
  alerts: { field: 'name', noun: 'Job' },
};

/** POST `/` without a project. */
export function createProject(state: SlsState, request: HttpRequest): void {
  const { projectName: name, description } = readBody(request);
  if (typeof name !== 'string' || !PROJECT_NAME.test(name))
    throw new SlsError('ParameterInvalid', 'projectName is invalid.');
  if (state.projects.has(name)) throw new SlsError('ProjectAlreadyExist', `Project already exist: ${name}`);
  state.addProject(name).description = typeof description === 'string' ? description : '';
}

/** POST `/logstores`. */
export function createLogstore(state: SlsState, project: Project, request: HttpRequest, nowMs: number): void {
  const config = readBody(request);
  const name = config.logstoreName;
  if (typeof name !== 'string' || !NAME.test(name))
    throw new SlsError('LogStoreInfoInvalid', 'logstoreName is invalid.');
  if (project.logstores.has(name))
    throw new SlsError('LogstoreAlreadyExist', `logstore ${name} already exists`);
  state.addLogstore(project.name, name, config, nowMs);
}

/** GET `/logstores/{name}` without a type. */
export function describeLogstore(logstore: Logstore): Readonly<Record<string, unknown>> {
  const atS = Math.floor(logstore.createdAtMs / 1000);
  return {
    ttl: 30,
    shardCount: 2,
    enable_tracking: false,
    autoSplit: false,
    maxSplitShard: 64,
    appendMeta: false,
    ...logstore.config,
    logstoreName: logstore.name,
    createTime: atS,
    lastModifyTime: atS,
  };
}

/** POST (create) or PUT (replace whole) `/logstores/{name}/index`. */
export function writeIndex(logstore: Logstore, request: HttpRequest): void {
  if (request.method === 'POST' && logstore.index !== undefined) {
    throw new SlsError('IndexAlreadyExist', 'log store index is already created');
  }
  if (request.method === 'PUT' && logstore.index === undefined) throw noIndex();
  const index = readBody(request);
  checkIndex(index);
  logstore.index = index;
}

export function readIndex(logstore: Logstore): Readonly<Record<string, unknown>> {
  if (logstore.index === undefined) throw noIndex();
  return logstore.index;
}

function noIndex(): SlsError {
  return new SlsError('IndexConfigNotExist', 'index config does not exist', 404);
}

function checkIndex(index: Readonly<Record<string, unknown>>): void {
  const keys = index.keys;
  if (keys === undefined && index.line === undefined)
    throw new SlsError('ParameterInvalid', 'neither keys nor line is set');
  for (const [name, value] of Object.entries((keys ?? {}) as Record<string, unknown>)) {
    const key = (value ?? {}) as Record<string, unknown>;
    if (!['text', 'long', 'double', 'json'].includes(String(key.type))) {
      throw new SlsError('ParameterInvalid', `the type of key ${name} is invalid`);
    }
    if (key.token !== undefined && !Array.isArray(key.token)) {
      throw new SlsError('ParameterInvalid', `the token of key ${name} must be an array`);
    }
  }
}

/** Dashboards, saved searches and alerts: POST creates, PUT replaces, GET gives back, DELETE removes. */
export function handleDocument(
  project: Project,
  kind: DocumentKind,
  name: string | undefined,
  request: HttpRequest,
): unknown {
  const { field, noun } = DOCUMENT[kind];
  const shelf = project.documents[kind];
  if (request.method === 'POST' && name === undefined) {
    const document = readBody(request);
    const own = document[field];
    if (typeof own !== 'string' || own === '') throw new SlsError('ParameterInvalid', `${field} is invalid.`);
    if (shelf.has(own))
      throw new SlsError(`${noun}AlreadyExist`, `${noun.toLowerCase()} ${own} already exists`);
    if (kind !== 'alerts' && shelf.size >= 100)
      throw new SlsError('ExceedQuota', `${kind} quota exceeded: 100`);
    shelf.set(own, document);
    return undefined;
  }
  if (request.method === 'GET' && name === undefined)
    return { [kind]: [...shelf.values()], count: shelf.size, total: shelf.size };
  return handleNamed(shelf, noun, name ?? '', request);
}

function handleNamed(
  shelf: Map<string, Readonly<Record<string, unknown>>>,
  noun: string,
  name: string,
  request: HttpRequest,
): unknown {
  const known = shelf.get(name);
  if (known === undefined)
    throw new SlsError(`${noun}NotExist`, `${noun.toLowerCase()} ${name} does not exist`);
  if (request.method === 'GET') return known;
  if (request.method === 'PUT') shelf.set(name, readBody(request));
  else if (request.method === 'DELETE') shelf.delete(name);
  else throw new SlsError('MethodNotSupported', `${request.method} is not supported.`);
  return undefined;
}

/** A JSON object, or 400. */
export function readBody(request: HttpRequest): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(request.body.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new SlsError('PostBodyInvalid', 'The body is not a JSON object.');
}
