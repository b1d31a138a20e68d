import { randomUUID } from 'node:crypto';
import { errorAnswer, jsonAnswer } from '../eci/answers.ts';
import { ApiError } from '../errors.ts';
import { type HttpRequest, type HttpResponse, parsePairs, type Service } from '../http.ts';
import type { Identity } from '../identities.ts';
import type { ServiceContext } from '../service-context.ts';
import { createGatekeeper } from '../signatures/gatekeeper.ts';

const VERSION = '2015-04-01';
const CLOCK_WINDOW_MS = 15 * 60_000;

/**
 * Security Token Service: who is asking. GetCallerIdentity needs no permission.
 *
 * @see public reference of STS 2015-04-01, GetCallerIdentity.
 */
export function createStsService(context: ServiceContext): Service {
  const gatekeeper = createGatekeeper({
    identities: context.identities,
    now: context.now,
    clockWindowMs: () => CLOCK_WINDOW_MS,
  });
  return {
    name: 'sts',
    matches: (request) => actionOf(request) === 'GetCallerIdentity',
    async handle(request): Promise<HttpResponse> {
      const requestId = randomUUID().toUpperCase();
      const end = context.counters.begin('GetCallerIdentity', '', context.now());
      try {
        const version = request.headers['x-acs-version'] ?? textOf(request, 'Version');
        if (version !== VERSION) throw new ApiError('InvalidApi.NotFound');
        const identity = gatekeeper.admit(request, pairsOf(request));
        end('ok');
        return jsonAnswer(200, { RequestId: requestId, ...describe(identity) }, requestId);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        end('failed');
        return errorAnswer(error, request, requestId);
      }
    },
  };
}

/** A temporary key is a role's session, a key of its own a user's. */
function describe({ accountId, accessKeyId, securityToken, name }: Identity) {
  if (securityToken !== undefined) {
    const role = name ?? 'tagsweep';
    return {
      IdentityType: 'AssumedRoleUser',
      AccountId: accountId,
      PrincipalId: `300000000000000000:${accessKeyId}`,
      RoleId: '300000000000000000',
      Arn: `acs:ram::${accountId}:assumed-role/${role}/session`,
    };
  }
  return {
    IdentityType: 'RAMUser',
    AccountId: accountId,
    PrincipalId: '200000000000000000',
    UserId: '200000000000000000',
    Arn: `acs:ram::${accountId}:user/${name ?? 'operator'}`,
  };
}

function actionOf(request: HttpRequest): string | undefined {
  return request.headers['x-acs-action'] ?? textOf(request, 'Action');
}

function pairsOf(request: HttpRequest): readonly (readonly [string, string])[] {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return [...request.query, ...(isForm ? parsePairs(request.body.toString()) : [])];
}

function textOf(request: HttpRequest, name: string): string | undefined {
  return request.query.find(([own]) => own === name)?.[1];
}
