/**
 * One audit record: flat snake_case fields, all text, as a log store keeps them.
 *
 * The names and their meaning are those of docs/audit.md. `event_id` is deterministic: the same fact
 * written twice has the same id, and is then the same record, field by field.
 */
export interface AuditRecord {
  readonly event_name: EventName;
  readonly event_id: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly event_time: string;
  readonly run_id: string;
  readonly [field: string]: string;
}

export const EVENT_NAMES = [
  'run_started',
  'policy_recorded',
  'removals_planned',
  'restores_planned',
  'removal_noticed',
  'notice_withdrawn',
  'plan_approved',
  'approval_revoked',
  'batch_completed',
  'run_completed',
  'doctor_looked',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** The kinds of record that list tags: written before what they announce is done. */
export type JournalName = 'removals_planned' | 'restores_planned' | 'removal_noticed' | 'notice_withdrawn';

/** The version of the fields' meaning, in each record's `schema_version`. */
export const SCHEMA_VERSION = '2';

/** Largest record, all keys and values, in bytes of UTF-8. */
export const MAX_RECORD_BYTES = 256_000;

/** The size of a record as a log store counts it: keys and values, in bytes of UTF-8. */
export function recordBytes(record: AuditRecord): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(record))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}
