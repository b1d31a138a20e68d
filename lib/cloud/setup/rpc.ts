import { describeError } from '../../redact.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { callOpenApi, flatten, placeOf } from '../open-api.ts';

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

/** Calls of a service in the older style. */
export function createRpc(version: string, endpoint: URL, credentials: () => Promise<Credentials>): Rpc {
  return async (action, query) => {
    const keys = await credentials();
    try {
      const place = placeOf(endpoint, async () => keys);
      return ((await callOpenApi(place, { action, version }, { query: flatten(query) })).body ??
        {}) as Answer;
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      throw new RpcError(`${action}: ${describeError(error, 300, secretsOf(keys))}`, String(code ?? ''));
    }
  };
}
