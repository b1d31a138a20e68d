import { randomUUID } from 'node:crypto';
import { ApiError } from './errors.ts';
import { type HttpRequest, type HttpResponse, parsePairs, type Service } from './http.ts';
import type { Identity } from './identities.ts';
import type { ServiceContext } from './service-context.ts';
import { createGatekeeper } from './signatures/gatekeeper.ts';

/** The parameters of one call; a list is `Tag.1.Key`, `Tag.1.Value`, … */
export type RpcParameters = (name: string) => string | undefined;

export interface RpcOperation {
  /** What RAM judges it on. */
  readonly resource: (parameters: RpcParameters, identity: Identity) => string;
  /** The body, without `RequestId`; throws `ApiError`. */
  readonly answer: (parameters: RpcParameters, identity: Identity) => object;
}

export interface RpcServiceOptions {
  readonly name: string;
  /** By which a request is known to be for it, such as `2015-05-01`. */
  readonly version: string;
  readonly operations: Readonly<Record<string, RpcOperation>>;
}

/** A service in the older style: every operation is a POST or GET of `/`, by its name. */
export function createRpcService(context: ServiceContext, options: RpcServiceOptions): Service {
  const gatekeeper = createGatekeeper({
    identities: context.identities,
    now: context.now,
    clockWindowMs: () => 15 * 60_000,
  });

  function answer(request: HttpRequest): object {
    const pairs = [...request.query, ...parsePairs(request.body.toString('utf8'))];
    const values = new Map(pairs);
    const identity = gatekeeper.admit(request, pairs);
    const action = request.headers['x-acs-action'] ?? values.get('Action') ?? '';
    const operation = Object.hasOwn(options.operations, action) ? options.operations[action] : undefined;
    if (operation === undefined)
      throw new ApiError('InvalidAction.NotFound', `${action} is unknown.`, {}, 404);
    const parameters: RpcParameters = (name) => values.get(name);
    const resources = () => [operation.resource(parameters, identity)];
    if (!context.permissions.allows(identity, `${options.name}:${action}`, resources))
      throw new ApiError('NoPermission', `You are not authorized to do ${options.name}:${action}.`);
    return operation.answer(parameters, identity);
  }

  return {
    name: options.name,
    matches: ({ path, headers, query }) =>
      path === '/' &&
      (headers['x-acs-version'] ?? query.find(([name]) => name === 'Version')?.[1]) === options.version,
    async handle(request) {
      try {
        return json(200, { RequestId: randomUUID(), ...answer(request) });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return json(error.status, { RequestId: randomUUID(), Code: error.code, Message: error.message });
      }
    },
  };
}

/** A parameter that must be there. */
export function need(parameters: RpcParameters, name: string): string {
  const value = parameters(name);
  if (value === undefined || value === '') throw new ApiError('MissingParameter', `${name} is missing.`);
  return value;
}

function json(status: number, body: object): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: JSON.stringify(body),
  };
}
