import { DescribeRegionsRequest } from '@alicloud/eci20180808';
import { EciError } from '../../errors.ts';
import { RESOURCE_KINDS } from '../../kinds.ts';
import type { ApiName, EciApi, ListQuery, Receipt } from '../../ports.ts';
import { REGION_ID, type Region } from '../../resource.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { toTagRows } from './answers.ts';
import { withinBounds } from './exchange.ts';
import {
  apiError,
  credentialsError,
  InvalidAnswerError,
  refusedRequest,
  toEciError,
  worthAnotherTry,
} from './failures.ts';
import { listContainerGroupStatus, listResources, toFilter } from './list.ts';
import { CodeInAnswerError, createSdk, type Sdk } from './sdk.ts';

export interface EciClientOptions {
  /** Host, and port where there is one, for the requests of a region. */
  readonly endpointFor: (region: Region) => string;
  /** `http` is for loopback addresses only; the settings see to that. */
  readonly protocol: 'http' | 'https';
  /** Asked before each request. */
  readonly credentials: () => Promise<Credentials>;
  /** Is asked which regions there are: any one answers for all; default `cn-hangzhou`. */
  readonly homeRegion?: Region;
  /** Whether changes are sent as form parameters; default as a query. */
  readonly formBody?: boolean;
  /** How long one request may take, from its sending to the last byte of its answer; default 10 s. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
}

const HOME_REGION = 'cn-hangzhou';
/** What the SDK gets to end a request by itself, before it is destroyed. */
const GRACE_MS = 250;

/**
 * ECI over the official SDK: one attempt a call, every failure an `EciError`.
 *
 * One SDK client per region, made when it is first needed. Temporary credentials that have expired are asked
 * for once more within the call. A list of ids or keys that is empty is refused here: the API would take
 * it for all of them.
 */
export function createEciClient(options: EciClientOptions): EciApi {
  const { timeoutMs = 10_000, userAgent = 'tagsweep' } = options;
  const sdks = new Map<Region, Sdk>();
  /** Regions whose list of statuses refuses `Limit`. */
  const unlimited = new Set<Region>();

  let secrets: readonly string[] = [];

  const credentials = async (): Promise<Credentials> => {
    try {
      const found = await options.credentials();
      secrets = secretsOf(found);
      return found;
    } catch (cause) {
      throw new NoCredentialsError(cause instanceof Error ? cause.message : String(cause));
    }
  };

  const sdkOf = (region: Region): Sdk => {
    const found = sdks.get(region);
    if (found !== undefined) return found;
    const made = createSdk({
      endpoint: options.endpointFor(region),
      protocol: options.protocol,
      credentials,
      userAgent,
      timeoutMs,
    });
    sdks.set(region, made);
    return made;
  };

  const once = async <T>(api: ApiName, region: Region, ask: (sdk: Sdk) => Promise<T>): Promise<T> => {
    try {
      return await withinBounds(timeoutMs + GRACE_MS, () => ask(sdkOf(region)));
    } catch (thrown) {
      const attempt = { api, region, secrets };
      if (thrown instanceof NoCredentialsError) throw credentialsError(attempt, thrown.message);
      if (thrown instanceof CodeInAnswerError) throw apiError(attempt, thrown.failure);
      throw toEciError(thrown, attempt);
    }
  };

  const call = async <T>(api: ApiName, region: Region, ask: (sdk: Sdk) => Promise<T>): Promise<T> => {
    // The last door: the region becomes the host that gets the signature and the token.
    if (!REGION_ID.test(region)) throw refusedRequest({ api, region }, 'that is no region id');
    try {
      return await once(api, region, ask);
    } catch (error) {
      if ((error as { apiCode?: string }).apiCode !== 'InvalidSecurityToken.Expired') throw error;
      return await once(api, region, ask);
    }
  };

  const write = (
    api: 'UntagResources' | 'TagResources',
    region: Region,
    query: Readonly<Record<string, unknown>>,
  ) =>
    call(api, region, async (sdk): Promise<Receipt> => {
      const body = await sdk.call(api, query, { inBody: options.formBody === true });
      return { requestId: String(body.RequestId) };
    });

  return {
    describeRegions: () =>
      call('DescribeRegions', options.homeRegion ?? HOME_REGION, async ({ client, runtime }) => {
        const { body } = await client.describeRegionsWithOptions(new DescribeRegionsRequest({}), runtime);
        return (body.regions ?? []).map(({ regionId }) => checkedRegion(regionId)).sort();
      }),

    async listResources(query) {
      const { api, ids, byStatus } = RESOURCE_KINDS[query.type].list;
      checkIds(api, query, ids.most);
      if (query.status !== undefined && !byStatus) {
        throw refusedRequest({ api, region: query.region }, `a ${query.type} cannot be listed by status`);
      }
      return call(api, query.region, (sdk) => listResources(sdk, query));
    },

    async listContainerGroupStatus(query) {
      const api = 'DescribeContainerGroupStatus';
      checkIds(api, query, RESOURCE_KINDS.ContainerGroup.list.ids.most);
      const limited = !unlimited.has(query.region);
      try {
        return await call(api, query.region, (sdk) => listContainerGroupStatus(sdk, query, limited));
      } catch (error) {
        if (!limited || !(error instanceof EciError) || !isParameterRefused(error)) throw error;
        unlimited.add(query.region);
        throw worthAnotherTry(error, 'It is asked for without `Limit` from now on.');
      }
    },

    async listTagResources(query) {
      checkIds('ListTagResources', query, MOST_IDS);
      return call('ListTagResources', query.region, async (sdk) =>
        toTagRows(
          await sdk.call('ListTagResources', {
            RegionId: query.region,
            ResourceType: query.type,
            ResourceId: query.ids,
            Tag: query.tags?.map(toFilter),
            NextToken: query.nextToken,
          }),
        ),
      );
    },

    async untagResources({ region, type, ids, keys, clientToken }) {
      const attempt = { api: 'UntagResources', region } as const;
      checkList(attempt, 'resource ids', ids, MOST_IDS);
      checkList(attempt, 'tag keys', keys, MOST_KEYS);
      return write('UntagResources', region, {
        RegionId: region,
        ResourceType: type,
        ResourceId: ids,
        TagKey: keys,
        ClientToken: clientToken,
      });
    },

    async tagResources({ region, type, ids, tags }) {
      const attempt = { api: 'TagResources', region } as const;
      checkList(attempt, 'resource ids', ids, MOST_IDS);
      checkList(
        attempt,
        'tags',
        tags.map(({ key }) => key),
        MOST_KEYS,
      );
      return write('TagResources', region, {
        RegionId: region,
        ResourceType: type,
        ResourceId: ids,
        Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })),
      });
    },
  };
}

