import OpenApi, { type Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import OpenApiUtil from '@alicloud/openapi-util';
import { RuntimeOptions } from '@alicloud/tea-util';
import { describeError } from '../../redact.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { defaultExport } from '../default-export.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** A call that was refused, with the service's own code. */
export class RpcError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
  }
}

/** One operation by its name; rejects with an `RpcError`. */
export type Rpc = (action: string, query: Readonly<Record<string, unknown>>) => Promise<Answer>;

const TIMEOUT_MS = 10_000;

/** Calls of a service in the older style, over the official generic client: the service's own SDK would weigh 5 MB. */
export function createRpc(version: string, endpoint: URL, credentials: () => Promise<Credentials>): Rpc {
  const Client = defaultExport(OpenApi);
  const runtime = new RuntimeOptions({ readTimeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS });
  return async (action, query) => {
    const keys = await credentials();
    const client = new Client({
      credential: {
        getCredential: async () => ({ ...keys, type: keys.securityToken ? 'sts' : 'access_key' }),
      },
      endpoint: endpoint.host,
      protocol: endpoint.protocol === 'http:' ? 'HTTP' : 'HTTPS',
    } as unknown as Config);
    const params = new Params({
      ...{ action, version, protocol: 'HTTPS', pathname: '/', method: 'POST', authType: 'AK' },
      ...{ style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
    });
    const request = new OpenApiRequest({ query: defaultExport(OpenApiUtil).query({ ...query }) });
    try {
      return ((await client.callApi(params, request, runtime)).body ?? {}) as Answer;
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      throw new RpcError(`${action}: ${describeError(error, 300, secretsOf(keys))}`, String(code ?? ''));
    }
  };
}
