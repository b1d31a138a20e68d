import { type FleetResource, type Ref, refKey, SETTLED, type StoredResource, type Type } from './resource.ts';

/** A change that came through the API, for hooks: tests that meddle, and event delivery. */
export interface WriteEvent {
  /** `before` the change is made, after all checks; or `after` it. */
  readonly phase: 'before' | 'after';
  readonly api: string;
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly requestId: string;
  readonly atMs: number;
  readonly type: Type;
  readonly ids: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
}

export type WriteHook = (event: WriteEvent) => void;

/** The account's resources, in memory. */
export class State {
  readonly #now: () => number;
  readonly #byKey = new Map<string, StoredResource>();
  /** Per region and type, ascending by sequence. */
  readonly #shelves = new Map<string, StoredResource[]>();
  readonly #hooks = new Set<WriteHook>();
  #sequence = 0;
  /** How long lists show the old tags after a change, milliseconds. */
  visibilityDelayMs = 0;
  /** The same for lists without ids alone. */
  lateListsMs = 0;
  /** How long a new resource is missing from lists, milliseconds. */
  listingDelayMs = 0;
  /** Grows with each change; what was computed under another number is stale. */
  version = 0;

  constructor(now: () => number, fleet: Iterable<FleetResource> = []) {
    this.#now = now;
    for (const resource of fleet) this.addResource(resource);
  }

  /** By `region/type/id`. */
  get resources(): ReadonlyMap<string, StoredResource> {
    return this.#byKey;
  }

  get(ref: Ref): StoredResource | undefined {
    return this.#byKey.get(refKey(ref));
  }

  /** The resources of one region and type, in stable order. */
  shelf(region: string, type: Type): readonly StoredResource[] {
    return this.#shelves.get(`${region}/${type}`) ?? [];
  }

  /** Regions that hold something, sorted. */
  get regions(): readonly string[] {
    return [...new Set([...this.#byKey.values()].map((resource) => resource.region))].sort();
  }

  /**
   * Adds a resource, behind those that are there.
   *
   * @throws {RangeError} when the region has one of that type and id already.
   */
  addResource(resource: FleetResource, options: { readonly listed?: 'now' | 'later' } = {}): StoredResource {
    const key = refKey(resource);
    if (this.#byKey.has(key)) throw new RangeError(`the fleet holds ${key} twice`);
    const now = this.#now();
    this.#sequence += 1;
    const stored: StoredResource = {
      region: resource.region,
      type: resource.type,
      id: resource.id,
      sequence: this.#sequence,
      name: resource.name ?? resource.id,
      status: resource.status ?? SETTLED[resource.type],
      createdAtMs: resource.created === undefined ? now : Date.parse(resource.created),
      group: resource.group ?? 'rg-default',
      bucket: resource.bucket ?? 'default',
      listedFromMs: options.listed === 'later' ? now + this.listingDelayMs : Number.NEGATIVE_INFINITY,
      tags: new Map(Object.entries(resource.tags ?? {})),
      shown: [],
    };
    this.#byKey.set(key, stored);
    const shelfKey = `${resource.region}/${resource.type}`;
    const shelf = this.#shelves.get(shelfKey);
    if (shelf === undefined) this.#shelves.set(shelfKey, [stored]);
    else shelf.push(stored);
    this.version += 1;
    return stored;
  }

  /** False when there was none. */
  removeResource(ref: Ref): boolean {
    const stored = this.get(ref);
    if (stored === undefined) return false;
    this.#byKey.delete(refKey(ref));
    const shelf = this.#shelves.get(`${ref.region}/${ref.type}`) ?? [];
    shelf.splice(positionAfter(shelf, stored.sequence - 1), 1);
    this.version += 1;
    return true;
  }

  /** Sets tags; a value overwrites the one before. Seen by lists after `visibilityDelayMs`. */
  setTags(ref: Ref, tags: Readonly<Record<string, string>> | ReadonlyMap<string, string>): void {
    const entries = tags instanceof Map ? [...tags] : Object.entries(tags);
    this.#changeTags(ref, (held) => {
      for (const [key, value] of entries) held.set(key, value);
    });
  }

  /** Removes tags; keys that are absent do no harm. */
  removeTags(ref: Ref, keys: Iterable<string>): void {
    this.#changeTags(ref, (held) => {
      for (const key of keys) held.delete(key);
    });
  }

  setStatus(ref: Ref, status: string): void {
    this.#mustGet(ref).status = status;
    this.version += 1;
  }

  /** The tags that a reader sees now: by their id, or in a list of all, which may be later. */
  shownTags(resource: StoredResource, reader: 'byId' | 'inList' = 'byId'): ReadonlyMap<string, string> {
    if (resource.shown.length === 0) return resource.tags;
    const now = this.#now();
    const longest = Math.max(this.visibilityDelayMs, this.lateListsMs);
    const delayMs = reader === 'byId' ? this.visibilityDelayMs : longest;
    const { shown } = resource;
    while (shown[0] !== undefined && shown[0].changedAtMs + longest <= now) shown.shift();
    return shown.find(({ changedAtMs }) => changedAtMs + delayMs > now)?.tags ?? resource.tags;
  }

  /** Called on each change that comes through the API; the function returned ends it. */
  onWrite(hook: WriteHook): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  announce(event: WriteEvent): void {
    for (const hook of this.#hooks) hook(event);
  }

  /** Everything as a fleet, sorted by region, type and id, tags by key: for comparing two states. */
  snapshot(): readonly FleetResource[] {
    return [...this.#byKey.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, stored]) => ({
        id: stored.id,
        type: stored.type,
        region: stored.region,
        name: stored.name,
        status: stored.status,
        created: new Date(stored.createdAtMs).toISOString(),
        group: stored.group,
        ...(stored.bucket === 'default' ? {} : { bucket: stored.bucket }),
        tags: Object.fromEntries([...stored.tags].sort(([a], [b]) => (a < b ? -1 : 1))),
      }));
  }

  #changeTags(ref: Ref, change: (tags: Map<string, string>) => void): void {
    const stored = this.#mustGet(ref);
    const tags = new Map(stored.tags);
    change(tags);
    if (this.visibilityDelayMs > 0 || this.lateListsMs > 0) {
      stored.shown.push({ tags: stored.tags, changedAtMs: this.#now() });
    }
    stored.tags = tags;
    this.version += 1;
  }

  #mustGet(ref: Ref): StoredResource {
    const stored = this.get(ref);
    if (stored === undefined) throw new RangeError(`the fleet holds no ${refKey(ref)}`);
    return stored;
  }
}

/** The index of the first resource whose sequence is above the one given. */
export function positionAfter(shelf: readonly StoredResource[], sequence: number): number {
  let low = 0;
  let high = shelf.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((shelf[middle]?.sequence ?? 0) <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}
