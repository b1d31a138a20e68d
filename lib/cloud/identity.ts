import { describeError } from '../redact.ts';
import { isLoopback } from './base-url.ts';
import type { Config } from './config.ts';
import { type Credentials, secretsOf } from './credentials.ts';
import { defaultExport } from './default-export.ts';
import { silencePackages } from './silence-packages.ts';

/** Who is asking, as the cloud itself says. */
export interface CallerIdentity {
  readonly accountId: string;
  /** Such as `acs:ram::1234567890123456:user/alice`. */
  readonly arn: string;
}

/** Nobody waits longer for a name. */
const TIMEOUT_MS = 10_000;

/** What is asked, by the cloud's own name; it needs no permission. */
type StsCall = 'GetCallerIdentity';

/**
 * Asks Security Token Service who the credentials belong to: the one witness of whose account a run works in.
 *
 * Where ECI is asked on this machine, so is STS: that is the emulator.
 *
 * @returns a fault where the service refuses, cannot be reached, or answers something else.
 */
export async function getCallerIdentity(
  config: Pick<Config, 'eciEndpoint' | 'eciNetwork' | 'region'>,
  credentials: Credentials,
): Promise<CallerIdentity | { readonly fault: string }> {
  const endpoint = stsEndpoint(config);
  try {
    return readIdentity(await ask(endpoint, credentials));
  } catch (error) {
    return {
      fault: `GetCallerIdentity at ${endpoint.host}: ${describeError(error, 300, secretsOf(credentials))}`,
    };
  }
}

function stsEndpoint({
  eciEndpoint,
  eciNetwork,
  region,
}: Pick<Config, 'eciEndpoint' | 'eciNetwork' | 'region'>): URL {
  if (eciEndpoint !== undefined && isLoopback(eciEndpoint.hostname)) return eciEndpoint;
  return new URL(`https://sts${eciNetwork === 'vpc' ? '-vpc' : ''}.${region}.aliyuncs.com`);
}

/** What is used of the client's class, however the loader wraps it. */
type ClientClass = new (
  config: object,
) => {
  callApi(params: object, request: object, runtime: object): Promise<{ readonly body?: unknown }>;
};

/** Through the generic call that the ECI SDK brings along, so that no further package is needed. */
async function ask(endpoint: URL, keys: Credentials): Promise<unknown> {
  silencePackages();
  const [openApi, { RuntimeOptions }] = await Promise.all([
    import('@alicloud/openapi-client'),
    import('@alicloud/tea-util'),
  ]);
  const Client = defaultExport<ClientClass>(openApi.default as unknown as ClientClass);
  const client = new Client(
    new openApi.Config({
      credential: {
        getCredential: async () => ({
          ...keys,
          type: keys.securityToken === undefined ? 'access_key' : 'sts',
        }),
      },
      endpoint: endpoint.host,
      protocol: endpoint.protocol === 'http:' ? 'HTTP' : 'HTTPS',
    } as unknown as ConstructorParameters<typeof openApi.Config>[0]),
  );
  const params = new openApi.Params({
    action: 'GetCallerIdentity' satisfies StsCall,
    version: '2015-04-01',
    protocol: 'HTTPS',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const runtime = new RuntimeOptions({
    readTimeout: TIMEOUT_MS,
    connectTimeout: TIMEOUT_MS,
    autoretry: false,
  });
  const answer = await client.callApi(params, new openApi.OpenApiRequest({}), runtime);
  return answer.body;
}

function readIdentity(body: unknown): CallerIdentity {
  const { AccountId, Arn } = (body ?? {}) as { readonly AccountId?: unknown; readonly Arn?: unknown };
  const accountId = String(AccountId ?? '');
  if (!/^\d{4,20}$/.test(accountId)) throw new Error('the answer names no account');
  return { accountId, arn: typeof Arn === 'string' ? Arn : '' };
}
