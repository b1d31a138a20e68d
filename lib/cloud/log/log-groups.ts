import type { LogGroupInput } from '@alicloud/log';
import { type AuditRecord, recordBytes } from '../../audit/record.ts';

/** Raw size of one request: a tenth of what the service takes, so that a retry is cheap. */
const MAX_GROUP_BYTES = 1_000_000;
const MAX_GROUP_LOGS = 4_096;

/** Tags and lengths of the encoding, at most, for each field and each log. */
const BYTES_PER_FIELD = 16;
const BYTES_PER_LOG = 24;

/** Longest topic or source that the service takes. */
const MAX_LABEL_LENGTH = 32;

/**
 * Splits records into the groups that one request each holds, in order. The topic of a group is the event
 * name of its records; the time of a log is that of the record.
 */
export function splitIntoGroups(records: readonly AuditRecord[], source: string): readonly LogGroupInput[] {
  const groups: LogGroupInput[] = [];
  let logs: LogGroupInput['logs'][number][] = [];
  let topic = '';
  let bytes = 0;
  const close = (): void => {
    if (logs.length > 0) groups.push({ logs, topic, source: source.slice(0, MAX_LABEL_LENGTH) });
    logs = [];
    bytes = 0;
  };
  for (const record of records) {
    const size = recordBytes(record) + Object.keys(record).length * BYTES_PER_FIELD + BYTES_PER_LOG;
    if (record.event_name !== topic || bytes + size > MAX_GROUP_BYTES || logs.length >= MAX_GROUP_LOGS)
      close();
    topic = record.event_name;
    bytes += size;
    logs.push(toLog(record));
  }
  close();
  return groups;
}

function toLog(record: AuditRecord): LogGroupInput['logs'][number] {
  const atMs = Date.parse(record.event_time);
  return {
    timestamp: Math.floor(atMs / 1000),
    timestampNsPart: (atMs % 1000) * 1_000_000,
    content: Object.fromEntries(
      // Ill-formed text would be encoded as bytes that are not UTF-8, and the service would refuse them all.
      Object.entries(record).map(([key, value]) => [key, value.replace(/\p{Surrogate}/gu, '\ufffd')]),
    ),
  };
}
