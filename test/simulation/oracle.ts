import type { AuditLog, EciApi, TagRequest, UntagRequest } from '../../lib/ports.ts';
import { type ResourceRef, resourceKey, type TagKey } from '../../lib/resource.ts';
import type { SimulatedCloud } from './cloud.ts';
import type { Intent } from './scenario.ts';

type Tags = ReadonlyMap<TagKey, string>;

/** Watches every write that reaches the cloud, and knows by itself what may go. */
export interface Oracle {
  readonly api: EciApi;
  /** Broken promises, one sentence each. */
  readonly faults: string[];
  /** Notes what a resource is like now; to be called after each change by others. */
  note(ref: ResourceRef): void;
  /** Forgets what resources were like earlier: a run begins, and nothing old shows any more. */
  begin(): void;
}

export function createOracle(
  cloud: SimulatedCloud,
  refs: readonly ResourceRef[],
  intent: Intent,
  log: Pick<AuditLog, 'read'>,
): Oracle {
  const faults: string[] = [];
  /** What each resource was like, at any time since the run began. */
  const states = new Map<string, Tags[]>();
  const note = (ref: ResourceRef): void => {
    const tags = cloud.tagsOf(ref);
    if (tags === undefined) return;
    const known = states.get(resourceKey(ref));
    if (known === undefined) states.set(resourceKey(ref), [tags]);
    else known.push(tags);
  };
  const begin = (): void => {
    states.clear();
    for (const ref of refs) note(ref);
  };
  begin();

  const mayGo = (name: string, key: TagKey): boolean =>
    (states.get(name) ?? []).some((tags) => {
      const value = tags.get(key);
      return (value !== undefined && intent.removes(tags, key, value)) || intent.isFree(tags, key);
    });
  const announced = async (): Promise<ReadonlySet<string>> => {
    const records = await log.read({ eventNames: ['removals_planned'] });
    return new Set(
      records.flatMap((record) => {
        const items = JSON.parse(record.resources ?? '[]') as { id: string; tags: Record<string, string> }[];
        return items.flatMap(({ id, tags }) =>
          Object.entries(tags).map(([key, value]) =>
            JSON.stringify([record.region, record.resource_type, id, key, value]),
          ),
        );
      }),
    );
  };

  const judge = async ({ region, type, ids, keys }: UntagRequest): Promise<void> => {
    if (keys.length === 0 || ids.length === 0) faults.push('a request without keys or resources');
    const journal = await announced();
    for (const id of ids) for (const key of keys) judgePair({ region, type, id }, key, journal);
  };
  const judgePair = (ref: ResourceRef, key: TagKey, journal: ReadonlySet<string>): void => {
    const name = resourceKey(ref);
    if (!mayGo(name, key)) faults.push(`asked to remove ${key} of ${name}, neither planned nor free`);
    const value = cloud.tagsOf(ref)?.get(key);
    // What others set since the run began cannot be in its journal.
    if (value === undefined || states.get(name)?.[0]?.get(key) !== value) return;
    if (!journal.has(JSON.stringify([ref.region, ref.type, ref.id, key, value])))
      faults.push(`asked to remove ${key} of ${name} before it was in the journal`);
  };

  const api: EciApi = {
    ...cloud.api,
    untagResources: async (request) => {
      await judge(request);
      return await cloud.api.untagResources(request);
    },
    tagResources: async (request: TagRequest) => {
      for (const id of request.ids) {
        for (const { key, value } of request.tags) {
          const current = cloud.tagsOf({ ...request, id })?.get(key);
          if (current !== undefined && current !== value)
            faults.push(`an undo would overwrite ${key} of ${id}`);
        }
      }
      return await cloud.api.tagResources(request);
    },
  };
  return { api, faults, note, begin };
}
