import { CleanupError } from '../errors.ts';
import {
  compareText,
  REGION_ID,
  RESOURCE_TYPES,
  type Region,
  type ResourceType,
  type Tag,
  type TagKey,
} from '../resource.ts';
import type { BatchFact, JournalEntry } from './facts.ts';
import { hashText } from './journal.ts';
import { type AuditRecord, type JournalName, SCHEMA_VERSION } from './record.ts';

/** What the journal of a run announced. */
export interface Journal {
  /** In the order of the records; a resource may come more than once. Empty where `valuesKept` is false. */
  readonly entries: readonly JournalEntry[];
  /** False: some record was written under `journal: keys`, and holds no values. */
  readonly valuesKept: boolean;
  /** What was announced without values. */
  readonly keysOnly: readonly (Omit<JournalEntry, 'tags'> & { readonly keys: readonly TagKey[] })[];
  /** Both, in the order of the records: what was announced later is what counts. */
  readonly announced: readonly Announced[];
}

/** One resource and the tags that were announced for it; no value where it was not kept. */
export interface Announced extends Omit<JournalEntry, 'tags'> {
  readonly tags: readonly { readonly key: TagKey; readonly value?: string; readonly rule?: string }[];
  /** The record that announced it. */
  readonly record: AuditRecord;
}

/**
 * Reads journal records back: the tags that a run announced to remove (or to put back) with their values.
 *
 * @param records of one or more runs, without repeats, oldest first; whether they are a run's own, and all of them,
 *   is told by their chain (`readAttempts`).
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when a record is cut, changed, or of another version: an undo from
 *   a journal that cannot be trusted would be worse than none.
 */
export function readJournal(records: readonly AuditRecord[], name: JournalName): Journal {
  const entries: JournalEntry[] = [];
  const keysOnly: (Omit<JournalEntry, 'tags'> & { readonly keys: readonly TagKey[] })[] = [];
  const announced: Announced[] = [];
  for (const record of records) {
    if (record.event_name !== name) continue;
    if (record.dry_run === 'true') throw damaged(record, 'it is of a dry run, which changes nothing');
    const region = readRegion(record);
    const type = readType(record);
    for (const item of readResources(record)) {
      const ref = { region, type, id: item.id };
      const entry = item.tags === undefined ? undefined : { ...ref, tags: item.tags };
      if (entry === undefined) keysOnly.push({ ...ref, keys: item.keys });
      else entries.push(entry);
      const tags = entry?.tags ?? item.keys.map((key) => ({ key }));
      announced.push({ ...ref, tags: tags.map((tag) => ({ ...tag, ...item.ruleOf(tag.key) })), record });
    }
  }
  return { entries, keysOnly, announced, valuesKept: keysOnly.length === 0 };
}

interface JournalItem {
  readonly id: string;
  readonly tags?: readonly Tag[];
  readonly keys: readonly TagKey[];
  ruleOf(key: TagKey): { readonly rule?: string };
}

function readResources(record: AuditRecord): readonly JournalItem[] {
  const text = record.resources ?? '';
  if (record.schema_version !== SCHEMA_VERSION)
    throw damaged(
      record,
      `its schema_version is ${record.schema_version ?? 'missing'}, and ${SCHEMA_VERSION} is known`,
    );
  if (hashText(text) !== record.resources_hash)
    throw damaged(record, 'its resources do not match their hash');
  const items = parseArray(text);
  if (items === undefined) throw damaged(record, 'its resources are not a JSON array');
  const rules = (parseArray(record.rules ?? '') ?? []).map(String);
  return items.map((item) => readItem(record, item, rules));
}

function readItem(record: AuditRecord, item: unknown, rules: readonly string[]): JournalItem {
  if (typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string') {
    const numbers = 'rules' in item && Array.isArray(item.rules) ? item.rules : undefined;
    if ('tags' in item && typeof item.tags === 'object' && item.tags !== null) {
      const tags = Object.entries(item.tags).map(([key, value]) => ({ key, value: readText(record, value) }));
      const keys = tags.map((tag) => tag.key);
      return { id: item.id, tags, keys, ruleOf: ruleReader(keys, rules, numbers) };
    }
    if ('keys' in item && Array.isArray(item.keys)) {
      const keys = item.keys.map((key) => readText(record, key));
      return { id: item.id, keys, ruleOf: ruleReader(keys, rules, numbers) };
    }
  }
  throw damaged(record, 'one of its resources has neither tags nor keys');
}

/** Rules are numbered in code-unit order of the keys; the numbers are left out where the record has one rule. */
function ruleReader(
  keys: readonly TagKey[],
  rules: readonly string[],
  numbers: readonly unknown[] | undefined,
): JournalItem['ruleOf'] {
  if (rules.length === 0) return () => ({});
  const sorted = [...keys].sort(compareText);
  return (key) => {
    const rule = rules[numbers === undefined ? 0 : Number(numbers[sorted.indexOf(key)])];
    return rule === undefined ? {} : { rule };
  };
}

/** What is no text was never a tag: made into one it would put back a value that nobody set. */
function readText(record: AuditRecord, value: unknown): string {
  if (typeof value === 'string') return value;
  throw damaged(record, 'one of its keys or values is no text');
}

/** A region is where a request is sent to. */
function readRegion(record: AuditRecord): Region {
  const { region = '' } = record;
  if (!REGION_ID.test(region)) throw damaged(record, `its region ${JSON.stringify(region)} is none`);
  return region;
}

function readType(record: AuditRecord): ResourceType {
  const type = RESOURCE_TYPES.find((known) => known === record.resource_type);
  if (type === undefined) throw damaged(record, `its resource_type ${record.resource_type ?? ''} is unknown`);
  return type;
}

function damaged(record: AuditRecord, why: string): CleanupError {
  return new CleanupError(
    'AUDIT_UNAVAILABLE',
    `The audit record ${record.event_id} of run ${record.run_id} cannot be used: ${why}. Was the log edited, or written by another version?`,
  );
}

/**
 * Reads `batch_completed` records back, one fact per record, in order: a request whose ids took several
 * records gives several facts, whose ids and counts add up to its own.
 */
export function readBatches(records: readonly AuditRecord[]): readonly BatchFact[] {
  return records.filter((record) => record.event_name === 'batch_completed').map(batchFact);
}

function batchFact(record: AuditRecord): BatchFact {
  const { outcome } = record;
  return {
    index: number(record.batch_index),
    attempt: number(record.attempt),
    apiName: record.api_name === 'TagResources' ? 'TagResources' : 'UntagResources',
    region: record.region ?? '',
    type: readType(record),
    ids: (parseArray(record.resource_ids ?? '') ?? []).map(String),
    keys: (parseArray(record.tag_keys ?? '') ?? []).map(String),
    outcome: outcome === 'success' || outcome === 'failure' ? outcome : 'unknown',
    tagsChanged: number(record.tags_removed ?? record.tags_restored),
    durationMs: number(record.duration_ms),
    ...(record.api_request_id !== undefined && { requestId: record.api_request_id }),
    ...(record.http_status !== undefined && { httpStatus: number(record.http_status) }),
    ...(record.error_code !== undefined && { errorCode: record.error_code }),
    ...(record.error_message !== undefined && { errorMessage: record.error_message }),
    ...(record.error_type !== undefined && { errorType: record.error_type }),
  };
}

/** A JSON array, or `undefined`. */
export function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A whole number as a record holds it; 0 where it holds none. */
export function number(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
}
