import EciSdk from '@alicloud/eci20180808';
import { type Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import OpenApiUtil from '@alicloud/openapi-util';
import { RuntimeOptions } from '@alicloud/tea-util';
import type { ApiName } from '../../ports.ts';
import type { Credentials } from '../credentials.ts';
import { defaultExport } from '../default-export.ts';
import { type ApiFailure, InvalidAnswerError, isObject } from './failures.ts';

const EciBase = defaultExport(EciSdk);

/** A `Code` in an answer with a good status: an error all the same. */
export class CodeInAnswerError extends Error {
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.code);
    this.failure = failure;
  }
}

/** What an SDK client of one region is made of. */
export interface SdkOptions {
  /** Host, and port where there is one. */
  readonly endpoint: string;
  readonly protocol: 'http' | 'https';
  /** Asked on each request, so that refreshed credentials are used at once. */
  readonly credentials: () => Promise<Credentials>;
  readonly userAgent: string;
  readonly timeoutMs: number;
}

/** The word that some gateways send as `Code` although all is well. */
const GOOD_CODES: ReadonlySet<unknown> = new Set([undefined, null, '', '200', 200, 'OK', 'Success']);

/**
 * The ECI client of the SDK, which looks at each answer before a typed model drops what it does not know.
 *
 * The SDK takes every status below 400 for success, and a typed answer loses the `Code` that a gateway may
 * put into it: a throttled listing would look like an empty region.
 */
class GuardedEci extends EciBase {
  override async callApi(
    ...[params, request, runtime]: Parameters<InstanceType<typeof EciBase>['callApi']>
  ): Promise<{ [key: string]: unknown }> {
    const answer: unknown = await super.callApi(params, request, runtime);
    if (!isObject(answer) || !isObject(answer.body))
      throw new InvalidAnswerError('the answer is not an object');
    const { statusCode, body } = answer;
    if (!GOOD_CODES.has(body.Code)) {
      throw new CodeInAnswerError({
        code: String(body.Code),
        message: typeof body.Message === 'string' ? body.Message : undefined,
        httpStatus: typeof statusCode === 'number' ? statusCode : undefined,
        requestId: typeof body.RequestId === 'string' ? body.RequestId : undefined,
      });
    }
    if (typeof statusCode === 'number' && (statusCode < 200 || statusCode > 299)) {
      throw new InvalidAnswerError(`the answer has status ${statusCode}`);
    }
    if (typeof body.RequestId !== 'string') throw new InvalidAnswerError('the answer has no RequestId');
    return answer;
  }
}

/** The operations that are called by the SDK's own methods. */
type Typed = Extract<ApiName, 'DescribeRegions' | 'DescribeContainerGroupStatus'>;

/** An SDK client, with what every call of it needs: nothing but the operations of `ApiName` can be called. */
export interface Sdk {
  readonly client: Pick<GuardedEci, `${Uncapitalize<Typed>}WithOptions`>;
  readonly runtime: RuntimeOptions;
  /**
   * Any operation by its name; the answer keeps the names of the API. `inBody`: the parameters are sent as a form, and
   * the URL stays short.
   */
  call(
    action: ApiName,
    parameters: Readonly<Record<string, unknown>>,
    how?: { readonly inBody?: boolean },
  ): Promise<Readonly<Record<string, unknown>>>;
}

/** Makes the SDK client of one region. Nothing is sent. */
export function createSdk(options: SdkOptions): Sdk {
  const { credentials, timeoutMs } = options;
  const client = new GuardedEci({
    endpoint: options.endpoint,
    protocol: options.protocol,
    userAgent: options.userAgent,
    credential: {
      getCredential: async () => {
        const { accessKeyId, accessKeySecret, securityToken } = await credentials();
        const token = securityToken ? { securityToken } : {};
        return { accessKeyId, accessKeySecret, ...token, type: securityToken ? 'sts' : 'access_key' };
      },
    },
  } as unknown as Config);
  // Both: the one called connectTimeout is the time without a byte, and the other may be cancelled by the SDK.
  const runtime = new RuntimeOptions({ readTimeout: timeoutMs, connectTimeout: timeoutMs, autoretry: false });
  return {
    client,
    runtime,
    async call(action, parameters, { inBody = false } = {}) {
      const params = new Params({
        action,
        version: '2018-08-08',
        protocol: 'HTTPS',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      });
      const flat = defaultExport(OpenApiUtil).query(parameters);
      const request = new OpenApiRequest(inBody ? { body: flat } : { query: flat });
      const answer = await client.callApi(params, request, runtime);
      return answer.body as Readonly<Record<string, unknown>>;
    },
  };
}
