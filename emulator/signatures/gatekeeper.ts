import { ApiError } from '../errors.ts';
import type { HttpRequest } from '../http.ts';
import type { Identity } from '../identities.ts';
import { type Claim, isAcs3, readAcs3 } from './acs3.ts';
import { readHmacSha1 } from './hmac-sha1.ts';

export interface GatekeeperOptions {
  readonly identities: readonly Identity[];
  readonly now: () => number;
  readonly clockWindowMs: () => number;
}

/** Finds out who asks. */
export interface Gatekeeper {
  /**
   * @param pairs the query and the form together.
   * @throws {ApiError} the API's own code for each way of being refused.
   */
  admit(request: HttpRequest, pairs: readonly (readonly [string, string])[]): Identity;
}

/** Checks both signature schemes, the clock, the nonce, the key and the token, in this order. */
export function createGatekeeper(options: GatekeeperOptions): Gatekeeper {
  const nonces = createNonces(() => 2 * options.clockWindowMs());
  return {
    admit(request, pairs) {
      const claim = isAcs3(request) ? readAcs3(request) : readHmacSha1(request, pairs);
      const nowMs = options.now();
      checkDate(claim.date, nowMs, options.clockWindowMs());
      const identity = findIdentity(claim, options.identities);
      claim.prove(identity.accessKeySecret);
      checkToken(claim, identity, options.identities, nowMs);
      if (!nonces.use(`${claim.accessKeyId} ${claim.nonce}`, nowMs)) throw new ApiError('SignatureNonceUsed');
      return identity;
    },
  };
}

function checkDate(date: string, nowMs: number, windowMs: number): void {
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(atMs)) throw new ApiError('InvalidTimeStamp.Format');
  if (Math.abs(nowMs - atMs) > windowMs) throw new ApiError('InvalidTimeStamp.Expired');
}

/** A temporary key is known only together with some token: without one it is like a key that never was. */
function findIdentity(claim: Claim, identities: readonly Identity[]): Identity {
  const identity = identities.find((candidate) => candidate.accessKeyId === claim.accessKeyId);
  if (identity === undefined) throw new ApiError('InvalidAccessKeyId.NotFound');
  if (identity.securityToken !== undefined && claim.securityToken === undefined) {
    throw new ApiError('InvalidAccessKeyId.NotFound', 'This key needs its SecurityToken, and none was sent.');
  }
  if (identity.inactive === true) throw new ApiError('InvalidAccessKeyId.Inactive');
  return identity;
}

function checkToken(claim: Claim, identity: Identity, identities: readonly Identity[], nowMs: number): void {
  if (claim.securityToken === undefined) return;
  if (identity.securityToken === undefined) throw new ApiError('InvalidSecurityToken.MismatchWithAccessKey');
  if (claim.securityToken !== identity.securityToken) {
    const foreign = identities.some(({ securityToken }) => securityToken === claim.securityToken);
    throw new ApiError(
      foreign ? 'InvalidSecurityToken.MismatchWithAccessKey' : 'InvalidSecurityToken.Malformed',
    );
  }
  if (identity.tokenExpiresAtMs !== undefined && nowMs >= identity.tokenExpiresAtMs) {
    throw new ApiError('InvalidSecurityToken.Expired');
  }
}

/** Remembers nonces for as long as their dates could still be accepted. */
function createNonces(keepMs: () => number): { use(nonce: string, nowMs: number): boolean } {
  const used = new Map<string, number>();
  return {
    use(nonce, nowMs) {
      for (const [old, atMs] of used) {
        if (atMs > nowMs - keepMs()) break;
        used.delete(old);
      }
      if (used.has(nonce)) return false;
      used.set(nonce, nowMs);
      return true;
    },
  };
}
