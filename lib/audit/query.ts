import { CleanupError } from '../errors.ts';
import type { AuditQuery } from '../ports.ts';
import type { AuditRecord } from './record.ts';

/** Whether a record answers a query, exactly: what a log store's search finds is filtered by it again. */
export function matchesQuery(record: AuditRecord, query: AuditQuery): boolean {
  if (query.eventNames !== undefined && !query.eventNames.includes(record.event_name)) return false;
  if (query.runId !== undefined && !belongsTo(record, query.runId, query.family === true)) return false;
  if (query.policyName !== undefined && record.policy_name !== query.policyName) return false;
  if (query.undoOf !== undefined && record.undo_of !== query.undoOf) return false;
  if (query.resourceId !== undefined && !lists(record.resource_ids, query.resourceId)) return false;
  if (query.tagKey !== undefined && !lists(record.tag_keys, query.tagKey)) return false;
  const atMs = Date.parse(record.event_time);
  if (query.fromMs !== undefined && !(atMs >= query.fromMs)) return false;
  return query.toMs === undefined || atMs < query.toMs;
}

/** Whether a field holds a JSON list with this text. */
function lists(field: string | undefined, text: string): boolean {
  try {
    const list: unknown = JSON.parse(field ?? '');
    return Array.isArray(list) && list.includes(text);
  } catch {
    return false;
  }
}

function belongsTo(record: AuditRecord, runId: string, family: boolean): boolean {
  return record.run_id === runId || (family && record.parent_run_id === runId);
}

/**
 * Drops repeats, keeping the first of each, in order.
 *
 * A record is a repeat when its `event_id` and all of its fields were seen before. Records that share
 * only the id are kept: they tell different facts (a run started again under its id), and an undo needs
 * both.
 */
export function dropRepeats(records: readonly AuditRecord[]): readonly AuditRecord[] {
  const seen = new Map<string, AuditRecord[]>();
  return records.filter((record) => {
    const sameId = seen.get(record.event_id);
    if (sameId === undefined) {
      seen.set(record.event_id, [record]);
      return true;
    }
    if (sameId.some((other) => equalRecords(record, other))) return false;
    sameId.push(record);
    return true;
  });
}

function equalRecords(a: AuditRecord, b: AuditRecord): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Oldest first; records of one instant keep their order. */
export function sortByTime(records: readonly AuditRecord[]): readonly AuditRecord[] {
  return [...records].sort((a, b) =>
    a.event_time < b.event_time ? -1 : a.event_time > b.event_time ? 1 : 0,
  );
}

/**
 * A record out of what was read back, or `undefined` where it is none of ours. Fields that the log store
 * adds (`__time__` and its like) are left out.
 */
export function readRecord(row: unknown): AuditRecord | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined;
  const fields: Record<string, string> = {};
  for (const [key, value] of Object.entries(row)) {
    if (key.startsWith('__')) continue;
    if (typeof value !== 'string') return undefined;
    fields[key] = value;
  }
  const { event_name, event_id, event_time, run_id } = fields;
  const whole = event_name && event_id && run_id && event_time && !Number.isNaN(Date.parse(event_time));
  return whole ? (fields as AuditRecord) : undefined;
}

/** The most that one reading may bring back; the journal of a million resources is a third of it. */
export const MAX_READ_BYTES = 512 * 1024 * 1024;

/**
 * Counts what a reading brings back, so that a log without an end cannot fill the memory.
 *
 * @returns what to call with each further number of bytes; it throws `AUDIT_UNAVAILABLE` past the most.
 */
export function createReadBudget(maxBytes = MAX_READ_BYTES): (bytes: number) => void {
  let left = maxBytes;
  return (bytes) => {
    left -= bytes;
    if (left >= 0) return;
    throw new CleanupError(
      'AUDIT_UNAVAILABLE',
      `The records that were asked for are more than ${maxBytes} bytes, and were not read to their end. Ask for one run, or a shorter time (history --days).`,
    );
  };
}
