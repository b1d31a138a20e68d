import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../http.ts';
import type { Identity } from '../identities.ts';
import { SlsError } from './errors.ts';
import { signRequest } from './signature.ts';
import type { SlsSettings } from './state.ts';

const MAX_SKEW_MS = 15 * 60_000;
const AUTHORIZATION = /^LOG ([^:\s]+):(\S+)$/;

/**
 * Finds out who asks, in the order: headers, date, key, token, signature, digest of the body.
 *
 * @param nowMs the service's time, epoch milliseconds.
 * @throws {SlsError}
 */
export function authenticate(
  request: HttpRequest,
  identities: readonly Identity[],
  settings: SlsSettings,
  nowMs: number,
): Identity {
  checkHeaders(request);
  checkDate(request, settings, nowMs);
  const [, accessKeyId, signature = ''] = AUTHORIZATION.exec(request.headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined) throw new SlsError('MissAccessKeyId', 'The access key ID is missing.');
  const identity = identities.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (identity === undefined)
    throw new SlsError('Unauthorized', `The AccessKeyId is not found: ${accessKeyId}`);
  if (identity.inactive === true) throw new SlsError('Unauthorized', 'The AccessKeyId is inactive.');
  checkToken(request, identity, nowMs);
  if (!sameText(signature, signRequest(request, identity.accessKeySecret)))
    throw new SlsError('SignatureNotMatch', `Signature ${signature} not matched.`);
  checkDigest(request);
  return identity;
}

function checkHeaders({ headers }: HttpRequest): void {
  if (headers.date === undefined) {
    throw new SlsError('MissingDate', 'Date does not exist in http header.');
  }
  const version = headers['x-log-apiversion'];
  if (version === undefined)
    throw new SlsError('MissingAPIVersion', 'x-log-apiversion does not exist in http header.');
  if (version !== '0.6.0') throw new SlsError('InvalidAPIVersion', `API version is invalid: ${version}`);
  if (headers.authorization === undefined) {
    throw new SlsError('MissAccessKeyId', 'Authorization does not exist in http header.');
  }
  const method = headers['x-log-signaturemethod'];
  if (method === undefined) {
    throw new SlsError('MissingSignatureMethod', 'x-log-signaturemethod does not exist in http header.');
  }
  if (method !== 'hmac-sha1') {
    throw new SlsError('InvalidSignatureMethod', `signature method ${method} is not supported.`);
  }
}

function checkDate({ headers }: HttpRequest, settings: SlsSettings, nowMs: number): void {
  const text = headers.date ?? '';
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new SlsError('InvalidDateFormat', `Date ${text} must follow RFC 822.`);
  if (Math.abs(atMs - nowMs) > MAX_SKEW_MS) {
    throw new SlsError(
      settings.skewCode,
      `Request time expired: request ${text}, server ${new Date(nowMs).toUTCString()}.`,
    );
  }
}

function checkToken(request: HttpRequest, identity: Identity, nowMs: number): void {
  const token = request.headers['x-acs-security-token'];
  if (token !== identity.securityToken) {
    throw new SlsError('Unauthorized', 'The security token you provided is invalid.');
  }
  if (identity.tokenExpiresAtMs !== undefined && nowMs >= identity.tokenExpiresAtMs) {
    throw new SlsError('Unauthorized', 'The security token you provided has expired.');
  }
}

function checkDigest({ headers, body }: HttpRequest): void {
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('hex').toUpperCase()) {
    throw new SlsError('SignatureNotMatch', 'Content-MD5 does not match the body.');
  }
  if (md5 === undefined && body.length > 0) {
    throw new SlsError('SignatureNotMatch', 'Content-MD5 is missing.');
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
