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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw refused(`${what} is not JSON`);
  }
  const key = ambiguousKey(text);
  if (key === undefined) return value;
  const why =
    key === '__proto__' ? ', which no event has' : ' more than once, which readers take differently';
  throw refused(`${what} has the key ${JSON.stringify(key.slice(0, 64))}${why}`);
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

/** Counts brackets outside of texts, so that a hostile text is turned away before it is parsed. */
function isDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at = afterToken(text, at)) {
    const character = text[at];
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/** A key that stands twice in one object of a valid JSON text, or that an object takes for its prototype. */
function ambiguousKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = afterToken(text, at);
    const character = text[at];
    if (character === '{' || character === '[') open.push(new Set());
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"' && isBeforeColon(text, end)) {
      const key = JSON.parse(text.slice(at, end)) as string;
      const keys = open.at(-1)!;
      if (key === '__proto__' || keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** The end of what begins at `at`: a whole text in its quotes, or one character. */
function afterToken(text: string, at: number): number {
  if (text[at] !== '"') return at + 1;
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** Whether a text that ends there is a key. */
function isBeforeColon(text: string, end: number): boolean {
  let at = end;
  while (' \t\n\r'.includes(text[at] ?? '.')) at += 1;
  return text[at] === ':';
}
