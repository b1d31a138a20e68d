import type { ProbeAnswer, ProbeApi, ProbeCall } from '../../doctor/probe-api.ts';
import { REGION_ID, type Region } from '../../resource.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { callOpenApi, flatten } from '../open-api.ts';
import { apiError, InvalidAnswerError, isObject, refusedRequest, toEciError } from './failures.ts';

export interface ProbeClientOptions {
  /** Host, and port where there is one, for the requests of a region. */
  readonly endpointFor: (region: Region) => string;
  readonly protocol: 'http' | 'https';
  readonly credentials: () => Promise<Credentials>;
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

/**
 * ECI over the official generic client, its answers untouched: a typed model would drop just what a probe
 * wants to see.
 */
export function createProbeClient({
  endpointFor,
  protocol,
  credentials,
  timeoutMs,
}: ProbeClientOptions): ProbeApi {
  let secrets: readonly string[] = [];
  const keys = async (): Promise<Credentials> => {
    const found = await credentials();
    secrets = secretsOf(found);
    return found;
  };

  const send = async ({ action, region, parameters, asForm = false }: ProbeCall): Promise<ProbeAnswer> => {
    const flat = flatten({ RegionId: region, ...parameters });
    const answer = await callOpenApi(
      { endpoint: endpointFor(region), protocol, credentials: keys, userAgent: 'tagsweep-doctor' },
      { action, version: '2018-08-08' },
      asForm ? { body: flat } : { query: flat },
      timeoutMs,
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
