import { randomUUID } from 'node:crypto';
import type { Identity } from '../identities.ts';
import type { RamPolicy } from '../ram/policy.ts';
import type { ServiceContext } from '../service-context.ts';

/** Temporary keys as STS, the metadata service and a credentials URI write them. */
export interface IssuedKeys {
  readonly AccessKeyId: string;
  readonly AccessKeySecret: string;
  readonly SecurityToken: string;
  /** `2026-01-01T00:00:00Z`. */
  readonly Expiration: string;
}

/** Gives out keys that the emulator knows from then on, until they end. */
export function issueKeys(
  context: ServiceContext,
  accountId: string,
  lifeSeconds: number,
  policies?: readonly RamPolicy[],
): IssuedKeys {
  const endsAtMs = context.now() + lifeSeconds * 1000;
  const identity: Identity = {
    accountId,
    accessKeyId: `STS.${randomUUID()}`,
    accessKeySecret: randomUUID(),
    securityToken: randomUUID(),
    tokenExpiresAtMs: endsAtMs,
    ...(policies === undefined ? {} : { policies }),
  };
  context.identities.push(identity);
  return {
    AccessKeyId: identity.accessKeyId,
    AccessKeySecret: identity.accessKeySecret,
    SecurityToken: identity.securityToken ?? '',
    Expiration: new Date(endsAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
