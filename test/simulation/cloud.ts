import type { Chance, Clock } from '../../lib/clock.ts';
import { EciError, type EciErrorKind } from '../../lib/errors.ts';
import { RESOURCE_KINDS } from '../../lib/kinds.ts';
import type { ApiName, EciApi, ListQuery, TagRequest, UntagRequest } from '../../lib/ports.ts';
import {
  compareText,
  MAX_TAGS_PER_RESOURCE,
  type Region,
  type Resource,
  type ResourceRef,
  type ResourceType,
  type TagKey,
} from '../../lib/resource.ts';
import { EXACT, type Readings, takesMore } from './readings.ts';
import { type CourseEvent, createTagStore, type State, type Tags } from './tag-store.ts';

/** One call, as the cloud saw it arrive. */
export interface CloudCall {
  /** Its place among all calls. */
  readonly at: number;
  readonly api: ApiName;
  readonly region: Region;
  readonly atMs: number;
  readonly type?: ResourceType;
  readonly ids?: readonly string[];
  readonly keys?: readonly TagKey[];
  readonly clientToken?: string;
  /** What the caller was told, once it was: `ok`, or how it failed. */
  readonly answer?: 'ok' | EciErrorKind;
  readonly answeredAtMs?: number;
}

/**
 * What happens to one call instead of an answer.
 *
 * `before`: nothing is done. `after`: it is done, and the answer says otherwise or never comes. `instead`:
 * nothing is done, and the answer says that it was.
 */
export type Fault =
  | { readonly when: 'before' | 'after'; readonly kind: EciErrorKind; readonly code: string }
  | { readonly when: 'instead' };

export interface CloudOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Milliseconds that a call takes, at least and at most; default 5 to 50. */
  readonly latencyMs?: readonly [number, number];
  /** Milliseconds until readers see a change of tags; asked for each change. Default 0. */
  readonly visibilityMs?: () => number;
  /** Asked for each call that arrives. */
  readonly fault?: (call: CloudCall) => Fault | undefined;
  /** Items of a page, from 0 to 20; asked for each page. Default 20. */
  readonly pageSize?: () => number;
  /** How the service behaves where its pages leave it open; asked for each call. Default: as its pages say. */
  readonly readings?: () => Readings;
}

/** An ECI in memory. What it does wrong, it does on purpose. */
export interface SimulatedCloud {
  readonly api: EciApi;
  /** Every call that arrived, in order. */
  readonly calls: readonly CloudCall[];
  /** All that really happened, in order, whoever did it. */
  readonly course: readonly CourseEvent[];
  /** What must never happen: two requests at once for one resource, a token with other parameters. */
  readonly offences: readonly string[];
  put(resource: Resource): void;
  destroy(ref: ResourceRef): void;
  setTag(ref: ResourceRef, key: TagKey, value: string): void;
  dropTag(ref: ResourceRef, key: TagKey): void;
  /** The tags as they are, not as readers see them yet; `undefined`: the resource does not exist. */
  tagsOf(ref: ResourceRef): Tags | undefined;
  /** Everything as it is, by `resourceKey`. */
  state(): State;
}

