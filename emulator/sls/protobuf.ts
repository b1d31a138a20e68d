/** One log as it was sent. */
export interface WireLog {
  /** Seconds. */
  readonly time: number;
  /** The nanosecond part of the time. */
  readonly timeNs?: number;
  /** In the order sent; a key may come twice. */
  readonly contents: readonly (readonly [key: string, value: string])[];
}

/** A LogGroup as it was sent. */
export interface WireLogGroup {
  readonly logs: readonly WireLog[];
  readonly topic?: string;
  readonly source?: string;
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** Bytes that are no LogGroup; `encoding` when a string is not UTF-8. */
export class WireError extends Error {
  readonly kind: 'malformed' | 'encoding';

  constructor(kind: 'malformed' | 'encoding', message: string) {
    super(message);
    this.kind = kind;
  }
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

type FieldValue = number | Uint8Array;

/**
 * Decodes a LogGroup (proto2): 1 Logs, 3 Topic, 4 Source, 6 LogTags; unknown fields are passed over.
 *
 * @throws {WireError} for bytes that cannot be read, a missing required field, or text that is not UTF-8.
 */
export function decodeLogGroup(bytes: Uint8Array): WireLogGroup {
  const logs: WireLog[] = [];
  const tags: (readonly [string, string])[] = [];
  let topic: string | undefined;
  let source: string | undefined;
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) logs.push(decodeLog(asBytes(value)));
    else if (field === 3) topic = decodeText(asBytes(value));
    else if (field === 4) source = decodeText(asBytes(value));
    else if (field === 6) tags.push(decodePair(asBytes(value)));
  }
  return { logs, tags, ...(topic !== undefined && { topic }), ...(source !== undefined && { source }) };
}

function decodeLog(bytes: Uint8Array): WireLog {
  const contents: (readonly [string, string])[] = [];
  let time: number | undefined;
  let timeNs: number | undefined;
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) time = asNumber(value) >>> 0;
    else if (field === 2) contents.push(decodePair(asBytes(value)));
    else if (field === 4) timeNs = asNumber(value);
  }
  if (time === undefined) throw new WireError('malformed', 'a log has no Time');
  return { time, contents, ...(timeNs !== undefined && { timeNs }) };
}

function decodePair(bytes: Uint8Array): readonly [string, string] {
  let key: string | undefined;
  let text: string | undefined;
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) key = decodeText(asBytes(value));
    else if (field === 2) text = decodeText(asBytes(value));
  }
  if (key === undefined || text === undefined) throw new WireError('malformed', 'a pair lacks Key or Value');
  return [key, text];
}

function* fieldsOf(bytes: Uint8Array): Generator<readonly [field: number, value: FieldValue]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const need = (count: number): number => {
    if (at + count > bytes.length)
      throw new WireError('malformed', 'the message ends in the middle of a field');
    const from = at;
    at += count;
    return from;
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[need(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new WireError('malformed', 'a number is too long');
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (field === 0) throw new WireError('malformed', 'field number 0');
    if (type === VARINT) yield [field, varint()];
    else if (type === FIXED32) yield [field, view.getUint32(need(4), true)];
    else if (type === FIXED64) need(8);
    else if (type === BYTES) {
      const length = varint();
      const from = need(length);
      yield [field, bytes.subarray(from, from + length)];
    } else throw new WireError('malformed', `wire type ${type}`);
  }
}

function asBytes(value: FieldValue): Uint8Array {
  if (typeof value === 'number') throw new WireError('malformed', 'a number where bytes belong');
  return value;
}

function asNumber(value: FieldValue): number {
  if (typeof value !== 'number') throw new WireError('malformed', 'bytes where a number belongs');
  return value;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new WireError('encoding', 'a text is not UTF-8');
  }
}
