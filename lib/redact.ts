import { safeText } from './text.ts';

/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Longest text that is looked at: the rest is dropped, so that a hostile answer costs nothing. */
const LONGEST_INPUT = 16_384;

const NAMES =
  'Signature|SignatureNonce|AccessKey(?:Id|Secret)|access_key(?:_id|_secret)?|Security[-_]?Token|x-acs-security-token|x-acs-signature-nonce|Credential|Secret|Password';

/** Order matters: what swallows most comes first. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // The service repeats the whole request, token included, when a signature does not match.
  [/(string\s?to\s?sign(?:\s+is)?\s*[:=]).*/gis, `$1 ${REDACTED}`],
  [/(\b(?:proxy-)?authorization["']?\s*[:=]\s*).*/gi, `$1${REDACTED}`],
  [/\b(?:ACS3|SLS4)-HMAC-[A-Z0-9]+\s[^\r\n]*/g, REDACTED],
  [/\bLOG [A-Za-z0-9._-]+:[A-Za-z0-9+/=]+/g, REDACTED],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi, `$1${REDACTED}@`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)\?[^\s"'<>]*/gi, `$1?${REDACTED}`],
  [
    new RegExp(`(\\b(?:${NAMES})["']?\\s*(?:=|:|%3D)\\s*["']?)[^\\s"'&,;<>%]+(?:%[^\\s"'&,;<>]*)?`, 'gi'),
    `$1${REDACTED}`,
  ],
  [/\bLTAI[A-Za-z0-9]{8,}/g, REDACTED],
  [/\bSTS\.[A-Za-z0-9_-]{6,}/g, REDACTED],
  // HMAC-SHA1 and HMAC-SHA256 in base64.
  [/(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{27}|[A-Za-z0-9+/]{43})=(?![A-Za-z0-9+/=])/g, REDACTED],
  // HMAC-SHA256 in hexadecimal; a digest says what it is.
  [/(?<!sha256:)(?<![0-9A-Za-z])[0-9a-f]{64,}(?![0-9A-Za-z])/gi, REDACTED],
];

/** Runs that may be a key secret (30 letters and digits), or a token (hundreds of base64 characters). */
const SHORT_RUN = /[A-Za-z0-9+=]{24,}/g;
const LONG_RUN = /[A-Za-z0-9+/=_-]{64,}/g;

/**
 * Takes secrets out of a text that came from outside, such as an error's message.
 *
 * Credentials, signatures, tokens, authorization headers and the query of URLs are replaced by
 * `[redacted]`, and so is whatever looks like a key or a token; `known` are secrets to take out wherever
 * they stand. A text that hides one behind escapes (`%2F`, `\\/`) is given without its escapes. It errs on the
 * side of hiding, so it is for messages, never for data that is read back. Texts above 16 KiB are cut
 * afterwards.
 */
export function redactSecrets(text: string, known: readonly string[] = []): string {
  const hidden = hide(text, known);
  const decoded = decode(text);
  if (decoded === text) return hidden;
  const inside = hide(decoded, known);
  return inside === decoded ? hidden : inside;
}

function hide(text: string, known: readonly string[]): string {
  // Before the cut, which could leave most of one.
  let result = hideKnown(text, known);
  if (result.length > LONGEST_INPUT) result = `${result.slice(0, LONGEST_INPUT)}…`;
  for (const [pattern, replacement] of RULES) result = result.replace(pattern, replacement);
  result = result.replace(LONG_RUN, (run) => (looksRandom(run, 5) ? REDACTED : run));
  return result.replace(SHORT_RUN, (run) => (looksRandom(run, 1) ? REDACTED : run));
}

/** What is shorter is no secret: an empty setting, or a placeholder. */
const SHORTEST_SECRET = 4;

/** Takes known secrets out of a text, and leaves the rest as it is. */
export function hideKnown(text: string, known: readonly string[]): string {
  return known
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((result, secret) => result.replaceAll(secret, REDACTED), text);
}

/** A gateway may escape what another one has escaped; more often is nobody's accident. */
const MOST_ESCAPES = 4;

/** Undoes the escapes of URLs and of JSON, as far as they can stand within a secret, which is ASCII. */
function decode(text: string): string {
  let decoded = text;
  for (let round = 0; round < MOST_ESCAPES; round++) {
    decoded = decoded
      .replace(/%([2-7][0-9a-f])|\\u00([2-7][0-9a-f])/gi, (_, url?: string, json?: string) =>
        String.fromCharCode(Number.parseInt(url ?? json ?? '', 16)),
      )
      .replaceAll('\\/', '/');
  }
  return decoded;
}

/** At least `least` upper-case letters, lower-case letters and digits each: words and ids seldom have all. */
function looksRandom(run: string, least: number): boolean {
  const count = (pattern: RegExp): number => run.match(pattern)?.length ?? 0;
  return count(/[a-z]/g) >= least && count(/[A-Z]/g) >= least && count(/[0-9]/g) >= least;
}

/**
 * What went wrong, in words that may be shown and kept: the error's message, redacted, on one line, without
 * what a terminal would act upon, at most `maxBytes` of UTF-8; `known` are secrets as in `redactSecrets`.
 */
export function describeError(error: unknown, maxBytes = 1024, known: readonly string[] = []): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return cutText(safeText(redactSecrets(message, known).replace(/\s+/g, ' ').trim()), maxBytes);
}

/** The longest beginning of `text` that fits in `maxBytes` of UTF-8, ending in `…` where something was cut. */
export function cutText(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const room = maxBytes - 3;
  const bytes = Buffer.from(text);
  let end = Math.max(0, room);
  // A byte 10xxxxxx continues a character: step back to where one begins.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString()}…`;
}
