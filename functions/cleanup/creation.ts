import { RESOURCE_KINDS } from '../../lib/kinds.ts';
import {
  REGION_ID,
  RESOURCE_ID,
  RESOURCE_TYPES,
  type ResourceRef,
  type ResourceType,
} from '../../lib/resource.ts';
import { isRecord } from './request.ts';

/** The only calls that start work, with where the new id stands in the answer. */
const CREATIONS = new Map(
  RESOURCE_TYPES.map((type) => {
    const { event, idField } = RESOURCE_KINDS[type].creation;
    return [event, { type, idField }];
  }),
);

/** ECI's events come through ActionTrail, in these forms. */
const EVENT_TYPES: ReadonlySet<string> = new Set([
  'eci:ActionTrail:ApiCall',
  'eci:ActionTrail:ConsoleOperation',
  'eci:ActionTrail:AliyunServiceEvent',
]);

/** An EventBridge event with the three fields that name it. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** What EventBridge adds of its own: where the event arose. */
  readonly region: unknown;
  readonly data: unknown;
}

/** What an event says was created, or why it starts nothing. */
export type CreationReading =
  | { readonly created: ResourceRef; readonly eventName: string }
  | { readonly ignoredBecause: string };

/** Whether an object is in the form of a CloudEvents envelope. */
export function asCloudEvent(event: Readonly<Record<string, unknown>>): CloudEvent | undefined {
  const { id, source, type, specversion, data } = event;
  if (typeof specversion !== 'string' || typeof source !== 'string' || typeof type !== 'string')
    return undefined;
  return { id: typeof id === 'string' ? id : '', source, type, region: event.aliyunregionid, data };
}

/** The documented form of other products, and two that stand in samples. */
const SOURCES: ReadonlySet<string> = new Set(['acs.eci', 'acs:eci', 'eci']);

/**
 * Reads the created resource out of an event.
 *
 * Only a successful creation counts. Above all our own untagging, which comes back as an event of the same
 * source, starts nothing: it would start itself again without end.
 */
export function readCreation(event: CloudEvent): CreationReading {
  if (!SOURCES.has(event.source)) return ignored(`it comes from ${short(event.source)}, not from acs.eci`);
  if (!EVENT_TYPES.has(event.type)) return ignored(`its type ${short(event.type)} is none of ECI's`);
  const record = asRecord(event.data);
  if (record === undefined) return ignored('it carries no ActionTrail record');
  const { eventName, errorCode, errorMessage } = record;
  if (typeof eventName !== 'string') return ignored('its record names no call');
  const creation = CREATIONS.get(eventName);
  if (creation === undefined) return ignored(`${short(eventName)} creates no resource that carries tags`);
  if (isPresent(errorCode) || isPresent(errorMessage)) return ignored(`${eventName} failed`);
  const id = createdId(record, creation);
  if (id === undefined) return ignored(`${eventName} names no created resource`);
  const region = record.acsRegion ?? event.region ?? asRecord(record.requestParameters)?.RegionId;
  if (typeof region !== 'string' || !REGION_ID.test(region)) return ignored(`${eventName} names no region`);
  return { created: { region, type: creation.type, id }, eventName };
}

/** The answer of the call comes first; the other two places are filled by some events only. */
function createdId(
  record: Readonly<Record<string, unknown>>,
  { type, idField }: { type: ResourceType; idField: string },
) {
  const answered = asRecord(record.responseElements)?.[idField];
  if (isResourceId(answered)) return answered;
  const referenced = Object.entries(asRecord(record.referencedResources) ?? {}).find(([name]) =>
    isOfType(name, type),
  )?.[1];
  if (Array.isArray(referenced) && referenced.length === 1 && isResourceId(referenced[0]))
    return referenced[0];
  return namedId(record, type);
}

/** `resourceName` lists ids of one type between commas, and types between semicolons, beside `resourceType`. */
function namedId(record: Readonly<Record<string, unknown>>, type: ResourceType): string | undefined {
  const { resourceName, resourceType } = record;
  if (typeof resourceName !== 'string' || typeof resourceType !== 'string') return undefined;
  const place = resourceType.split(';').findIndex((name) => isOfType(name, type));
  const id = resourceName.split(';')[place];
  return isResourceId(id) ? id : undefined;
}

/** Whether a resource catalogue's name means the type: `ACS::ECI::ContainerGroup`, in whatever case. */
function isOfType(name: string, type: ResourceType): boolean {
  return name.toLowerCase() === `acs::eci::${type}`.toLowerCase();
}

function isResourceId(value: unknown): value is string {
  return typeof value === 'string' && RESOURCE_ID.test(value);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** ActionTrail writes some of its parts as JSON text. */
function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isRecord(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function ignored(why: string): CreationReading {
  return { ignoredBecause: why };
}

function short(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
