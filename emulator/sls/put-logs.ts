import type { HttpRequest } from '../http.ts';
import { SlsError } from './errors.ts';
import { decodeLogGroup, WireError, type WireLog, type WireLogGroup } from './protobuf.ts';
import type { SlsSettings } from './state.ts';

const MAX_RAW_BYTES = 10_485_760;
const MAX_KEY_BYTES = 128;
const MAX_LABEL_BYTES = 128;
const MAX_VALUE_BYTES = 1_048_576;
const OLDEST_S = 7 * 24 * 3_600;
const NEWEST_S = 15 * 60;

const RESERVED: ReadonlySet<string> = new Set([
  '__time__',
  '__source__',
  '__topic__',
  '__partition_time__',
  '_extract_others_',
  '__extract_others__',
]);

/**
 * Reads the body of a PutLogs request: content type, sizes, protobuf, then each log. One bad
 * log refuses all.
 *
 * @param nowMs the service's time, epoch milliseconds.
 * @throws {SlsError}
 */
export function readLogGroup(request: HttpRequest, settings: SlsSettings, nowMs: number): WireLogGroup {
  const raw = readRawBody(request, settings);
  const group = parse(raw);
  if (group.logs.length === 0)
    throw new SlsError('PostBodyInvalid', 'Protobuffer content cannot be parsed: no logs.');
  for (const label of [group.topic ?? '', group.source ?? '']) {
    if (Buffer.byteLength(label) > MAX_LABEL_BYTES) {
      throw new SlsError('PostBodyInvalid', `Topic and source must not exceed ${MAX_LABEL_BYTES} bytes.`);
    }
  }
  for (const log of group.logs) checkLog(log, nowMs);
  return group;
}

function readRawBody({ headers, body }: HttpRequest, settings: SlsSettings): Buffer {
  if (headers['content-length'] === undefined && !settings.acceptChunked) {
    throw new SlsError('MissingContentLength', 'Content-Length does not exist in http header.');
  }
  const type = headers['content-type'];
  if (type === undefined)
    throw new SlsError('MissingContentType', 'Content-Type does not exist in http header.');
  if (type.split(';')[0]?.trim() !== 'application/x-protobuf') {
    throw new SlsError('InvalidContentType', `Content-Type ${type} is not supported.`);
  }
  const rawSize = readRawSize(headers['x-log-bodyrawsize']);
  if (rawSize > MAX_RAW_BYTES || body.length > MAX_RAW_BYTES) {
    throw new SlsError(
      'PostBodyTooLarge',
      `Body size ${Math.max(rawSize, body.length)} must little than ${MAX_RAW_BYTES}.`,
    );
  }
  const compression = headers['x-log-compresstype'];
  if (compression !== undefined) {
    throw new SlsError('InvalidCompressType', `Compress type ${compression} is not supported.`);
  }
  if (body.length !== rawSize) {
    throw new SlsError('InvalidBodyRawSize', `Body raw size is ${rawSize}, and ${body.length} bytes came.`);
  }
  return body;
}

function readRawSize(text: string | undefined): number {
  if (text === undefined)
    throw new SlsError('MissingBodyRawSize', 'x-log-bodyrawsize does not exist in http header.');
  if (!/^\d+$/.test(text)) throw new SlsError('InvalidBodyRawSize', `Body raw size is invalid: ${text}`);
  return Number(text);
}

function parse(raw: Buffer): WireLogGroup {
  try {
    return decodeLogGroup(raw);
  } catch (error) {
    if (error instanceof WireError && error.kind === 'encoding') {
      throw new SlsError('InvalidEncoding', 'Non-UTF8 characters are in the log.');
    }
    throw new SlsError('PostBodyInvalid', 'Protobuffer content cannot be parsed.');
  }
}

function checkLog(log: WireLog, nowMs: number): void {
  if (log.contents.length === 0)
    throw new SlsError('PostBodyInvalid', 'wrong data type: a log has no contents.');
  if (log.timeNs !== undefined && log.timeNs > 999_999_999) {
    throw new SlsError('InvalidTimestamp', `Time_ns ${log.timeNs} is out of range.`);
  }
  const nowS = Math.floor(nowMs / 1000);
  if (log.time < nowS - OLDEST_S || log.time > nowS + NEWEST_S) {
    throw new SlsError('PostBodyInvalid', 'The post data time is out of range');
  }
  const seen = new Set<string>();
  for (const [key, value] of log.contents) {
    if (!isKey(key) || seen.has(key))
      throw new SlsError('InvalidKey', `The key ${key.slice(0, 80)} of a log is invalid.`);
    seen.add(key);
    if (Buffer.byteLength(value) > MAX_VALUE_BYTES) {
      throw new SlsError('PostBodyInvalid', `The value of ${key} exceeds ${MAX_VALUE_BYTES} bytes.`);
    }
  }
}

function isKey(key: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && Buffer.byteLength(key) <= MAX_KEY_BYTES && !RESERVED.has(key)
  );
}
