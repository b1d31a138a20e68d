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
  /**
   * JSON: `[{"id": …, "tags": {key: value}}]`, or `[{"id": …, "keys": […]}]`; where the record has more than one
   * rule, each with `"rules": […]`, the place of each tag's rule in `rules`, in code-unit order of the keys.
   */
  readonly resources: string;
  /** JSON list of the labels of the rules by which the tags go; empty where none is known. */
  readonly rules: string;
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
  let open: OpenChunk | undefined;
  for (const entry of entries) {
    const text = encodeEntry(entry, keep, open?.rules ?? []);
    const fits =
      open?.first.region === entry.region &&
      open.first.type === entry.type &&
      open.bytes + sizeOf(text) <= MAX_CHUNK_BYTES;
    if (open !== undefined && !fits) {
      yield closeChunk(open, keep);
      open = undefined;
    }
    open ??= { first: entry, items: [], rules: [], bytes: 2, tags: 0 };
    const own = open.items.length === 0 ? encodeEntry(entry, keep, open.rules) : text;
    open.items.push(own.item);
    open.rules.push(...own.newRules);
    open.bytes += sizeOf(own);
    open.tags += entry.tags.length;
  }
  if (open !== undefined) yield closeChunk(open, keep);
}

interface OpenChunk {
  readonly first: JournalEntry;
  readonly items: EncodedItem[];
  readonly rules: string[];
  bytes: number;
  tags: number;
}

/** One resource, its text yet without and with the numbers of its rules. */
interface EncodedItem {
  readonly plain: string;
  readonly numbered: string;
}

interface EncodedEntry {
  readonly item: EncodedItem;
  readonly newRules: readonly string[];
}

function sizeOf({ item, newRules }: EncodedEntry): number {
  const rules = newRules.reduce((sum, rule) => sum + Buffer.byteLength(encodeJson(rule)) + 1, 0);
  return Buffer.byteLength(item.numbered) + 1 + rules;
}

function closeChunk({ first, items, rules, tags }: OpenChunk, keep: 'values' | 'keys'): JournalChunk {
  const form = rules.length > 1 ? 'numbered' : 'plain';
  const resources = `[${items.map((item) => item[form]).join(',')}]`;
  return {
    region: first.region,
    resource_type: first.type,
    resource_count: String(items.length),
    tags_planned: String(tags),
    journal: keep,
    resources,
    resources_hash: hashText(resources),
    rules: rules.length === 0 ? '' : encodeJson(rules),
  };
}

/** `fromEntries` defines even a key such as `__proto__` as the object's own. */
function encodeEntry(entry: JournalEntry, keep: 'values' | 'keys', known: readonly string[]): EncodedEntry {
  const sorted = [...entry.tags].sort((a, b) => compareText(a.key, b.key));
  const newRules: string[] = [];
  const numberOf = (rule = ''): number => {
    const at = known.indexOf(rule);
    if (at >= 0) return at;
    if (!newRules.includes(rule)) newRules.push(rule);
    return known.length + newRules.indexOf(rule);
  };
  const plain =
    keep === 'keys'
      ? { id: entry.id, keys: sorted.map((tag) => tag.key) }
      : { id: entry.id, tags: Object.fromEntries(sorted.map((tag) => [tag.key, tag.value])) };
  if (sorted.every((tag) => tag.rule === undefined) && known.length === 0) {
    const text = encodeJson(plain);
    return { item: { plain: text, numbered: text }, newRules };
  }
  const rules = sorted.map((tag) => numberOf(tag.rule));
  return {
    item: { plain: encodeJson(plain), numbered: encodeJson({ ...plain, rules }) },
    newRules,
  };
}

/** `sha256:` and the hash in hexadecimal, over UTF-8. */
export function hashText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
