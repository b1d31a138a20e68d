import { randomUUID } from 'node:crypto';
import { ApiError } from '../errors.ts';
import { type HttpRequest, type HttpResponse, parsePairs, type Service } from '../http.ts';
import type { RamPolicy } from '../ram/policy.ts';
import type { ServiceContext } from '../service-context.ts';
import { createGatekeeper } from '../signatures/gatekeeper.ts';
import { issueKeys } from './issuer.ts';

export interface CredentialServices {
  readonly accountId: string;
  /** Roles by name, with what each may do; left out: everything. */
  readonly roles: Readonly<Record<string, readonly RamPolicy[] | undefined>>;
  /** The role of the ECS instance that the metadata service is of. Left out: it has none. */
  readonly instanceRole?: string;
  /** What a token of OIDC must be. */
  readonly oidcToken?: string;
  /** How long keys of the metadata service and of the URI live; those of STS as long as was asked for. Default 3600. */
  readonly lifeSeconds?: number;
}

const METADATA = '/latest/meta-data/ram/security-credentials/';
const METADATA_TOKEN = '/latest/api/token';
const URI = '/temporary-credentials';

/** STS's AssumeRole and AssumeRoleWithOIDC, the metadata service of an ECS instance, and a credentials URI. */
export function createCredentialServices(
  context: ServiceContext,
  options: CredentialServices,
): Service & { readonly asked: string[] } {
  const asked: string[] = [];
  const gatekeeper = createGatekeeper({
    identities: context.identities,
    now: context.now,
    clockWindowMs: () => 15 * 60_000,
  });
  const tokens = new Set<string>();
  const lifeSeconds = options.lifeSeconds ?? 3600;

  const give = (role: string, seconds: number) =>
    issueKeys(context, options.accountId, seconds, options.roles[role]);

  function assumeRole(request: HttpRequest, action: string): HttpResponse {
    const pairs = pairsOf(request);
    const values = new Map(pairs);
    if (action === 'AssumeRole') gatekeeper.admit(request, pairs);
    else if (options.oidcToken === undefined || values.get('OIDCToken') !== options.oidcToken)
      throw new ApiError('InvalidParameter', 'The OIDC token is not valid.');
    const arn = values.get('RoleArn') ?? '';
    const [, account, name = ''] = /^acs:ram::(\d+):role\/(.+)$/.exec(arn) ?? [];
    if (account !== options.accountId || !(name in options.roles))
      throw new ApiError('InvalidParameter.NotFound', 'The specified Role does not exist.');
    const session = values.get('RoleSessionName') ?? '';
    return json(200, {
      RequestId: randomUUID(),
      AssumedRoleUser: { Arn: `acs:ram::${account}:role/${name}/${session}`, AssumedRoleId: `3:${session}` },
      Credentials: give(name, Number(values.get('DurationSeconds') ?? 3600)),
    });
  }

  function metadata({ method, path, headers }: HttpRequest): HttpResponse {
    if (path === METADATA_TOKEN && method === 'PUT') {
      const token = randomUUID();
      tokens.add(token);
      return { status: 200, body: token };
    }
    const token = headers['x-aliyun-ecs-metadata-token'];
    if (token !== undefined && !tokens.has(token)) return { status: 403 };
    const role = options.instanceRole;
    if (role === undefined) return { status: 404 };
    if (path === METADATA) return { status: 200, body: role };
    if (path !== METADATA + role) return { status: 404 };
    return json(200, { ...give(role, lifeSeconds), Code: 'Success' });
  }

  return {
    name: 'credentials',
    asked,
    matches: (request) =>
      request.path.startsWith('/latest/') || request.path === URI || actionOf(request) !== undefined,
    async handle(request) {
      const action = actionOf(request);
      asked.push(action ?? request.path);
      try {
        if (action !== undefined) return assumeRole(request, action);
        if (request.path === URI) return json(200, { ...give('', lifeSeconds), Code: 'Success' });
        return metadata(request);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return json(error.status, { RequestId: randomUUID(), Code: error.code, Message: error.message });
      }
    },
  };
}

function actionOf(request: HttpRequest): string | undefined {
  const action = request.query.find(([name]) => name === 'Action')?.[1];
  return request.path === '/' && /^AssumeRole(WithOIDC)?$/.test(action ?? '') ? action : undefined;
}

function pairsOf({ query, body }: HttpRequest): readonly (readonly [string, string])[] {
  return [...query, ...parsePairs(body.toString('utf8'))];
}

function json(status: number, body: object): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: JSON.stringify(body),
  };
}
