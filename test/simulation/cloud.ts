import type { Chance, Clock } from '../../lib/clock.ts';
import { EciError, type EciErrorKind } from '../../lib/errors.ts';
import {
  type ApiName,
  type EciApi,
  LIST_API,
  type ListQuery,
  MAX_IDS_PER_LIST,
  type TagRequest,
  type UntagRequest,
} from '../../lib/ports.ts';
import {
  compareText,
  MAX_TAGS_PER_RESOURCE,
  type Region,
  type Resource,
  type ResourceRef,
  type ResourceType,
  resourceKey,
  type Tag,
  type TagKey,
} from '../../lib/resource.ts';

/** One call, as the cloud saw it arrive. */
export interface CloudCall {
  readonly api: ApiName;
  readonly region: Region;
  readonly atMs: number;
  readonly type?: ResourceType;
  readonly ids?: readonly string[];
  readonly keys?: readonly TagKey[];
  readonly clientToken?: string;
}

/**
 * What happens to one call instead of an answer.
 *
 * `before`: nothing is done. `after`: it is done, and the answer says otherwise or never comes.
 */
export interface Fault {
  readonly when: 'before' | 'after';
  readonly kind: EciErrorKind;
  readonly code: string;
}

export interface CloudOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Milliseconds that a call takes, at least and at most; default 5 to 50. */
  readonly latencyMs?: readonly [number, number];
  /** Milliseconds until readers see a change of tags; asked for each change. Default 0. */
  readonly visibilityMs?: () => number;
  /** Asked for each call that arrives. */
  readonly fault?: (call: CloudCall) => Fault | undefined;
  /** Items of a page, at most 20; asked for each page. Default 20. */
  readonly pageSize?: () => number;
}

/** An ECI in memory. What it does wrong, it does on purpose. */
export interface SimulatedCloud {
  readonly api: EciApi;
  /** Every call that arrived, in order. */
  readonly calls: readonly CloudCall[];
  /** What must never happen: two requests at once for one resource, a token with other parameters. */
  readonly offences: readonly string[];
  put(resource: Resource): void;
  destroy(ref: ResourceRef): void;
  setTag(ref: ResourceRef, key: TagKey, value: string): void;
  dropTag(ref: ResourceRef, key: TagKey): void;
  /** The tags as they are, not as readers see them yet; `undefined`: the resource does not exist. */
  tagsOf(ref: ResourceRef): ReadonlyMap<TagKey, string> | undefined;
  /** Everything as it is, by `resourceKey`. */
  state(): ReadonlyMap<string, ReadonlyMap<TagKey, string>>;
}

interface Version {
  readonly visibleAtMs: number;
  readonly tags: ReadonlyMap<TagKey, string>;
}

interface Kept {
  readonly resource: Resource;
  /** Oldest first; the last is what is. */
  versions: Version[];
}