function checkedRegion(regionId: string | undefined): Region {
  if (regionId !== undefined && REGION_ID.test(regionId)) return regionId;
  throw new InvalidAnswerError('the answer lists a region that is none');
}

/** A refusal for the sake of a parameter: one that is missing, wrong, or not taken. */
function isParameterRefused({ kind, apiCode }: EciError): boolean {
  return kind === 'rejected' && /^(Missing|Invalid|Unsupported)/.test(apiCode);
}

/** The bounds of the tag operations. */
const MOST_IDS = 100;
const MOST_KEYS = 20;

/** The credentials could not be had: not a failure of the call. */
class NoCredentialsError extends Error {}

function checkIds(api: ApiName, query: Pick<ListQuery, 'region' | 'ids'>, most: number): void {
  if (query.ids !== undefined) checkList({ api, region: query.region }, 'resource ids', query.ids, most);
}

/** The SDK leaves an empty list out, and numbers around an empty item: both would change what is asked for. */
function checkList(
  attempt: { api: ApiName; region: Region },
  what: string,
  items: readonly string[],
  most: number,
): void {
  if (items.length === 0)
    throw refusedRequest(attempt, `it names no ${what}, which the API would take for all`);
  if (items.length > most)
    throw refusedRequest(attempt, `it names ${items.length} ${what}, and at most ${most} may be`);
  if (items.some((item) => typeof item !== 'string' || item === '')) {
    throw refusedRequest(attempt, `one of its ${what} is empty`);
  }
}
