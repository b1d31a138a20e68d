/**
 * One audit record: flat snake_case fields, all text, as a log store keeps them.
 *
 * The names and their meaning are those of the log service reference, section 11. `event_id` is
 * deterministic: the same fact written twice has the same id.
 */
export interface AuditRecord {
  readonly event_name: EventName;
  readonly event_id: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly event_time: string;
  readonly run_id: string;
  readonly [field: string]: string;
}

export type EventName =
  | 'run_started'
  | 'removals_planned'
  | 'restores_planned'
  | 'batch_completed'
  | 'run_completed';