type Arrived = Omit<CloudCall, 'at' | 'atMs' | 'answer' | 'answeredAtMs'>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function createCloud(resources: readonly Resource[], options: CloudOptions): SimulatedCloud {
  const { clock, chance } = options;
  const store = createTagStore(clock, options.visibilityMs ?? (() => 0));
  const calls: Writable<CloudCall>[] = [];
  const offences: string[] = [];
  const busy = new Map<string, number>();
  const tokens = new Map<string, string>();
  const readings = options.readings ?? (() => EXACT);
  let pages = 0;
  let removals = 0;
  for (const resource of resources) store.put(resource);

  const call = async <T>(arrived: Arrived, work: (at: CloudCall) => T): Promise<T> => {
    const at: Writable<CloudCall> = { ...arrived, at: calls.length, atMs: clock.now() };
    calls.push(at);
    const [least, most] = options.latencyMs ?? [5, 50];
    const release = hold(at);
    try {
      await clock.sleep(least + chance() * (most - least));
      const fault = options.fault?.(at);
      if (fault?.when === 'before') throw failure(at, fault.kind, fault.code);
      const answer = fault?.when === 'instead' ? ({ requestId: `REQ-${at.at}` } as T) : work(at);
      if (fault?.when === 'after') throw failure(at, fault.kind, fault.code);
      await clock.sleep(chance() * 5);
      at.answer = 'ok';
      return answer;
    } catch (error) {
      if (error instanceof EciError) at.answer = error.kind;
      throw error;
    } finally {
      at.answeredAtMs = clock.now();
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
    store
      .shown()
      .filter(({ region, type }) => region === query.region && type === query.type)
      .filter((resource) => query.ids === undefined || query.ids.includes(resource.id))
      .filter((resource) => query.status === undefined || resource.status === query.status)
      .filter(
        (resource) =>
          query.resourceGroupId === undefined || resource.resourceGroupId === query.resourceGroupId,
      )
      .filter((resource) => (query.tags ?? []).every((filter) => hasTag(resource, filter)))
      .filter((resource) => isFound(resource, query))
      .sort((a, b) => compareText(a.id, b.id));

  /** A filter may find less than it should. */
  const isFound = ({ id }: Resource, { tags, status }: Pick<ListQuery, 'tags' | 'status'>): boolean => {
    const { filters } = readings();
    if (filters === 'exact' || (tags === undefined && status === undefined)) return true;
    return filters === 'less' && Number(/\d+/.exec(id)?.[0]) % 3 > 0;
  };
  const areListsEmpty = (): boolean => {
    const { listsGoEmptyAfter } = readings();
    return listsGoEmptyAfter > 0 && removals >= listsGoEmptyAfter;
  };
  const withoutEmptyTags = (resource: Resource): Resource => {
    if (readings().noTags === 'array' || resource.tags?.length !== 0) return resource;
    const { tags: _, ...rest } = resource;
    return rest;
  };
  const refuseGone = (at: CloudCall, { region, type, ids }: ListQuery): void => {
    if (ids === undefined || readings().goneOnRead === 'empty') return;
    if (ids.some((id) => store.tagsOf({ region, type, id }) === undefined))
      throw failure(at, 'gone', 'InvalidParameter.NotFound');
  };

  /** A page may be empty although more follow; no token comes twice. */
  const page = <T extends { readonly id: string }>(
    items: readonly T[],
    token: string | undefined,
    most: number,
  ) => {
    const after = token?.slice(token.indexOf(' ') + 1);
    const rest = after === undefined || after === '' ? items : items.filter((item) => item.id > after);
    const shown = rest.slice(0, Math.min(most, options.pageSize?.() ?? most));
    if (rest.length === shown.length) return { items: shown };
    pages += 1;
    return { items: shown, nextToken: `${pages} ${shown.at(-1)?.id ?? after ?? ''}` };
  };

  const refuseMissing = (
    at: CloudCall,
    { region, type, ids }: Pick<UntagRequest, 'region' | 'type' | 'ids'>,
  ) => {
    if (ids.every((id) => store.tagsOf({ region, type, id }) !== undefined)) return;
    throw failure(at, 'gone', 'InvalidParameter.NotFound');
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
        [...new Set(store.shown().map(({ region }) => region))].sort(compareText),
      ),
    listResources: (query) => {
      const arrived = { api: RESOURCE_KINDS[query.type].list.api, region: query.region, type: query.type };
      return call({ ...arrived, ...(query.ids !== undefined && { ids: query.ids }) }, (at) => {
        if ((query.ids?.length ?? 0) > RESOURCE_KINDS[query.type].list.ids.most)
          throw failure(at, 'rejected', 'InvalidParameter');
        if (areListsEmpty()) return { items: [] };
        refuseGone(at, query);
        return page(matching(query).map(withoutEmptyTags), query.nextToken, 20);
      });
    },
    listContainerGroupStatus: (query) =>
      call({ api: 'DescribeContainerGroupStatus', region: query.region }, () => {
        if (areListsEmpty()) return { items: [] };
        const { statusList } = readings();
        const items = matching({ ...query, type: 'ContainerGroup' }).filter(
          (one) => statusList === 'all' || hasTag(one, { key: 'PodName' }),
        );
        return page(
          items.map(({ id, status }) => ({ id, ...(status !== undefined && { status }) })),
          query.nextToken,
          200,
        );
      }),
    listTagResources: (query) =>
      call({ api: 'ListTagResources', region: query.region }, () => {
        if (areListsEmpty() && readings().rowsGoEmptyToo) return { items: [] };
        const { items, ...rest } = page(matching(query), query.nextToken, 20);
        const wanted = query.tags ?? [];
        const rows = items.flatMap((item) =>
          (item.tags ?? [])
            .filter((tag) => wanted.length === 0 || wanted.some((filter) => filter.key === tag.key))
            .map((tag) => ({ type: item.type, id: item.id, ...tag })),
        );
        return { items: rows, ...rest };
      }),
    untagResources: (request: UntagRequest) => {
      const { region, type, ids, keys, clientToken } = request;
      return call({ api: 'UntagResources', region, type, ids, keys, clientToken }, (at) => {
        if (ids.length === 0 || ids.length > 100 || keys.length === 0)
          throw failure(at, 'rejected', 'InvalidParameter');
        if (keys.length > MAX_TAGS_PER_RESOURCE) throw failure(at, 'rejected', 'NumberExceed.Tags');
        if (!isRepeat(request)) {
          refuseMissing(at, request);
          removals += 1;
          for (const id of ids) {
            const held = [...store.tagsOf({ region, type, id })!.keys()];
            const more = held.filter((key) => !keys.includes(key) && takesMore(readings(), key, keys));
            const edits = [...keys, ...more].map((key) => [key, undefined] as const);
            store.change({ region, type, id }, edits, at.at);
          }
        }
        return { requestId: `REQ-${at.at}` };
      });
    },
    tagResources: (request: TagRequest) => {
      const { region, type, ids, tags } = request;
      const keys = tags.map((tag) => tag.key);
      return call({ api: 'TagResources', region, type, ids, keys }, (at) => {
        refuseMissing(at, request);
        for (const id of ids) {
          const all = new Set([...store.tagsOf({ region, type, id })!.keys(), ...keys]);
          if (all.size > MAX_TAGS_PER_RESOURCE) throw failure(at, 'rejected', 'NumberExceed.Tags');
        }
        const edits = tags.map(({ key, value }) => [key, value] as const);
        for (const id of ids) store.change({ region, type, id }, edits, at.at);
        return { requestId: `REQ-${at.at}` };
      });
    },
  };

  return {
    api,
    calls,
    course: store.course,
    offences,
    put: store.put,
    destroy: store.destroy,
    setTag: (ref, key, value) => store.change(ref, [[key, value]]),
    dropTag: (ref, key) => store.change(ref, [[key, undefined]]),
    tagsOf: store.tagsOf,
    state: store.state,
  };
}

function hasTag(resource: Resource, filter: { readonly key: TagKey; readonly value?: string }): boolean {
  return (
    resource.tags?.some(
      (tag) => tag.key === filter.key && (filter.value === undefined || tag.value === filter.value),
    ) === true
  );
}

function failure(at: CloudCall, kind: EciErrorKind, apiCode: string): EciError {
  const answered = kind !== 'unanswered';
  return new EciError(`${at.api} in ${at.region} failed with ${apiCode}.`, {
    kind,
    apiCode,
    apiName: at.api,
    region: at.region,
    outcomeUnknown: kind === 'unanswered' || kind === 'unavailable',
    ...(answered && { requestId: `REQ-${at.at}` }),
  });
}
