import { EciError, type EciErrorKind } from '../../lib/errors.ts';
import { RESOURCE_KINDS } from '../../lib/kinds.ts';
import type {
  ApiName,
  ContainerGroupStatus,
  EciApi,
  Page,
  TagFilter,
  TagRequest,
  UntagRequest,
} from '../../lib/ports.ts';
import { compareText, type Resource, type ResourceType, resourceKey } from '../../lib/resource.ts';

/** One call as it came in. */
export interface FakeCall {
  readonly api: ApiName;
  readonly query: Readonly<Record<string, unknown>>;
}

export interface FakeEciOptions {
  /** One without `tags` is one whose tags nobody tells: ListTagResources refuses to tell them by id. */
  readonly resources?: readonly Resource[];
  /** Resources whose tags the lists leave out, although ListTagResources tells them. */
  readonly leavesOut?: (resource: Resource) => boolean;
  /** Ids that are gone: missing from the answer, or the whole call is refused; default `missing`. */
  readonly goneOnRead?: 'missing' | 'refused';
  /** What `describeRegions` answers; left out: the regions of the resources. */
  readonly regions?: readonly string[];
  /** Items a page, less than the API's most, from the number of the call: short and empty pages are allowed. */
  readonly pageSize?: (most: number, call: number) => number;
  /** What a list leaves out although it was asked for it. */
  readonly hides?: (call: FakeCall, resource: Resource) => boolean;
  /** Whether pages of lists tell how many items there are in all; default yes. */
  readonly tellsTotal?: boolean;
  /** Rows a page of ListTagResources at most; default 20. */
  readonly rowsAPage?: number;
  /** Called before each answer with the call and its number from 0; what it throws is the answer. */
  readonly onCall?: (call: FakeCall, number: number) => void | Promise<void>;
}

/** ECI in memory: an account's resources, its pages and filters, and a log of what was asked. */
export interface FakeEci extends EciApi {
  readonly calls: readonly FakeCall[];
  /** How many calls of one operation, or of all. */
  count(api?: ApiName): number;
  /** Adds a resource, or puts it in the place of the one with its reference. */
  put(resource: Resource): void;
  /** Takes a resource away. */
  drop(resource: Resource): void;
  /** What is there, sorted. */
  readonly resources: readonly Resource[];
}

const MOST_PER_PAGE: Readonly<Partial<Record<ApiName, number>>> = {
  DescribeContainerGroupStatus: 200,
};

/**
 * @see ECI API reference: pages of 20 (200 for statuses), tag filters joined by and, a missing token as the
 *   only end, unknown ids passed over.
 */
