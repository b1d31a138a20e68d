import { RESOURCE_KINDS } from '../../kinds.ts';
import type { Page, TagRow } from '../../ports.ts';
import {
  compareText,
  RESOURCE_TYPES,
  type Region,
  type Resource,
  type ResourceType,
  type Tag,
} from '../../resource.ts';
import { InvalidAnswerError, isObject } from './failures.ts';

/** A listed item as a resource; what was not sent, or is no text, is left out. */
export function toResource(item: unknown, region: Region, type: ResourceType): Resource {
  const sent = isObject(item) ? item : {};
  const { answer } = RESOURCE_KINDS[type].list;
  const id = sent[answer.id];
  if (typeof id !== 'string' || id === '')
    throw new InvalidAnswerError(`the answer lists a ${type} without an id`);
  const createdAtMs = parseInstant(sent.CreationTime);
  const tags = toTags(sent.Tags);
  return {
    region,
    type,
    id,
    ...textOf('name', sent[answer.name]),
    ...textOf('status', sent.Status),
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
    ...textOf('resourceGroupId', sent.ResourceGroupId),
    ...(type === 'DataCache' && textOf('bucket', sent.Bucket)),
    ...(tags === undefined ? {} : { tags }),
  };
}

function textOf<Field extends string>(field: Field, value: unknown): { readonly [_ in Field]?: string } {
  return typeof value === 'string' ? ({ [field]: value } as { [_ in Field]: string }) : {};
}

/**
 * Sorted by key; an empty value may be left out. A tag without its key, or a key with two values, makes them all
 * unknown, since a guess could remove one.
 */
function toTags(tags: unknown): readonly Tag[] | undefined {
  if (!Array.isArray(tags)) return undefined;
  const read = new Map<string, string>();
  for (const tag of tags) {
    const { Key: key, Value } = isObject(tag) ? tag : {};
    const value = Value ?? '';
    if (typeof key !== 'string' || typeof value !== 'string' || (read.get(key) ?? value) !== value)
      return undefined;
    read.set(key, value);
  }
  return [...read].map(([key, value]): Tag => ({ key, value })).sort((a, b) => compareText(a.key, b.key));
}

/** Seconds are missing in the times of data caches. */
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch milliseconds of an ISO 8601 instant; undefined for anything else, and for a day that does not exist. */
export function parseInstant(text: unknown): number | undefined {
  const parts = typeof text === 'string' ? INSTANT.exec(text) : null;
  if (parts === null) return undefined;
  const [whole, year, month, day] = parts;
  // The platform's reader turns 30 February into 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
  const atMs = Date.parse(whole);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** An empty token is the end, just as a missing one. */
export function toPage<T>(items: readonly T[], nextToken: unknown, total?: unknown): Page<T> {
  const count = typeof total === 'number' && Number.isSafeInteger(total) && total >= 0 ? { total } : {};
  return typeof nextToken === 'string' && nextToken !== ''
    ? { items, nextToken, ...count }
    : { items, ...count };
}

/** The rows of a ListTagResources answer. */
export function toTagRows(body: Readonly<Record<string, unknown>>): Page<TagRow> {
  const rows = body.TagResources ?? [];
  if (!Array.isArray(rows)) throw new InvalidAnswerError('TagResources is not a list');
  return toPage(rows.map(toTagRow), body.NextToken);
}

function toTagRow(row: unknown): TagRow {
  const { ResourceType: type, ResourceId: id, TagKey: key, TagValue } = isObject(row) ? row : {};
  const known = RESOURCE_TYPES.find((one) => one === type);
  // An empty value may be left out.
  const value = TagValue ?? '';
  if (known === undefined || typeof id !== 'string' || typeof key !== 'string' || typeof value !== 'string') {
    throw new InvalidAnswerError('a row of TagResources lacks its type, id or key');
  }
  return { type: known, id, key, value };
}
