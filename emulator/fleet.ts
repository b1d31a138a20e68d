import { z } from 'zod';
import { listRegions } from './eci/regions.ts';
import { type FleetResource, refKey, STATUSES, TYPES } from './resource.ts';

export { generateFleet, PROFILES, type Profile } from './fleet-generator.ts';
export type { FleetResource } from './resource.ts';

/** The most tags of a user's own on one resource. */
const MOST_TAGS = 20;

/** Faults told at once; a broken generator would otherwise fill the screen. */
const MOST_FAULTS = 20;

/** A fleet file that cannot be used, with everything that is wrong in it. */
export class FleetError extends Error {
  readonly file: string;
  readonly faults: readonly string[];

  constructor(file: string, faults: readonly string[]) {
    const shown = faults.slice(0, MOST_FAULTS);
    const rest = faults.length - shown.length;
    const lines = rest > 0 ? [...shown, `and ${rest} more`] : shown;
    super(`${file} is not a fleet file:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'FleetError';
    this.file = file;
    this.faults = faults;
  }
}

const tagKey = z.string().min(1, 'a key has 1 to 128 characters').max(128, 'a key has 1 to 128 characters');

const resourceSchema = z.strictObject({
  id: z.string().min(1, 'an id is not empty').describe('Once in its region and type.'),
  type: z.enum(TYPES, `a type is one of ${TYPES.join(', ')}`).describe("ECI's resource type."),
  region: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)+$/, 'a region looks like cn-hangzhou')
    .meta({ examples: listRegions() })
    .describe('Where it is.'),
  name: z.string().min(1).max(128).optional().describe('Left out: the same as its id.'),
  status: z
    .string()
    .meta({ examples: [...new Set(Object.values(STATUSES).flat())] })
    .optional()
    .describe('Left out: what a settled resource of its type has.'),
  created: z.iso
    .datetime({ offset: true, message: 'a time looks like 2026-01-01T00:00:00Z' })
    .meta({ examples: ['2026-01-01T00:00:00Z'] })
    .optional()
    .describe('Left out: when the emulator starts.'),
  group: z.string().min(1).optional().describe('The id of its resource group.'),
  tags: z
    .record(tagKey, z.string().max(128, 'a value has at most 128 characters'))
    .optional()
    .describe('At most 20, beside those of the cloud (acs:).'),
});

const fleetSchema = z.strictObject({
  $schema: z.string().optional().describe('Where an editor finds this schema.'),
  resources: z.array(resourceSchema).describe('What there is when the emulator starts.'),
});

/** The JSON Schema of a fleet file, for editors. */
export function fleetJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fleetSchema, { io: 'input', target: 'draft-7', reused: 'inline' });
  return { ...schema, title: 'tagsweep fleet file' };
}

/**
 * Reads a fleet file: `{"resources": [{"id", "type", "region", "name"?, "status"?, "created"?, "group"?, "bucket"?, "tags"?}]}`.
 *
 * @param file its name, for the message.
 * @throws {FleetError} with every fault: what is wrong, in which resource.
 */
export function parseFleet(text: string, file: string): readonly FleetResource[] {
  const parsed = fleetSchema.safeParse(parseJson(text, file));
  if (!parsed.success) {
    throw new FleetError(
      file,
      parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'the file'}: ${message}`),
    );
  }
  const faults = findFaults(parsed.data.resources);
  if (faults.length > 0) throw new FleetError(file, faults);
  return parsed.data.resources;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FleetError(file, [`it is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** What the form alone cannot tell: repeats, too many tags, statuses of another type. */
function findFaults(resources: readonly FleetResource[]): readonly string[] {
  const faults: string[] = [];
  const seen = new Map<string, number>();
  for (const [index, resource] of resources.entries()) {
    const where = `resources[${index}] (${resource.id})`;
    const before = seen.get(refKey(resource));
    if (before !== undefined) faults.push(`${where}: the same as resources[${before}]`);
    seen.set(refKey(resource), index);
    const own = Object.keys(resource.tags ?? {}).filter((key) => !key.startsWith('acs:'));
    if (own.length > MOST_TAGS)
      faults.push(`${where}: ${own.length} tags, and at most ${MOST_TAGS} are possible`);
    const statuses = STATUSES[resource.type];
    if (resource.status !== undefined && !statuses.includes(resource.status)) {
      faults.push(`${where}: ${resource.type} has no status ${resource.status}, only ${statuses.join(', ')}`);
    }
  }
  return faults;
}
