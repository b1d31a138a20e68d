import { createHash, createHmac } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { HttpRequest } from '../http.ts';
import { canonicalPairs, sameText } from './encode.ts';

const ALGORITHM = 'ACS3-HMAC-SHA256';

/** Headers that a signature must cover to be worth anything. */
const MUST_BE_SIGNED = [
  'host',
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-content-sha256',
];

/** What a request claims, before anything is believed. */
export interface Claim {
  readonly accessKeyId: string;
  readonly securityToken: string | undefined;
  readonly nonce: string;
  /** `2026-01-31T12:00:00Z`, unchecked. */
  readonly date: string;
  /** Throws `SignatureDoesNotMatch` when the secret does not give the signature. */
  readonly prove: (secret: string) => void;
}

export function isAcs3(request: HttpRequest): boolean {
  return request.headers.authorization?.startsWith('ACS3-') === true;
}

/**
 * Reads the header scheme ACS3-HMAC-SHA256.
 *
 * @throws {ApiError} `IncompleteSignature`, when a part is missing or a header that must be signed is not;
 * `SignatureDoesNotMatch`, when the body is not the one that was hashed.
 */
export function readAcs3(request: HttpRequest): Claim {
  const parts = /^(\S+) Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]+)$/.exec(
    request.headers.authorization ?? '',
  );
  const [, algorithm, accessKeyId = '', signedNames = '', signature = ''] = parts ?? [];
  if (algorithm !== ALGORITHM) {
    throw new ApiError('IncompleteSignature', `The Authorization header is not a whole ${ALGORITHM} one.`);
  }
  const signed = signedNames.split(';');
  for (const name of mustBeSigned(request)) {
    if (!signed.includes(name) || request.headers[name] === undefined) {
      throw new ApiError('IncompleteSignature', `The header "${name}" is missing or not signed.`);
    }
  }
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  if (request.headers['x-acs-content-sha256'] !== bodyHash) {
    throw new ApiError('SignatureDoesNotMatch', `The body has the SHA-256 ${bodyHash}, not the one sent.`);
  }
  const canonical = canonicalRequest(request, signed, bodyHash);
  return {
    accessKeyId,
    securityToken: request.headers['x-acs-security-token'],
    nonce: request.headers['x-acs-signature-nonce'] ?? '',
    date: request.headers['x-acs-date'] ?? '',
    prove(secret) {
      const toSign = `${ALGORITHM}\n${createHash('sha256').update(canonical).digest('hex')}`;
      if (sameText(createHmac('sha256', secret).update(toSign).digest('hex'), signature)) return;
      throw new ApiError(
        'SignatureDoesNotMatch',
        `Specified signature is not matched with our calculation. server canonicalRequest is ${canonical}`,
      );
    },
  };
}

function mustBeSigned(request: HttpRequest): readonly string[] {
  const token = request.headers['x-acs-security-token'] === undefined ? [] : ['x-acs-security-token'];
  return [...MUST_BE_SIGNED, ...token];
}

function canonicalRequest(request: HttpRequest, signed: readonly string[], bodyHash: string): string {
  const headers = signed.map((name) => `${name}:${(request.headers[name] ?? '').trim()}\n`).join('');
  return [
    request.method,
    request.path,
    canonicalPairs(request.query),
    headers,
    signed.join(';'),
    bodyHash,
  ].join('\n');
}