export function createCloud(resources: readonly Resource[], options: CloudOptions): SimulatedCloud {
  const { clock, chance } = options;
  const kept = new Map<string, Kept>();
  const calls: CloudCall[] = [];
  const offences: string[] = [];
  const busy = new Map<string, number>();
  const tokens = new Map<string, string>();
  let requests = 0;

  const put = (resource: Resource): void => {
    const tags = new Map((resource.tags ?? []).map((tag) => [tag.key, tag.value]));
    kept.set(resourceKey(resource), { resource, versions: [{ visibleAtMs: 0, tags }] });
  };
  for (const resource of resources) put(resource);

  const change = (ref: ResourceRef, edit: (tags: Map<TagKey, string>) => void): void => {
    const found = kept.get(resourceKey(ref));
    if (found === undefined) return;
    const tags = new Map(found.versions.at(-1)!.tags);
    edit(tags);
    // A later change never shows before an earlier one.
    const visibleAtMs = Math.max(
      clock.now() + (options.visibilityMs?.() ?? 0),
      found.versions.at(-1)!.visibleAtMs,
    );
    const seen = found.versions.findLastIndex((version) => version.visibleAtMs <= clock.now());
    found.versions = [...found.versions.slice(Math.max(0, seen)), { visibleAtMs, tags }];
  };
  const look = ({ resource, versions }: Kept): Resource => {
    const shown = versions.findLast((version) => version.visibleAtMs <= clock.now()) ?? versions[0]!;
    const tags: Tag[] = [...shown.tags].map(([key, value]) => ({ key, value }));
    return { ...resource, tags: tags.sort((a, b) => compareText(a.key, b.key)) };
  };

  const call = async <T>(arrived: Omit<CloudCall, 'atMs'>, work: () => T): Promise<T> => {
    const at: CloudCall = { ...arrived, atMs: clock.now() };
    calls.push(at);
    const [least, most] = options.latencyMs ?? [5, 50];
    const release = hold(at);
    try {
      await clock.sleep(least + chance() * (most - least));
      const fault = options.fault?.(at);
      const fail = (): never => {
        throw failure(at, fault!.kind, fault!.code, requests);
      };
      requests += 1;
      if (fault?.when === 'before') fail();
      const answer = work();
      if (fault?.when === 'after') fail();
      await clock.sleep(chance() * 5);
      return answer;
    } finally {
      release();
    }
  };

  /** Marks the resources of a write as busy, and notes when they were so already. */
  const hold = (at: CloudCall): (() => void) => {
    if (at.api !== 'UntagResources' && at.api !== 'TagResources') return () => undefined;
    const names = (at.ids ?? []).map((id) => `${at.region}/${at.type}/${id}`);
    for (const name of names) {
      if ((busy.get(name) ?? 0) > 0) offences.push(`two requests at once for ${name}`);
      busy.set(name, (busy.get(name) ?? 0) + 1);
    }
    return () => {
      for (const name of names) busy.set(name, busy.get(name)! - 1);
    };
  };

  const matching = (query: Omit<ListQuery, 'type'> & { readonly type: ResourceType }): readonly Resource[] =>
    [...kept.values()]
      .filter(({ resource }) => resource.region === query.region && resource.type === query.type)
      .map(look)
      .filter((resource) => query.ids === undefined || query.ids.includes(resource.id))
      .filter((resource) => query.status === undefined || resource.status === query.status)
      .filter(
        (resource) =>
          query.resourceGroupId === undefined || resource.resourceGroupId === query.resourceGroupId,
      )
      .filter((resource) => (query.tags ?? []).every((filter) => hasTag(resource, filter)))
      .sort((a, b) => compareText(a.id, b.id));

  const page = <T extends { readonly id: string }>(
    items: readonly T[],
    token: string | undefined,
    most: number,
  ) => {
    const rest = token === undefined ? items : items.filter((item) => item.id > token);
    const size = Math.max(1, Math.min(most, options.pageSize?.() ?? most));
    const shown = rest.slice(0, size);
    const nextToken = rest.length > shown.length ? { nextToken: shown.at(-1)!.id } : {};
    return { items: shown, ...nextToken };
  };

  const refuse = (at: Pick<CloudCall, 'api' | 'region'>, kind: EciErrorKind, code: string): never => {
    throw failure(at, kind, code, requests);
  };

  const refuseSize = (at: Omit<CloudCall, 'atMs'>, ids: readonly string[], keys: readonly TagKey[]): void => {
    if (ids.length === 0 || ids.length > 100 || keys.length === 0) refuse(at, 'rejected', 'InvalidParameter');
    if (keys.length > 20) refuse(at, 'rejected', 'NumberExceed.Tags');
  };

  const refuseMissing = (
    at: Omit<CloudCall, 'atMs'>,
    request: Pick<UntagRequest, 'region' | 'type' | 'ids'>,
  ) => {
    const { region, type, ids } = request;
    if (!ids.every((id) => kept.has(resourceKey({ region, type, id })))) {
      refuse(at, 'gone', 'InvalidParameter.NotFound');
    }
  };

  /** Whether the token was honored before: then the old answer comes again, and nothing is done. */
  const isRepeat = ({ region, type, ids, keys, clientToken }: UntagRequest): boolean => {
    const parameters = JSON.stringify([region, type, ids, keys]);
    const known = tokens.get(clientToken);
    if (known === undefined) {
      tokens.set(clientToken, parameters);
      return false;
    }
    if (known !== parameters) offences.push(`token ${clientToken} with other parameters`);
    return true;
  };

  const api: EciApi = {
    describeRegions: () =>
      call({ api: 'DescribeRegions', region: 'any' }, () =>
        [...new Set([...kept.values()].map(({ resource }) => resource.region))].sort(compareText),
      ),
    listResources: (query) => {
      const at = { api: LIST_API[query.type], region: query.region, type: query.type };
      return call({ ...at, ...(query.ids !== undefined && { ids: query.ids }) }, () => {
        if ((query.ids?.length ?? 0) > MAX_IDS_PER_LIST[query.type])
          refuse(at, 'rejected', 'InvalidParameter');
        return page(matching(query), query.nextToken, 20);
      });
    },
    listContainerGroupStatus: (query) =>
      call({ api: 'DescribeContainerGroupStatus', region: query.region }, () => {
        const items = matching({ ...query, type: 'ContainerGroup' });
        return page(
          items.map(({ id, status }) => ({ id, ...(status !== undefined && { status }) })),
          query.nextToken,
          200,
        );
      }),
    listTagResources: (query) =>
      call({ api: 'ListTagResources', region: query.region }, () => {
        const { items, ...rest } = page(matching(query), query.nextToken, 20);
        const rows = items.flatMap((item) =>
          (item.tags ?? [])
            .filter(
              (tag) =>
                (query.tags ?? []).length === 0 || query.tags!.some((filter) => filter.key === tag.key),
            )
            .map((tag) => ({ type: item.type, id: item.id, ...tag })),
        );
        return { items: rows, ...rest };
      }),
    untagResources: (request: UntagRequest) => {
      const { region, type, ids, keys, clientToken } = request;
      const at = { api: 'UntagResources' as const, region, type, ids, keys, clientToken };
      return call(at, () => {
        refuseSize(at, ids, keys);
        if (!isRepeat(request)) {
          refuseMissing(at, request);
          for (const id of ids)
            change({ region, type, id }, (tags) => {
              for (const key of keys) tags.delete(key);
            });
        }
        return { requestId: `REQ-${requests}` };
      });
    },
    tagResources: (request: TagRequest) => {
      const { region, type, ids, tags } = request;
      const at = { api: 'TagResources' as const, region, type, ids, keys: tags.map((tag) => tag.key) };
      return call(at, () => {
        for (const id of ids) {
          const found = kept.get(resourceKey({ region, type, id }));
          if (found === undefined) return refuse(at, 'gone', 'InvalidParameter.NotFound');
          const keys = new Set([...found.versions.at(-1)!.tags.keys(), ...tags.map((tag) => tag.key)]);
          if (keys.size > MAX_TAGS_PER_RESOURCE) refuse(at, 'rejected', 'NumberExceed.Tags');
        }
        for (const id of ids) {
          change({ region, type, id }, (own) => {
            for (const tag of tags) own.set(tag.key, tag.value);
          });
        }
        return { requestId: `REQ-${requests}` };
      });
    },
  };

  return {
    api,
    calls,
    offences,
    put,
    destroy: (ref) => void kept.delete(resourceKey(ref)),
    setTag: (ref, key, value) => change(ref, (tags) => void tags.set(key, value)),
    dropTag: (ref, key) => change(ref, (tags) => void tags.delete(key)),
    tagsOf: (ref) => kept.get(resourceKey(ref))?.versions.at(-1)?.tags,
    state: () => new Map([...kept].map(([name, { versions }]) => [name, versions.at(-1)!.tags])),
  };
}

function hasTag(resource: Resource, filter: { readonly key: TagKey; readonly value?: string }): boolean {
  return (
    resource.tags?.some(
      (tag) => tag.key === filter.key && (filter.value === undefined || tag.value === filter.value),
    ) === true
  );
}

function failure(
  at: Pick<CloudCall, 'api' | 'region'>,
  kind: EciErrorKind,
  apiCode: string,
  request: number,
): EciError {
  const answered = kind !== 'unanswered';
  return new EciError(`${at.api} in ${at.region} failed with ${apiCode}.`, {
    kind,
    apiCode,
    apiName: at.api,
    region: at.region,
    outcomeUnknown: kind === 'unanswered' || kind === 'unavailable',
    ...(answered && { requestId: `REQ-${request}` }),
  });
}
