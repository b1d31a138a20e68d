import { createHmac } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { HttpRequest } from '../http.ts';
import type { Claim } from './acs3.ts';
import { canonicalPairs, encodeStrictly, sameText } from './encode.ts';

/**
 * Reads the parameter scheme HMAC-SHA1, SignatureVersion 1.0: everything stands in the query or the form.
 *
 * @throws {ApiError} `IncompleteSignature` when a part is missing or names another scheme.
 */
export function readHmacSha1(request: HttpRequest, pairs: readonly (readonly [string, string])[]): Claim {
  const parameters = new Map(pairs);
  const read = (name: string): string => {
    const value = parameters.get(name);
    if (value === undefined || value === '') {
      throw new ApiError('IncompleteSignature', `The parameter "${name}" of the signature is missing.`);
    }
    return value;
  };
  const signature = read('Signature');
  if (read('SignatureMethod') !== 'HMAC-SHA1' || read('SignatureVersion') !== '1.0') {
    throw new ApiError('IncompleteSignature', 'Only HMAC-SHA1 with SignatureVersion 1.0 is known here.');
  }
  const canonical = canonicalPairs(pairs.filter(([name]) => name !== 'Signature'));
  const toSign = `${request.method}&%2F&${encodeStrictly(canonical)}`;
  return {
    accessKeyId: read('AccessKeyId'),
    securityToken: parameters.get('SecurityToken'),
    nonce: read('SignatureNonce'),
    date: read('Timestamp'),
    prove(secret) {
      if (sameText(createHmac('sha1', `${secret}&`).update(toSign).digest('base64'), signature)) return;
      throw new ApiError(
        'SignatureDoesNotMatch',
        `Specified signature is not matched with our calculation. server string to sign is:${toSign}`,
      );
    },
  };
}
