import { CleanupError } from '../errors.ts';
import { cutText } from '../redact.ts';
import { safeText } from '../text.ts';
import { type AuditRecord, type EventName, MAX_RECORD_BYTES, recordBytes, SCHEMA_VERSION } from './record.ts';

/** Longest text of a field that is not JSON. */
const MAX_TEXT_BYTES = 2_048;

/** Fields that hold JSON, bounded where they are made. */
const JSON_FIELDS: ReadonlySet<string> = new Set([
  'resources',
  'resource_ids',
  'tag_keys',
  'tags_removed_by_key',
  'tags_restored_by_key',
  'failures',
  'places_skipped',
  'children',
  'continuation',
  'warnings',
  'rules',
  'heirs',
  'policy_document',
]);

/** What all records of one run share. */
export interface RecordContext {
  readonly runId: string;
  readonly parentRunId?: string | undefined;
  /** Of this execution of the run: one that is started again under its id is another attempt. */
  readonly attemptId: string;
  /** Such as `service_name`, `service_version`, `function_name`, `request_id`, `account_id`, `actor`. */
  readonly identity: Readonly<Record<string, string>>;
}

/**
 * Puts a record together: own fields win over the identity's, empty ones are left out, text is
 * well-formed and bounded.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when the record passes `MAX_RECORD_BYTES`.
 */
export function makeRecord(
  context: RecordContext,
  event: { readonly name: EventName; readonly id: string; readonly atMs: number },
  fields: Readonly<Record<string, string>>,
): AuditRecord {
  const all: Record<string, string> = {
    schema_version: SCHEMA_VERSION,
    service_name: 'tagsweep',
    ...context.identity,
    parent_run_id: context.parentRunId ?? '',
    ...fields,
    event_name: event.name,
    event_id: event.id,
    event_time: new Date(event.atMs).toISOString(),
    run_id: context.runId,
    attempt_id: context.attemptId,
  };
  const kept = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => [key, JSON_FIELDS.has(key) ? value : cutText(safeText(value), MAX_TEXT_BYTES)]);
  const record = Object.fromEntries(kept) as AuditRecord;
  if (recordBytes(record) > MAX_RECORD_BYTES) {
    throw new CleanupError(
      'AUDIT_UNAVAILABLE',
      `The audit record ${event.id} is ${recordBytes(record)} bytes long, above the ${MAX_RECORD_BYTES} that one may have; shorten the identity fields.`,
    );
  }
  return record;
}
