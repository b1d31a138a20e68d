import { createHash } from 'node:crypto';
import * as z from 'zod';
import { CleanupError } from '../errors.ts';
import {
  compareText,
  MAX_TAGS_PER_RESOURCE,
  REGION_ID,
  RESOURCE_TYPES,
  type Resource,
  resourceKey,
  type TagKey,
} from '../resource.ts';
import { safeText } from '../text.ts';

/** Bytes of a file: half a million resources, as they are written. */
export const MOST_FLEET_BYTES = 256 * 1024 * 1024;

/** Faults that a message names. */
const NAMED_FAULTS = 10;

const resourceSchema = z.strictObject({
  id: z.string().min(1, 'an id is not empty'),
  type: z.enum(RESOURCE_TYPES, `a type is one of ${RESOURCE_TYPES.join(', ')}`),
  region: z.string().regex(REGION_ID, 'a region looks like cn-hangzhou'),
  name: z.string().optional(),
  status: z.string().optional(),
  created: z.iso.datetime({ offset: true, error: 'a time looks like 2026-01-01T00:00:00Z' }).optional(),
  group: z.string().optional(),
  tags: z.record(z.string().min(1).max(128), z.string().max(128)).optional(),
});

const fleetSchema = z.strictObject({ $schema: z.string().optional(), resources: z.array(resourceSchema) });

type FleetResource = z.output<typeof resourceSchema>;

/**
 * Reads a fleet file: resources as they were seen at some time. What a resource leaves out was not seen.
 *
 * @param file how the message calls it.
 * @throws {CleanupError} code `INVALID_FLEET` with what is wrong, in which resource.
 */
export function readFleet(text: string, file: string): readonly Resource[] {
  const parsed = fleetSchema.safeParse(parseJson(text, file));
  if (!parsed.success) {
    throw invalid(
      file,
      parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'the file'}: ${message}`),
    );
  }
  const { resources } = parsed.data;
  const seen = new Set<string>();
  const faults = resources.flatMap((resource, at) => {
    const key = resourceKey(resource);
    const isTwice = seen.has(key);
    seen.add(key);
    const own = Object.keys(resource.tags ?? {}).filter((name) => !name.startsWith('acs:'));
    return [
      ...(isTwice ? [`resources.${at}: ${resource.id} stands there twice`] : []),
      ...(own.length > MAX_TAGS_PER_RESOURCE
        ? [`resources.${at}: ${own.length} tags, and a resource holds ${MAX_TAGS_PER_RESOURCE}`]
        : []),
    ];
  });
  if (faults.length > 0) throw invalid(file, faults);
  return resources.map(toResource).sort((a, b) => compareText(resourceKey(a), resourceKey(b)));
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, [`it is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function invalid(file: string, faults: readonly string[]): CleanupError {
  const more = faults.length > NAMED_FAULTS ? [`and ${faults.length - NAMED_FAULTS} more`] : [];
  const lines = [...faults.slice(0, NAMED_FAULTS), ...more].map((fault) => `\n  ${safeText(fault)}`);
  return new CleanupError('INVALID_FLEET', `${safeText(file)} is no fleet file:${lines.join('')}`);
}

function toResource({ created, group, tags, name, status, ...ref }: FleetResource): Resource {
  return {
    ...ref,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(created !== undefined && { createdAtMs: Date.parse(created) }),
    ...(group !== undefined && { resourceGroupId: group }),
    ...(tags !== undefined && {
      tags: Object.entries(tags)
        .map(([key, value]) => ({ key, value }))
        .sort((a, b) => compareText(a.key, b.key)),
    }),
  };
}

/**
 * Writes resources as a fleet file, one a line.
 *
 * @param hashes whether each value is replaced by a hash of it and its key: equal values of a key stay equal, and
 *   whatever a policy reads in a value is lost. A value that is easily guessed can be found out all the same.
 */
export function* fleetFile(resources: readonly Resource[], hashes = false): Generator<string> {
  yield '{ "resources": [';
  let first = true;
  for (const one of resources) {
    const resource = toFleetResource(one, hashes ? hashed : undefined);
    yield `${first ? '' : ','}\n  ${JSON.stringify(resource)}`;
    first = false;
  }
  yield '\n] }\n';
}

/** A resource as fleet files and policy tests write it. */
export function toFleetResource(
  { tags, createdAtMs, resourceGroupId, region, type, id, name, status }: Resource,
  written: (key: TagKey, value: string) => string = (_, value) => value,
): FleetResource {
  return {
    id,
    type,
    region,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(createdAtMs !== undefined && { created: new Date(createdAtMs).toISOString() }),
    ...(resourceGroupId !== undefined && { group: resourceGroupId }),
    ...(tags !== undefined && {
      tags: Object.fromEntries(tags.map(({ key, value }) => [key, written(key, value)])),
    }),
  };
}

function hashed(key: string, value: string): string {
  return value === '' ? '' : createHash('sha256').update(`${key}\u0000${value}`).digest('hex').slice(0, 16);
}
