import { CleanupError } from '../../lib/errors.ts';

/** An event this long is not a request: EventBridge sends at most 64 KB each, an asynchronous call 128 KB. */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** The records of ActionTrail nest some eight levels; a whole policy some ten. */
export const MAX_EVENT_DEPTH = 48;

/**
 * The raw bytes of an event as JSON, or `undefined` for an empty one (blanks and a byte order mark count as none).
 *
 * @throws {CleanupError} code `INVALID_REQUEST`: too long, not UTF-8, nested too deep, or not JSON.
 */
export function readJsonBytes(bytes: Uint8Array): unknown {
  if (bytes.byteLength > MAX_EVENT_BYTES) {
    throw refused(`it has ${bytes.byteLength} bytes, and at most ${MAX_EVENT_BYTES} are read`);
  }
  return readJsonText(decodeUtf8(bytes), 'it');
}

/**
 * A text as JSON, or `undefined` for an empty one.
 *
 * @param what how the message names the text, such as `the timer's payload`.
 * @throws {CleanupError} code `INVALID_REQUEST`.
 */
export function readJsonText(text: string, what: string): unknown {
  if (text.trim() === '') return undefined;
  if (isDeeperThan(text, MAX_EVENT_DEPTH))
    throw refused(`${what} is nested deeper than ${MAX_EVENT_DEPTH} levels`);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw refused(`${what} is not JSON`);
  }
}

/** An error that says that an event was not understood, and that nothing was done. */
export function refused(why: string): CleanupError {
  return new CleanupError('INVALID_REQUEST', `The event was refused and nothing was done: ${why}.`);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused('it is not UTF-8 text');
  }
}

/** Counts brackets outside of strings, so that a hostile text is turned away before it is parsed. */
function isDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') inString = !inString;
    else if (character === '\\' && inString) index++;
    else if (!inString) depth += depthStep(character);
    if (depth > levels) return true;
  }
  return false;
}

function depthStep(character: string | undefined): number {
  if (character === '{' || character === '[') return 1;
  return character === '}' || character === ']' ? -1 : 0;
}
