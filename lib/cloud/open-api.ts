import OpenApi, { type Config, OpenApiRequest, Params } from '@alicloud/openapi-client';
import OpenApiUtil from '@alicloud/openapi-util';
import { RuntimeOptions } from '@alicloud/tea-util';
import type { Credentials } from './credentials.ts';
import { defaultExport } from './default-export.ts';

/** Where a service is, and as whom it is asked. */
export interface OpenApiPlace {
  /** Host, and port where there is one. */
  readonly endpoint: string;
  /** `http` is for loopback addresses only; the settings see to that. */
  readonly protocol: 'http' | 'https';
  /** Asked at each request, so that refreshed credentials are used at once. */
  readonly credentials: () => Promise<Credentials>;
  readonly userAgent?: string;
}

/** One request of the generic client. */
export interface OpenApiCall {
  readonly action: string;
  /** Of the service, such as `2018-08-08`. */
  readonly version: string;
  /** Of a service in the newer style: its path; left out: the older style, in which every call goes to `/` by its name. */
  readonly resource?: {
    readonly method: 'GET' | 'POST';
    readonly pathname: string;
    /** Of the answer; default `json`. */
    readonly bodyType?: 'json' | 'binary';
  };
}

/** What the generic client answers. */
export interface OpenApiAnswer {
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly statusCode?: unknown;
}

/** Nobody waits longer for one answer, unless told to. */
const TIMEOUT_MS = 10_000;

const Client = defaultExport(OpenApi);

/** The settings of a client, with an object of ours in place of the vendor's providers, which the bundle leaves out. */
export function configOf({ endpoint, protocol, credentials, userAgent }: OpenApiPlace): Config {
  const getCredential = async () => {
    const { accessKeyId, accessKeySecret, securityToken } = await credentials();
    const token = securityToken ? { securityToken } : {};
    return { accessKeyId, accessKeySecret, ...token, type: securityToken ? 'sts' : 'access_key' };
  };
  return {
    endpoint,
    protocol,
    ...(userAgent !== undefined && { userAgent }),
    credential: { getCredential },
  } as unknown as Config;
}

/** How a call is put, whatever the service. */
export function paramsOf({ action, version, resource }: OpenApiCall): Params {
  return new Params({
    action,
    version,
    protocol: 'HTTPS',
    authType: 'AK',
    ...(resource === undefined
      ? { pathname: '/', method: 'POST', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' }
      : { style: 'ROA', reqBodyType: 'json', bodyType: 'json', ...resource }),
  });
}

/** One attempt, and a bound on its time: who asks knows whether a call may be repeated. */
export function runtimeOf(timeoutMs: number = TIMEOUT_MS): RuntimeOptions {
  // Both: the one called connectTimeout is the time without a byte, and the smaller would cut the other off.
  return new RuntimeOptions({ readTimeout: timeoutMs, connectTimeout: timeoutMs, autoretry: false });
}

/** Parameters as the older style takes them: lists numbered from 1, what is undefined left out. */
export function flatten(parameters: Readonly<Record<string, unknown>>): Record<string, string> {
  return defaultExport(OpenApiUtil).query({ ...parameters });
}

/**
 * One call of any service, over the official generic client that the ECI SDK brings along: a service's own SDK would weigh
 * megabytes.
 *
 * @throws whatever the client throws; its message may hold secrets (`describeError`).
 */
export async function callOpenApi(
  place: OpenApiPlace,
  call: OpenApiCall,
  request: ConstructorParameters<typeof OpenApiRequest>[0] = {},
  timeoutMs?: number,
): Promise<OpenApiAnswer> {
  const client = new Client(configOf(place));
  return client.callApi(paramsOf(call), new OpenApiRequest(request), runtimeOf(timeoutMs));
}

/** The place of a service whose address is a URL. */
export function placeOf(url: URL, credentials: OpenApiPlace['credentials']): OpenApiPlace {
  return { endpoint: url.host, protocol: url.protocol === 'http:' ? 'http' : 'https', credentials };
}
