import type { AuditQuery } from '../../ports.ts';
import { encodeJson } from '../../text.ts';

/**
 * The search that finds at least the records of a query: the service compares words, in some indexes
 * regardless of case, so that what it finds has to be filtered again.
 *
 * Text is always quoted: a run's id comes from a command line, and must not become part of the search.
 */
export function searchText(query: AuditQuery): string {
  const parts: string[] = [];
  if (query.runId !== undefined) {
    const own = `run_id: ${quote(query.runId)}`;
    parts.push(query.family === true ? `(${own} or parent_run_id: ${quote(query.runId)})` : own);
  }
  if (query.undoOf !== undefined) parts.push(`undo_of: ${quote(query.undoOf)}`);
  if (query.policyName !== undefined) parts.push(`policy_name: ${quote(query.policyName)}`);
  if (query.eventNames !== undefined) {
    parts.push(`(${query.eventNames.map((name) => `event_name: ${quote(name)}`).join(' or ')})`);
  }
  if (query.resourceId !== undefined) parts.push(`resource_ids: ${quote(inJson(query.resourceId))}`);
  if (query.tagKey !== undefined) parts.push(`tag_keys: ${quote(inJson(query.tagKey))}`);
  return parts.length === 0 ? '*' : parts.join(' and ');
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A text as it stands within a JSON list. */
function inJson(text: string): string {
  return encodeJson(text).slice(1, -1);
}

/** Whether no record can match, so that the service need not be asked. */
export function findsNothing(query: AuditQuery): boolean {
  return (
    query.runId === '' ||
    query.undoOf === '' ||
    query.policyName === '' ||
    query.resourceId === '' ||
    query.tagKey === '' ||
    query.eventNames?.length === 0
  );
}
