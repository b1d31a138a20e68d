import type { Clock } from '../../lib/clock.ts';
import {
  compareText,
  type Resource,
  type ResourceRef,
  resourceKey,
  type Tag,
  type TagKey,
} from '../../lib/resource.ts';

/** The tags of one resource, by key. */
export type Tags = ReadonlyMap<TagKey, string>;

/** All resources with their tags, by `resourceKey`. */
export type State = ReadonlyMap<string, Tags>;

/** One thing that really happened, whoever hears of it. */
export interface CourseEvent {
  readonly atMs: number;
  /** `resourceKey` of the resource. */
  readonly name: string;
  readonly what: 'created' | 'destroyed' | 'changed';
  /** Of a change: the key, what it had before, and what it has now; left out is absent. */
  readonly key?: TagKey;
  readonly before?: string;
  readonly after?: string;
  /** The tags of the resource afterwards. */
  readonly tags: Tags;
  /** The number of the call that did it; left out: somebody else. */
  readonly call?: number;
}

/** Resources and their tags, as they are and as readers see them; remembers all that happened. */
export interface TagStore {
  /** Oldest first. */
  readonly course: readonly CourseEvent[];
  put(resource: Resource): void;
  destroy(ref: ResourceRef): void;
  /** Sets, or with no value drops, keys of one resource. */
  change(ref: ResourceRef, edits: readonly (readonly [TagKey, string | undefined])[], call?: number): void;
  tagsOf(ref: ResourceRef): Tags | undefined;
  /** Every resource as readers see it. */
  shown(): readonly Resource[];
  state(): State;
}

interface Version {
  readonly visibleAtMs: number;
  readonly tags: Tags;
  /** The resource as readers see it; made when first asked for. */
  shown?: Resource;
}

interface Kept {
  readonly resource: Resource;
  /** Oldest first; the last is what is. */
  versions: Version[];
}

export function createTagStore(clock: Pick<Clock, 'now'>, visibilityMs: () => number): TagStore {
  const kept = new Map<string, Kept>();
  const course: CourseEvent[] = [];
  const note = (event: Omit<CourseEvent, 'atMs'>): void => void course.push({ atMs: clock.now(), ...event });

  return {
    course,
    put(resource) {
      const tags = new Map((resource.tags ?? []).map((tag) => [tag.key, tag.value]));
      const name = resourceKey(resource);
      kept.set(name, { resource, versions: [{ visibleAtMs: 0, tags }] });
      note({ name, what: 'created', tags });
    },
    destroy(ref) {
      const name = resourceKey(ref);
      if (kept.delete(name)) note({ name, what: 'destroyed', tags: new Map() });
    },
    change(ref, edits, call) {
      const name = resourceKey(ref);
      const found = kept.get(name);
      if (found === undefined) return;
      const last = found.versions.at(-1)!;
      const tags = new Map(last.tags);
      for (const [key, after] of edits) {
        const before = tags.get(key);
        if (before === after) continue;
        if (after === undefined) tags.delete(key);
        else tags.set(key, after);
        note({
          name,
          what: 'changed',
          key,
          tags,
          ...(before !== undefined && { before }),
          ...(after !== undefined && { after }),
          ...(call !== undefined && { call }),
        });
      }
      // A later change never shows before an earlier one.
      const visibleAtMs = Math.max(clock.now() + visibilityMs(), last.visibleAtMs);
      const seen = found.versions.findLastIndex((version) => version.visibleAtMs <= clock.now());
      found.versions = [...found.versions.slice(Math.max(0, seen)), { visibleAtMs, tags }];
    },
    tagsOf: (ref) => kept.get(resourceKey(ref))?.versions.at(-1)?.tags,
    shown: () => [...kept.values()].map((one) => look(one, clock.now())),
    state: () => new Map([...kept].map(([name, { versions }]) => [name, versions.at(-1)!.tags])),
  };
}

function look({ resource, versions }: Kept, nowMs: number): Resource {
  const version = versions.findLast((one) => one.visibleAtMs <= nowMs) ?? versions[0]!;
  if (version.shown !== undefined) return version.shown;
  const tags: Tag[] = [...version.tags].map(([key, value]) => ({ key, value }));
  version.shown = { ...resource, tags: tags.sort((a, b) => compareText(a.key, b.key)) };
  return version.shown;
}
