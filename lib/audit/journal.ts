import { createHash } from 'node:crypto';
import { compareText } from '../resource.ts';
import { encodeJson } from '../text.ts';
import type { JournalEntry } from './facts.ts';

/** Largest JSON text of one record; leaves room for the other fields under `MAX_RECORD_BYTES`. */
const MAX_CHUNK_BYTES = 240_000;

/** The part of a journal record that differs from chunk to chunk. */
export interface JournalChunk {
  readonly region: string;
  readonly resource_type: string;
  readonly resource_count: string;
  readonly tags_planned: string;
  /** `values`, or `keys` where values are not kept. */
  readonly journal: 'values' | 'keys';
  /** JSON: `[{"id": …, "tags": {key: value}}]`, or `[{"id": …, "keys": […]}]`. */
  readonly resources: string;
  /** `sha256:` of `resources`, so that a record that was cut or changed is found out. */
  readonly resources_hash: string;
}

/**
 * Splits what is about to be changed into chunks that each fit one record, in the order of the entries;
 * one chunk holds one region and one type. A resource is never split: its 20 tags always fit.
 */
export function* splitJournal(
  entries: readonly JournalEntry[],
  keep: 'values' | 'keys',
): Generator<JournalChunk> {
  let parts: string[] = [];
  let bytes = 2;
  let tags = 0;
  let first: JournalEntry | undefined;
  for (const entry of entries) {
    const text = encodeEntry(entry, keep);
    const size = Buffer.byteLength(text) + 1;
    const fits =
      first?.region === entry.region && first.type === entry.type && bytes + size <= MAX_CHUNK_BYTES;
    if (first !== undefined && !fits) {
      yield chunk(first, parts, tags, keep);
      parts = [];
      bytes = 2;
      tags = 0;
      first = undefined;
    }
    first ??= entry;
    parts.push(text);
    bytes += size;
    tags += entry.tags.length;
  }
  if (first !== undefined) yield chunk(first, parts, tags, keep);
}

function chunk(
  of: JournalEntry,
  parts: readonly string[],
  tags: number,
  keep: 'values' | 'keys',
): JournalChunk {
  const resources = `[${parts.join(',')}]`;
  return {
    region: of.region,
    resource_type: of.type,
    resource_count: String(parts.length),
    tags_planned: String(tags),
    journal: keep,
    resources,
    resources_hash: hashText(resources),
  };
}

/** `fromEntries` defines even a key such as `__proto__` as the object's own. */
function encodeEntry(entry: JournalEntry, keep: 'values' | 'keys'): string {
  const sorted = [...entry.tags].sort((a, b) => compareText(a.key, b.key));
  if (keep === 'keys') return encodeJson({ id: entry.id, keys: sorted.map((tag) => tag.key) });
  return encodeJson({
    id: entry.id,
    tags: Object.fromEntries(sorted.map((tag) => [tag.key, tag.value])),
  });
}

/** `sha256:` and the hash in hexadecimal, over UTF-8. */
export function hashText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
