import { Readable } from 'node:stream';
import { type Credentials, secretsOf } from '../credentials.ts';
import {
  type FcCall,
  type FunctionAddress,
  type Invocation,
  type InvocationAnswer,
  invocationHeaders,
  invocationPath,
  type Transport,
  TransportError,
  transportError,
} from './transport.ts';

/**
 * Sends the same request through the generic call of the OpenAPI client, which the ECI SDK brings along:
 * for functions of generation 3.0 only, signed the new way.
 *
 * @see Function Compute reference, section 3.4.
 */
export function createOpenApiTransport(credentials: () => Promise<Credentials>): Transport {
  return {
    async send(address, invocation) {
      if (address.serviceName !== undefined) {
        throw new TransportError(
          'a service of generation 2.0 is reached through @alicloud/fc2 only',
          400,
          undefined,
        );
      }
      const keys = await credentials();
      try {
        return await call(address, invocation, keys);
      } catch (error) {
        throw toTransportError(error, secretsOf(keys));
      }
    },
  };
}

async function call(
  address: FunctionAddress,
  invocation: Invocation,
  keys: Credentials,
): Promise<InvocationAnswer> {
  const { callOpenApi, placeOf } = await import('../open-api.ts');
  const resource = {
    method: 'POST',
    pathname: `/2023-03-30${invocationPath(address.functionName)}`,
    bodyType: 'binary',
  } as const;
  const answer = await callOpenApi(
    placeOf(new URL(address.endpoint), async () => keys),
    { action: 'InvokeFunction' satisfies FcCall, version: '2023-03-30', resource },
    {
      query: { qualifier: address.qualifier },
      headers: invocationHeaders(address, invocation),
      ...(invocation.payload.length === 0 ? {} : { stream: Readable.from([invocation.payload]) }),
    },
    invocation.timeoutMs,
  );
  const body = await readAll(answer.body as Readable);
  const headers = answer.headers as Record<string, string>;
  const functionError = headers['x-fc-error-type'];
  const requestId = headers['x-fc-request-id'];
  return {
    body: invocation.async ? Buffer.alloc(0) : body,
    ...(functionError === undefined ? {} : { functionError }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** The body must be read even where nothing is expected: otherwise the socket stays busy. */
async function readAll(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts);
}

function toTransportError(error: unknown, secrets: readonly string[]): TransportError {
  const details = error as {
    message?: unknown;
    statusCode?: unknown;
    code?: unknown;
    data?: { statusCode?: unknown };
  };
  const status = details.statusCode ?? details.data?.statusCode;
  return transportError(
    {
      message: String(details.message ?? error),
      status: typeof status === 'number' ? status : undefined,
      code: details.code === undefined ? undefined : String(details.code),
    },
    secrets,
  );
}
