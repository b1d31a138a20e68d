/** The resource types that ECI can tag, as its API spells them. */
export const TYPES = ['ContainerGroup', 'ImageCache', 'DataCache', 'VirtualNode'] as const;

export type Type = (typeof TYPES)[number];

/** A resource as a fleet file tells it; times are ISO 8601. */
export interface FleetResource {
  readonly id: string;
  readonly type: Type;
  readonly region: string;
  readonly name?: string | undefined;
  readonly status?: string | undefined;
  readonly created?: string | undefined;
  readonly group?: string | undefined;
  /** Of a data cache; default `default`. */
  readonly bucket?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What names a resource. */
export interface Ref {
  readonly region: string;
  readonly type: Type;
  readonly id: string;
}

/** A resource as the service keeps it. */
export interface StoredResource extends Ref {
  /** Ascending in the order of creation; the stable order of lists. */
  readonly sequence: number;
  readonly name: string;
  readonly createdAtMs: number;
  readonly group: string;
  readonly bucket: string;
  /** When it can first be listed, epoch milliseconds. */
  readonly listedFromMs: number;
  status: string;
  /** What is true. */
  tags: ReadonlyMap<string, string>;
  /** What was true before each change that some reader may not see yet; oldest first. */
  shown: { readonly tags: ReadonlyMap<string, string>; readonly changedAtMs: number }[];
}

/** The status of each type that a new resource ends in. */
export const SETTLED: Readonly<Record<Type, string>> = {
  ContainerGroup: 'Running',
  ImageCache: 'Ready',
  DataCache: 'Available',
  VirtualNode: 'Ready',
};

/** A key for maps, equal for equal references. */
export function refKey(ref: Ref): string {
  return `${ref.region}/${ref.type}/${ref.id}`;
}

export function isType(text: string): text is Type {
  return (TYPES as readonly string[]).includes(text);
}

/** The statuses of each type. */
export const STATUSES: Readonly<Record<Type, readonly string[]>> = {
  ContainerGroup: [
    'Scheduling',
    'ScheduleFailed',
    'Pending',
    'Running',
    'Succeeded',
    'Failed',
    'Restarting',
    'Updating',
    'Terminating',
    'Expired',
  ],
  ImageCache: ['Preparing', 'Creating', 'Ready', 'Failed', 'Updating', 'UpdateFailed'],
  DataCache: ['Loading', 'Creating', 'Available', 'Failed', 'Updating', 'UpdateFailed'],
  VirtualNode: ['Pending', 'Ready', 'Failed', 'Cleaned'],
};
