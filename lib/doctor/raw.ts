import { type ListApi, RESOURCE_KINDS } from '../kinds.ts';
import type { ResourceType } from '../resource.ts';

type Raw = Readonly<Record<string, unknown>>;

export function listAction(type: ResourceType): ListApi {
  return RESOURCE_KINDS[type].list.api;
}

/** One listed resource as it came. */
export interface RawItem {
  readonly id: string;
  readonly raw: Raw;
  readonly tags: readonly RawTag[];
  /** How `Tags` arrived. */
  readonly form: 'array' | 'absent' | 'null';
}

export interface RawTag {
  readonly key: string;
  /** Left out: no `Value` was sent. */
  readonly value?: string;
}

export interface RawPage {
  readonly items: readonly RawItem[];
  readonly nextToken?: string;
  readonly total?: number;
}

/** A page of a list; what has another form than documented is left out. */
export function readPage(type: ResourceType, body: Raw): RawPage {
  const { resources, id } = RESOURCE_KINDS[type].list.answer;
  return { items: objectsOf(body[resources]).flatMap((raw) => readItem(raw, id)), ...envelope(body) };
}

/** A page of DescribeContainerGroupStatus: ids alone. */
export function readStatusPage(body: Raw): RawPage {
  return {
    items: objectsOf(body.Data).flatMap((raw) => readItem(raw, 'ContainerGroupId')),
    ...envelope(body),
  };
}

export interface RawRow {
  readonly id: string;
  readonly key: string;
  readonly value: string;
}

export interface RowsPage {
  readonly rows: readonly RawRow[];
  readonly nextToken?: string;
}

/** A page of ListTagResources. */
export function readRows(body: Raw): RowsPage {
  const rows = objectsOf(body.TagResources).flatMap(({ ResourceId, TagKey, TagValue }) =>
    typeof ResourceId === 'string' && typeof TagKey === 'string'
      ? [{ id: ResourceId, key: TagKey, value: typeof TagValue === 'string' ? TagValue : '' }]
      : [],
  );
  const { nextToken } = envelope(body);
  return { rows, ...(nextToken !== undefined && { nextToken }) };
}

function readItem(raw: Raw, idField: string): readonly RawItem[] {
  const id = raw[idField];
  if (typeof id !== 'string' || id === '') return [];
  const form = raw.Tags === null ? 'null' : Array.isArray(raw.Tags) ? 'array' : 'absent';
  const tags = objectsOf(raw.Tags).flatMap(({ Key, Value }) =>
    typeof Key === 'string' ? [{ key: Key, ...(typeof Value === 'string' && { value: Value }) }] : [],
  );
  return [{ id, raw, tags, form }];
}

function envelope({ NextToken, TotalCount }: Raw): { nextToken?: string; total?: number } {
  const total = typeof TotalCount === 'string' ? Number(TotalCount) : TotalCount;
  return {
    ...(typeof NextToken === 'string' && NextToken !== '' && { nextToken: NextToken }),
    ...(typeof total === 'number' && Number.isInteger(total) && { total }),
  };
}

function objectsOf(value: unknown): readonly Raw[] {
  return Array.isArray(value)
    ? value.filter((one): one is Raw => typeof one === 'object' && one !== null)
    : [];
}
