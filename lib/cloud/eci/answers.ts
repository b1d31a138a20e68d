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

/** What the four list operations have in common, once names that differ are equal. */
export interface ListedItem {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly status?: string | undefined;
  readonly creationTime?: string | undefined;
  readonly resourceGroupId?: string | undefined;
  readonly tags?: readonly { readonly key?: string; readonly value?: string }[] | undefined;
}

/** A listed item as a resource; what was not sent is left out. */
export function toResource(item: ListedItem, region: Region, type: ResourceType): Resource {
  const id = item.id;
  if (!id) throw new InvalidAnswerError(`the answer lists a ${type} without an id`);
  const createdAtMs = parseInstant(item.creationTime);
  const tags = toTags(item.tags);
  return {
    region,
    type,
    id,
    ...(item.name === undefined ? {} : { name: item.name }),
    ...(item.status === undefined ? {} : { status: item.status }),
    ...(createdAtMs === undefined ? {} : { createdAtMs }),
    ...(item.resourceGroupId === undefined ? {} : { resourceGroupId: item.resourceGroupId }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/**
 * Sorted by key; an empty value may be left out. A tag without its key, or a key with two values, makes them all
 * unknown, since a guess could remove one.
 */
function toTags(tags: ListedItem['tags']): readonly Tag[] | undefined {
  if (tags === undefined) return undefined;
  const read = new Map<string, string>();
  for (const { key, value = '' } of tags) {
    if (key === undefined || (read.get(key) ?? value) !== value) return undefined;
    read.set(key, value);
  }
  return [...read].map(([key, value]): Tag => ({ key, value })).sort((a, b) => compareText(a.key, b.key));
}

/** Seconds are missing in the times of data caches. */
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch milliseconds of an ISO 8601 instant; undefined for anything else, and for a day that does not exist. */
export function parseInstant(text: string | undefined): number | undefined {
  const parts = text === undefined ? null : INSTANT.exec(text);
  if (parts === null) return undefined;
  const [whole, year, month, day] = parts;
  // The platform's reader turns 30 February into 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
  const atMs = Date.parse(whole);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** An empty token is the end, just as a missing one. */
export function toPage<T>(items: readonly T[], nextToken: unknown): Page<T> {
  return typeof nextToken === 'string' && nextToken !== '' ? { items, nextToken } : { items };
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
