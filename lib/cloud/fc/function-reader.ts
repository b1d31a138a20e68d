import OpenApi, { type Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import { RuntimeOptions } from '@alicloud/tea-util';
import type { FunctionReader } from '../../doctor/function-check.ts';
import { describeError } from '../../redact.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { defaultExport } from '../default-export.ts';

type Raw = Readonly<Record<string, unknown>>;

/** The reading calls of the control plane; permissions are kept by them. */
export type FcReadCall = 'GetFunction' | 'ListTriggers' | 'GetAsyncInvokeConfig';

const TIMEOUT_MS = 10_000;

/**
 * Reads a function of generation 3.0 from its control plane, over the official generic client.
 *
 * @see Function Compute API 2023-03-30; the shapes of the answers are those of its SDK.
 */
export function createFunctionReader(
  functionName: string,
  endpoint: URL,
  credentials: () => Promise<Credentials>,
): FunctionReader {
  const OpenApiClient = defaultExport(OpenApi);
  const path = `/2023-03-30/functions/${encodeURIComponent(functionName)}`;
  const runtime = new RuntimeOptions({ readTimeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS });

  const get = async (action: FcReadCall, pathname: string): Promise<Raw> => {
    const keys = await credentials();
    const client = new OpenApiClient({
      credential: {
        getCredential: async () => ({ ...keys, type: keys.securityToken ? 'sts' : 'access_key' }),
      },
      endpoint: endpoint.host,
      protocol: endpoint.protocol === 'http:' ? 'HTTP' : 'HTTPS',
    } as unknown as Config);
    const params = new Params({
      action,
      version: '2023-03-30',
      protocol: 'HTTPS',
      pathname,
      method: 'GET',
      authType: 'AK',
      style: 'ROA',
      reqBodyType: 'json',
      bodyType: 'json',
    });
    try {
      return ((await client.callApi(params, new OpenApiRequest({}), runtime)).body ?? {}) as Raw;
    } catch (error) {
      throw new ControlPlaneError(describeError(error, 300, secretsOf(keys)), codeOf(error));
    }
  };

  return {
    readFunction: () => get('GetFunction', path),
    async readTriggers() {
      const { triggers } = await get('ListTriggers', `${path}/triggers`);
      return Array.isArray(triggers) ? triggers : [];
    },
    async readAsyncConfig() {
      try {
        return await get('GetAsyncInvokeConfig', `${path}/async-invoke-config`);
      } catch (error) {
        if (error instanceof ControlPlaneError && /^AsyncConfigNotExist/.test(error.code)) return undefined;
        throw error;
      }
    },
  };
}

class ControlPlaneError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? '');
}