export function fakeEci(options: FakeEciOptions = {}): FakeEci {
  const stock = new Map((options.resources ?? []).map((resource) => [resourceKey(resource), resource]));
  const calls: FakeCall[] = [];
  let receipts = 0;

  async function enter(api: ApiName, query: object): Promise<void> {
    const call = { api, query: query as FakeCall['query'] };
    calls.push(call);
    await options.onCall?.(call, calls.length - 1);
  }

  /** Kept while no resource comes or goes: a change of tags leaves the order as it is. */
  let order: readonly string[] | undefined;

  function sorted(): readonly Resource[] {
    order ??= [...stock.keys()].sort(compareText);
    return order.map((key) => stock.get(key)!);
  }

  /** What a query can find: by id at once, else all. */
  function candidates(query: {
    readonly region: string;
    readonly type: ResourceType;
    readonly ids?: readonly string[];
  }): readonly Resource[] {
    const { region, type, ids } = query;
    if (ids === undefined) return sorted();
    const keys = [...new Set(ids)].map((id) => resourceKey({ region, type, id })).sort(compareText);
    return keys.flatMap((key) => stock.get(key) ?? []);
  }

  /** The token is the last id of the page, so that a resource that goes or comes shifts nothing. */
  function pageOf<T>(
    items: readonly T[],
    api: ApiName,
    nextToken: string | undefined,
    keyOf: (item: T) => string,
  ): Page<T> {
    const most = (api === 'ListTagResources' ? options.rowsAPage : MOST_PER_PAGE[api]) ?? 20;
    const size = Math.max(0, Math.min(most, options.pageSize?.(most, calls.length) ?? most));
    const [after = '', round = '0'] = nextToken?.split('#') ?? [];
    const rest = items.filter((item) => keyOf(item) > after);
    const page = rest.slice(0, size);
    const last = page.at(-1);
    const count = options.tellsTotal === false || api === 'ListTagResources' ? {} : { total: items.length };
    return page.length === rest.length
      ? { items: page, ...count }
      : {
          ...count,
          items: page,
          nextToken: `${last === undefined ? after : keyOf(last)}#${Number(round) + 1}`,
        };
  }

  function write(request: UntagRequest | TagRequest, change: (resource: Resource) => Resource) {
    for (const id of request.ids) {
      const key = resourceKey({ region: request.region, type: request.type, id });
      const resource = stock.get(key);
      if (resource) {
        stock.set(key, change(resource));
      }
    }
    receipts += 1;
    return { requestId: `FAKE-${receipts}` };
  }

  return {
    calls,
    count: (api) => (api === undefined ? calls.length : calls.filter((call) => call.api === api).length),
    put: (resource) => {
      order = undefined;
      stock.set(resourceKey(resource), resource);
    },
    drop: (resource) => {
      order = undefined;
      stock.delete(resourceKey(resource));
    },
    get resources() {
      return sorted();
    },
    async describeRegions() {
      await enter('DescribeRegions', {});
      return options.regions ?? [...new Set([...stock.values()].map((resource) => resource.region))];
    },
    async listResources(query) {
      const api = RESOURCE_KINDS[query.type].list.api;
      await enter(api, query);
      if ((query.ids?.length ?? 0) > RESOURCE_KINDS[query.type].list.ids.most) {
        throw anEciError({ api, kind: 'rejected', code: 'InvalidParameter' });
      }
      const isShown = (one: Resource) =>
        isListed(one, query) && !options.hides?.({ api, query: { ...query } }, one);
      const found = candidates(query).filter(isShown);
      if (options.goneOnRead === 'refused' && candidates(query).length < (query.ids?.length ?? 0)) {
        throw anEciError({ api, kind: 'gone', code: 'InvalidParameter.NotFound' });
      }
      const shown = found.map((one) => (options.leavesOut?.(one) ? withoutTags(one) : one));
      return pageOf(shown, api, query.nextToken, (one) => one.id);
    },
    async listContainerGroupStatus(query) {
      const api = 'DescribeContainerGroupStatus';
      await enter(api, query);
      const found = sorted()
        .filter((one) => isListed(one, { ...query, type: 'ContainerGroup' }))
        .filter((one) => !options.hides?.({ api, query: { ...query } }, one))
        .map(
          (one): ContainerGroupStatus =>
            one.status === undefined ? { id: one.id } : { id: one.id, status: one.status },
        );
      return pageOf(found, api, query.nextToken, (one) => one.id);
    },
    async listTagResources(query) {
      const api = 'ListTagResources';
      await enter(api, query);
      if (query.ids !== undefined && candidates(query).some((one) => one.tags === undefined)) {
        throw anEciError({ api, kind: 'rejected', code: 'NoPermission.Tag' });
      }
      const rows = candidates(query)
        .filter((one) => isListed(one, query))
        .flatMap(({ type, id, tags = [] }) => tags.map(({ key, value }) => ({ type, id, key, value })));
      return pageOf(rows, api, query.nextToken, (row) => `${row.id}\u0000${row.key}`);
    },
    async untagResources(request) {
      await enter('UntagResources', request);
      const going = new Set(request.keys);
      return write(request, (resource) => ({
        ...resource,
        tags: (resource.tags ?? []).filter((tag) => !going.has(tag.key)),
      }));
    },
    async tagResources(request) {
      await enter('TagResources', request);
      const coming = new Set(request.tags.map((tag) => tag.key));
      return write(request, (resource) => ({
        ...resource,
        tags: [...(resource.tags ?? []).filter((tag) => !coming.has(tag.key)), ...request.tags].sort((a, b) =>
          compareText(a.key, b.key),
        ),
      }));
    },
  };
}

function withoutTags({ tags, ...others }: Resource): Resource {
  return others;
}

function isListed(
  resource: Resource,
  query: {
    readonly region: string;
    readonly type: string;
    readonly ids?: readonly string[];
    readonly tags?: readonly TagFilter[];
    readonly status?: string;
    readonly resourceGroupId?: string;
  },
): boolean {
  return (
    resource.region === query.region &&
    resource.type === query.type &&
    (query.ids === undefined || query.ids.includes(resource.id)) &&
    (query.status === undefined || resource.status === query.status) &&
    (query.resourceGroupId === undefined || resource.resourceGroupId === query.resourceGroupId) &&
    (query.tags ?? []).every((filter) =>
      resource.tags?.some(
        (tag) => tag.key === filter.key && (filter.value === undefined || tag.value === filter.value),
      ),
    )
  );
}

/** An error as the adapter throws it. */
export function anEciError(
  part: {
    readonly api?: ApiName;
    readonly kind?: EciErrorKind;
    readonly code?: string;
    readonly region?: string;
    readonly outcomeUnknown?: boolean;
    readonly httpStatus?: number;
    readonly requestId?: string;
  } = {},
): EciError {
  const {
    api = 'DescribeContainerGroups',
    kind = 'unavailable',
    code = 'InternalError',
    region = 'cn-hangzhou',
    outcomeUnknown = false,
    ...answer
  } = part;
  return new EciError(`${api} in ${region} failed: ${code}`, {
    kind,
    apiCode: code,
    apiName: api,
    region,
    outcomeUnknown,
    ...answer,
  });
}
