import { describeError } from '../redact.ts';
import { isLoopback } from './base-url.ts';
import type { Config } from './config.ts';
import { type Credentials, secretsOf } from './credentials.ts';
import { silencePackages } from './silence-packages.ts';

/** Who is asking, as the cloud itself says. */
export interface CallerIdentity {
  readonly accountId: string;
  /** Such as `acs:ram::1234567890123456:user/alice`. */
  readonly arn: string;
}

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
  timeoutMs?: number,
): Promise<CallerIdentity | { readonly fault: string }> {
  const endpoint = stsEndpoint(config);
  try {
    return readIdentity(await ask(endpoint, credentials, timeoutMs));
  } catch (error) {
    return {
      fault: `GetCallerIdentity at ${endpoint.host}: ${describeError(error, 300, secretsOf(credentials))}`,
    };
  }
}

/** Where Security Token Service is asked. */
export function stsEndpoint({
  eciEndpoint,
  eciNetwork,
  region,
}: Pick<Config, 'eciEndpoint' | 'eciNetwork' | 'region'>): URL {
  if (eciEndpoint !== undefined && isLoopback(eciEndpoint.hostname)) return eciEndpoint;
  return new URL(`https://sts${eciNetwork === 'vpc' ? '-vpc' : ''}.${region}.aliyuncs.com`);
}

async function ask(endpoint: URL, keys: Credentials, timeoutMs: number | undefined): Promise<unknown> {
  silencePackages();
  const { callOpenApi, placeOf } = await import('./open-api.ts');
  const action = 'GetCallerIdentity' satisfies StsCall;
  const answer = await callOpenApi(
    placeOf(endpoint, async () => keys),
    { action, version: '2015-04-01' },
    {},
    timeoutMs,
  );
  return answer.body;
}

/** Who an answer says is asking; throws where it names no account. */
export function readIdentity(body: unknown): CallerIdentity {
  const { AccountId, Arn } = (body ?? {}) as { readonly AccountId?: unknown; readonly Arn?: unknown };
  const accountId = String(AccountId ?? '');
  if (!/^\d{4,20}$/.test(accountId)) throw new Error('the answer names no account');
  return { accountId, arn: typeof Arn === 'string' ? Arn : '' };
}
