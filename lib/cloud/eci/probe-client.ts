import OpenApi, { type Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import OpenApiUtil from '@alicloud/openapi-util';
import { RuntimeOptions } from '@alicloud/tea-util';
import type { ProbeAnswer, ProbeApi, ProbeCall } from '../../doctor/probe-api.ts';
import { REGION_ID, type Region } from '../../resource.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { defaultExport } from '../default-export.ts';
import { apiError, InvalidAnswerError, isObject, refusedRequest, toEciError } from './failures.ts';

export interface ProbeClientOptions {
  /** Host, and port where there is one, for the requests of a region. */
  readonly endpointFor: (region: Region) => string;
  readonly protocol: 'http' | 'https';
  readonly credentials: () => Promise<Credentials>;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

const OpenApiClient = defaultExport(OpenApi);

/**
 * ECI over the official generic client, its answers untouched: a typed model would drop just what a probe
 * wants to see.
 */
export function createProbeClient({
  endpointFor,
  protocol,
  credentials,
  timeoutMs = 10_000,
}: ProbeClientOptions): ProbeApi {
  let secrets: readonly string[] = [];
  const runtime = new RuntimeOptions({ readTimeout: timeoutMs, connectTimeout: timeoutMs, autoretry: false });
  const clientOf = (region: Region) =>
    new OpenApiClient({
      endpoint: endpointFor(region),
      protocol,
      userAgent: 'tagsweep-doctor',
      credential: {
        getCredential: async () => {
          const found = await credentials();
          secrets = secretsOf(found);
          return { ...found, type: found.securityToken ? 'sts' : 'access_key' };
        },
      },
    } as unknown as Config);

  const send = async ({ action, region, parameters, asForm = false }: ProbeCall): Promise<ProbeAnswer> => {
    const flat = defaultExport(OpenApiUtil).query({ RegionId: region, ...parameters });
    const answer = await clientOf(region).callApi(
      new Params({
        action,
        version: '2018-08-08',
        protocol: 'HTTPS',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      }),
      new OpenApiRequest(asForm ? { body: flat } : { query: flat }),
      runtime,
    );
    return toAnswer(answer, { api: action, region, secrets });
  };

  return {
    async ask(call) {
      const attempt = { api: call.action, region: call.region };
      if (!REGION_ID.test(call.region)) throw refusedRequest(attempt, 'that is no region id');
      try {
        return await send(call);
      } catch (thrown) {
        throw toEciError(thrown, { ...attempt, secrets });
      }
    },
  };
}

function toAnswer(answer: unknown, attempt: Parameters<typeof apiError>[0]): ProbeAnswer {
  const { body, headers, statusCode } = isObject(answer) ? answer : {};
  if (!isObject(body)) throw new InvalidAnswerError('the answer is not an object');
  if (typeof body.Code === 'string' && !['', '200', 'OK', 'Success'].includes(body.Code)) {
    throw apiError(attempt, {
      code: body.Code,
      message: typeof body.Message === 'string' ? body.Message : undefined,
      httpStatus: typeof statusCode === 'number' ? statusCode : undefined,
      requestId: typeof body.RequestId === 'string' ? body.RequestId : undefined,
    });
  }
  const serverAtMs = Date.parse(isObject(headers) ? String(headers.date) : '');
  return {
    body,
    requestId: typeof body.RequestId === 'string' ? body.RequestId : '',
    ...(!Number.isNaN(serverAtMs) && { serverAtMs }),
  };
}
