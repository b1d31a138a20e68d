import { SlsError } from './errors.ts';
import { parseSearch } from './query.ts';
import { compileSearch } from './search.ts';
import type { Logstore, SlsSettings, StoredLog } from './state.ts';

/** What a query asks for, by the names of its parameters. */
export type LogParameters = (name: string) => string | undefined;

export interface LogRows {
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly complete: boolean;
}

const MAX_LINES = 100;

/**
 * Answers GetLogs: rows of text by time, `from` included and `to` excluded, a page at a time.
 *
 * @param nowMs the service's time, epoch milliseconds.
 * @throws {SlsError}
 */
export function findLogs(
  logstore: Logstore,
  parameter: LogParameters,
  settings: SlsSettings,
  nowMs: number,
): LogRows {
  const { fromS, toS } = readRange(parameter);
  const line = readWhole(parameter('line') ?? '100', 'InvalidLine', MAX_LINES);
  const offset = readWhole(parameter('offset') ?? '0', 'InvalidOffset', Number.MAX_SAFE_INTEGER);
  const reverse = readReverse(parameter('reverse') ?? 'false');
  if (settings.requireIndex && logstore.index === undefined) {
    throw new SlsError('IndexConfigNotExist', `logstore ${logstore.name} has no index config`);
  }
  const test = compileSearch(parseSearch(parameter('query') ?? ''), logstore.index);
  const topic = parameter('topic') ?? '';
  const found = logstore.logs
    .filter(
      (log) => log.time >= fromS && log.time < toS && nowMs >= log.receivedAtMs + settings.visibilityDelayMs,
    )
    .filter((log) => (topic === '' || log.topic === topic) && test(toRow(log)))
    .sort((a, b) => a.time - b.time || (a.timeNs ?? 0) - (b.timeNs ?? 0) || a.sequence - b.sequence);
  if (reverse || settings.rowOrder === 'newestFirst') found.reverse();
  const page = found.slice(offset, offset + line).map(toRow);
  if (settings.incompleteReads > 0) {
    settings.incompleteReads -= 1;
    return { rows: page.slice(0, Math.floor(page.length / 2)), complete: false };
  }
  return { rows: page, complete: true };
}

function readRange(parameter: LogParameters): { readonly fromS: number; readonly toS: number } {
  const [from, to] = [parameter('from'), parameter('to')];
  if (from === undefined || to === undefined)
    throw new SlsError('ParameterInvalid', 'from and to are required.');
  if (!/^\d+$/.test(from) || !/^\d+$/.test(to) || Number(from) >= Number(to)) {
    throw new SlsError('InvalidTimeRange', `request time range is invalid: from ${from} to ${to}`);
  }
  return { fromS: Number(from), toS: Number(to) };
}

function readWhole(text: string, code: string, most: number): number {
  if (!/^\d+$/.test(text) || Number(text) > most) throw new SlsError(code, `${text} is out of range.`);
  return Number(text);
}

function readReverse(text: string): boolean {
  if (text !== 'true' && text !== 'false')
    throw new SlsError('InvalidReverse', `reverse ${text} must be true or false.`);
  return text === 'true';
}

/** Rows do not change once they are kept. */
const rows = new WeakMap<StoredLog, Readonly<Record<string, string>>>();

function toRow(log: StoredLog): Readonly<Record<string, string>> {
  const known = rows.get(log);
  if (known !== undefined) return known;
  const row = {
    ...log.fields,
    ...Object.fromEntries(Object.entries(log.tags).map(([key, value]) => [`__tag__:${key}`, value])),
    __time__: String(log.time),
    __topic__: log.topic,
    __source__: log.source,
    ...(log.timeNs !== undefined && { __time_ns_part__: String(log.timeNs) }),
  };
  rows.set(log, row);
  return row;
}
