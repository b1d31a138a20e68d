import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../http.ts';
import type { Identity } from '../identities.ts';
import { SlsError } from './errors.ts';
import { sha256, signV1, signV4, v4HeaderNames } from './signature.ts';
import type { SlsSettings } from './state.ts';

const MAX_SKEW_MS = 15 * 60_000;
const V4_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const V4 =
  /^SLS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/sls\/aliyun_v4_request,\s*Signature=([0-9a-f]+)$/;
const V1 = /^LOG ([^:\s]+):(\S+)$/;

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
  const authorization = request.headers.authorization ?? '';
  const v4 = V4.exec(authorization);
  const accessKeyId = v4?.[1] ?? V1.exec(authorization)?.[1];
  if (accessKeyId === undefined) throw new SlsError('MissAccessKeyId', 'The access key ID is missing.');
  const identity = identities.find((candidate) => candidate.accessKeyId === accessKeyId);
  if (identity === undefined)
    throw new SlsError('Unauthorized', `The AccessKeyId is not found: ${accessKeyId}`);
  if (identity.inactive === true) throw new SlsError('Unauthorized', 'The AccessKeyId is inactive.');
  checkToken(request, identity, nowMs);
  checkSignature(request, identity, v4);
  checkDigest(request, v4 !== null);
  return identity;
}

function checkHeaders({ headers }: HttpRequest): void {
  const v4 = headers.authorization?.startsWith('SLS4-') === true;
  if (headers.date === undefined && headers['x-log-date'] === undefined) {
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
  if (method === undefined && !v4) {
    throw new SlsError('MissingSignatureMethod', 'x-log-signaturemethod does not exist in http header.');
  }
  if (!v4 && method !== 'hmac-sha1' && method !== 'hmac-sha256') {
    throw new SlsError('InvalidSignatureMethod', `signature method ${method} is not supported.`);
  }
}

function checkDate({ headers }: HttpRequest, settings: SlsSettings, nowMs: number): void {
  const text = headers['x-log-date'] ?? headers.date ?? '';
  const parts = V4_DATE.exec(text);
  const atMs = parts === null ? Date.parse(text) : Date.parse(text.replace(V4_DATE, '$1-$2-$3T$4:$5:$6Z'));
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

function checkSignature(request: HttpRequest, identity: Identity, v4: RegExpExecArray | null): void {
  const authorization = request.headers.authorization ?? '';
  const sent = v4?.[4] ?? V1.exec(authorization)?.[2] ?? '';
  const scope = { date: v4?.[2] ?? '', region: v4?.[3] ?? '' };
  const expected =
    v4 === null
      ? signV1(request, identity.accessKeySecret)
      : signV4(request, v4HeaderNames(request.headers), scope, identity.accessKeySecret);
  if (!sameText(sent, expected)) throw new SlsError('SignatureNotMatch', `Signature ${sent} not matched.`);
}

function checkDigest({ headers, body }: HttpRequest, v4: boolean): void {
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('hex').toUpperCase()) {
    throw new SlsError('SignatureNotMatch', 'Content-MD5 does not match the body.');
  }
  if (md5 === undefined && !v4 && body.length > 0) {
    throw new SlsError('SignatureNotMatch', 'Content-MD5 is missing.');
  }
  if (v4 && headers['x-log-content-sha256'] !== sha256(body)) {
    throw new SlsError('SignatureNotMatch', 'x-log-content-sha256 does not match the body.');
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
