import type { FunctionReader } from '../../doctor/function-check.ts';
import { describeError } from '../../redact.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { callOpenApi, placeOf } from '../open-api.ts';

type Raw = Readonly<Record<string, unknown>>;

/** The reading calls of the control plane; permissions are kept by them. */
export type FcReadCall = 'GetFunction' | 'ListTriggers' | 'GetAsyncInvokeConfig';

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
  const path = `/2023-03-30/functions/${encodeURIComponent(functionName)}`;

  const get = async (action: FcReadCall, pathname: string): Promise<Raw> => {
    const keys = await credentials();
    const resource = { method: 'GET', pathname } as const;
    try {
      const call = { action, version: '2023-03-30', resource };
      return ((
        await callOpenApi(
          placeOf(endpoint, async () => keys),
          call,
        )
      ).body ?? {}) as Raw;
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
