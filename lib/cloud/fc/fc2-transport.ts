import { type Credentials, secretsOf } from '../credentials.ts';
import {
  type FunctionAddress,
  type Invocation,
  type InvocationAnswer,
  invocationHeaders,
  invocationPath,
  type Transport,
  type TransportError,
  transportError,
} from './transport.ts';

/**
 * Sends through `@alicloud/fc2`, which the runtime ships: `invokeFunction` for a service of generation 2.0,
 * the generic `post` on version 2023-03-30 for a function of 3.0.
 *
 * The package is loaded at the first call, so that a run that never hands over does not pay for it. Its
 * default is plain HTTP, so the endpoint always comes with its scheme.
 *
 * @see Function Compute reference, section 3.2.
 */
export function createFc2Transport(credentials: () => Promise<Credentials>): Transport {
  return {
    async send(address, invocation) {
      const { default: Fc2 } = await import('@alicloud/fc2');
      const keys = await credentials();
      const client = new Fc2(address.accountId, {
        accessKeyID: keys.accessKeyId,
        accessKeySecret: keys.accessKeySecret,
        ...(keys.securityToken === undefined ? {} : { securityToken: keys.securityToken }),
        region: address.region,
        endpoint: address.endpoint,
        timeout: invocation.timeoutMs,
      });
      // The constructor drops the token of a key whose id does not begin with STS, without a word.
      if (keys.securityToken !== undefined) client.securityToken = keys.securityToken;
      try {
        return toAnswer(await post(client, address, invocation), invocation);
      } catch (error) {
        throw toTransportError(error, secretsOf(keys));
      }
    },
  };
}

type Client = InstanceType<typeof import('@alicloud/fc2').default>;
type Answer = Awaited<ReturnType<Client['post']>>;

function post(client: Client, address: FunctionAddress, invocation: Invocation): Promise<Answer> {
  const headers = invocationHeaders(address, invocation);
  const raw = { rawBuf: true };
  if (address.serviceName !== undefined) {
    return client.invokeFunction(
      address.serviceName,
      address.functionName,
      invocation.payload,
      headers,
      address.qualifier,
      raw,
    );
  }
  client.version = '2023-03-30';
  const query = { qualifier: address.qualifier };
  return client.post(invocationPath(address.functionName), invocation.payload, headers, query, raw);
}

function toAnswer({ headers, data }: Answer, invocation: Invocation): InvocationAnswer {
  const functionError = headers['x-fc-error-type'];
  const requestId = headers['x-fc-request-id'];
  return {
    body: invocation.async ? Buffer.alloc(0) : toBuffer(data),
    ...(functionError === undefined ? {} : { functionError }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** The package parses JSON answers by itself and gives text where the function failed. */
function toBuffer(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data ?? null));
}

/** The package puts the status into the message alone; a 3.0 error loses its code and text there. */
function toTransportError(error: unknown, secrets: readonly string[]): TransportError {
  const message = error instanceof Error ? error.message : String(error);
  const status = /failed with (\d{3})\./.exec(message)?.[1];
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return transportError(
    { message, status: status === undefined ? undefined : Number(status), code },
    secrets,
  );
}
