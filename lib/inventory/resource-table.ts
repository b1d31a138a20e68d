import { lazyList } from '../lazy-list.ts';
import { createRefIndex } from '../ref-index.ts';
import { compareText, type Region, type Resource, type ResourceType, type Tag } from '../resource.ts';
import { createBytes, createPen, type Pen, type Reader } from './bytes.ts';
import type { Pools } from './pools.ts';

/**
 * The resources of one region and type, each once, as rows of bytes: about 60 to 120 bytes for one with eight
 * tags, where an object with its tags takes six to ten times as much.
 */
export interface ResourceTable {
  readonly size: number;
  /** Takes a resource, in place of an earlier sighting; tags are sorted by key. */
  put(resource: Resource): void;
  get(id: string): Resource | undefined;
  has(id: string): boolean;
  /** Those that were there when it was asked for, sorted by id; each is made when it is looked at. */
  all(): readonly Resource[];
}

/** Bits of a row's first number: which properties were seen. */
const NAME = 1;
const STATUS = 2;
const CREATED = 4;
const GROUP = 8;
const TAGS = 16;

export function createResourceTable(region: Region, type: ResourceType, pools: Pools): ResourceTable {
  const index = createRefIndex();
  const bytes = createBytes();
  const pen = createPen();
  let places = new Float64Array(64);

  const at = (number: number): Resource =>
    readRow(bytes.read(places[number]!), { region, type, id: index.ids[number]! }, pools);
  const numberOf = (id: string): number => index.find(region, type, id);

  return {
    get size() {
      return index.size;
    },
    put(resource) {
      const number = index.add({ region, type, id: resource.id });
      if (number >= places.length) {
        const wider = new Float64Array(places.length * 2);
        wider.set(places);
        places = wider;
      }
      writeRow(pen, resource, pools);
      places[number] = bytes.keep(pen);
    },
    get(id) {
      const number = numberOf(id);
      return number < 0 ? undefined : at(number);
    },
    has: (id) => numberOf(id) >= 0,
    all() {
      const { ids } = index;
      const order = Uint32Array.from({ length: index.size }, (_, number) => number);
      order.sort((a, b) => compareText(ids[a]!, ids[b]!));
      return lazyList(order.length, (position) => at(order[position]!));
    },
  };
}

function writeRow(pen: Pen, resource: Resource, pools: Pools): void {
  const { name, status, createdAtMs, resourceGroupId, tags } = resource;
  pen.start();
  pen.number(
    (name === undefined ? 0 : NAME) +
      (status === undefined ? 0 : STATUS) +
      (createdAtMs === undefined ? 0 : CREATED) +
      (resourceGroupId === undefined ? 0 : GROUP) +
      (tags === undefined ? 0 : TAGS),
  );
  if (name !== undefined) pen.text(name);
  if (status !== undefined) writeShared(pen, status, pools);
  if (createdAtMs !== undefined) pen.float(createdAtMs);
  if (resourceGroupId !== undefined) writeShared(pen, resourceGroupId, pools);
  if (tags !== undefined) writeTags(pen, tags, pools);
}

function writeTags(pen: Pen, tags: readonly Tag[], pools: Pools): void {
  pen.number(tags.length);
  for (const tag of [...tags].sort((a, b) => compareText(a.key, b.key))) {
    const number = pools.tagNumber(tag);
    pen.number(number + 1);
    if (number >= 0) continue;
    writeShared(pen, tag.key, pools);
    pen.text(tag.value);
  }
}

function writeShared(pen: Pen, text: string, pools: Pools): void {
  const number = pools.textNumber(text);
  pen.number(number + 1);
  if (number < 0) pen.text(text);
}

function readRow(
  reader: Reader,
  ref: { readonly region: Region; readonly type: ResourceType; readonly id: string },
  pools: Pools,
): Resource {
  const seen = reader.number();
  const name = seen & NAME ? reader.text() : undefined;
  const status = seen & STATUS ? readShared(reader, pools) : undefined;
  const createdAtMs = seen & CREATED ? reader.float() : undefined;
  const resourceGroupId = seen & GROUP ? readShared(reader, pools) : undefined;
  const tags = seen & TAGS ? readTags(reader, pools) : undefined;
  const { region, type, id } = ref;
  // Nearly every resource has all of them: one shape, made at once.
  if (seen === NAME + STATUS + CREATED + GROUP + TAGS) {
    return { region, type, id, name, status, createdAtMs, resourceGroupId, tags } as Resource;
  }
  return {
    region,
    type,
    id,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(createdAtMs !== undefined && { createdAtMs }),
    ...(resourceGroupId !== undefined && { resourceGroupId }),
    ...(tags !== undefined && { tags }),
  };
}

function readTags(reader: Reader, pools: Pools): readonly Tag[] {
  const tags: Tag[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const number = reader.number() - 1;
    if (number >= 0) tags.push(pools.tag(number));
    else {
      const key = readShared(reader, pools);
      tags.push({ key, value: reader.text() });
    }
  }
  return tags;
}

function readShared(reader: Reader, pools: Pools): string {
  const number = reader.number() - 1;
  return number >= 0 ? pools.text(number) : reader.text();
}
