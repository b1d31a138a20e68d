import EciSdk from '@alicloud/eci20180808';
import { OpenApiRequest } from '@alicloud/openapi-client';
import type { RuntimeOptions } from '@alicloud/tea-util';
import type { ApiName } from '../../ports.ts';
import { defaultExport } from '../default-export.ts';
import { configOf, flatten, type OpenApiPlace, paramsOf, runtimeOf } from '../open-api.ts';
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
export interface SdkOptions extends OpenApiPlace {
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
export function createSdk({ timeoutMs, ...place }: SdkOptions): Sdk {
  const client = new GuardedEci(configOf(place));
  const runtime = runtimeOf(timeoutMs);
  return {
    client,
    runtime,
    async call(action, parameters, { inBody = false } = {}) {
      const flat = flatten(parameters);
      const request = new OpenApiRequest(inBody ? { body: flat } : { query: flat });
      const answer = await client.callApi(paramsOf({ action, version: '2018-08-08' }), request, runtime);
      return answer.body as Readonly<Record<string, unknown>>;
    },
  };
}
