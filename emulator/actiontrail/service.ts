import type { WriteCall } from '../counters.ts';
import { ApiError } from '../errors.ts';
import type { Service } from '../http.ts';
import type { Identity } from '../identities.ts';
import { createRpcService, type RpcParameters } from '../rpc.ts';
import type { ServiceContext } from '../service-context.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 30;
const KEPT_DAYS = 90;
const MOST_RESULTS = 50;
const DEFAULT_RESULTS = 20;
const CONDITIONS = 2;

type Event = Readonly<Record<string, unknown>>;

/** What a condition looks at; keys and values are exact. */
const ATTRIBUTES: Readonly<Record<string, (event: Event) => unknown>> = {
  EventName: ({ eventName }) => eventName,
  ServiceName: ({ serviceName }) => serviceName,
  EventId: ({ eventId }) => eventId,
  EventRW: () => 'Write',
  EventType: ({ eventType }) => eventType,
  User: ({ userIdentity }) => (userIdentity as { readonly userName: string }).userName,
  EventAccessKeyId: ({ userIdentity }) => (userIdentity as { readonly accessKeyId: string }).accessKeyId,
};

/**
 * The part of ActionTrail that tells of calls: LookupEvents (2020-07-06), over the write calls that this emulator's ECI
 * took, newest first.
 *
 * @see public reference of ActionTrail 2020-07-06, LookupEvents, and "How do I configure the LookupAttribute parameter".
 */
export function createActionTrailService(context: ServiceContext, delayMs: () => number): Service {
  return createRpcService(context, {
    name: 'actiontrail',
    version: '2020-07-06',
    operations: {
      LookupEvents: {
        resource: () => '*',
        answer(parameters, { accountId }) {
          const { fromMs, toMs } = readRange(parameters, context.now());
          const matching = context.counters.writes
            .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs && atMs + delayMs() <= context.now())
            .filter(({ region }) => [undefined, region].includes(parameters('RegionId')))
            .map((call) => eventOf(call, accountId, context.identities))
            .filter(conditionOf(parameters))
            .reverse();
          const from = readToken(parameters('NextToken'));
          const most = readMost(parameters('MaxResults'));
          const next = from + most;
          return {
            StartTime: secondsOf(fromMs),
            EndTime: secondsOf(toMs),
            Events: matching.slice(from, next),
            ...(next < matching.length && { NextToken: String(next) }),
          };
        },
      },
    },
  });
}

function readRange(
  parameters: RpcParameters,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = readTime(parameters, 'EndTime') ?? nowMs;
  const fromMs = readTime(parameters, 'StartTime') ?? toMs - 7 * DAY_MS;
  if (fromMs > toMs) throw new ApiError('InvalidQueryParameter', 'StartTime lies after EndTime.');
  if (toMs - fromMs > MOST_DAYS * DAY_MS || nowMs - fromMs > KEPT_DAYS * DAY_MS) {
    throw new ApiError('InvalidQueryParameter', 'The range is longer than 30 days, or 90 days are over.');
  }
  return { fromMs, toMs };
}

function readTime(parameters: RpcParameters, name: string): number | undefined {
  const text = parameters(name);
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text))
    throw new ApiError('InvalidQueryParameter', `${name} is not written as 2020-10-08T11:00:00Z.`);
  return Date.parse(text);
}

/** More than two conditions are passed over, as the page says. */
function conditionOf(parameters: RpcParameters): (event: Event) => boolean {
  const wanted = Array.from({ length: CONDITIONS }, (_, at) => ({
    key: parameters(`LookupAttribute.${at + 1}.Key`),
    value: parameters(`LookupAttribute.${at + 1}.Value`),
  })).filter(({ key }) => key !== undefined);
  const unknown = wanted.find(({ key }) => !Object.hasOwn(ATTRIBUTES, key ?? ''));
  if (unknown !== undefined)
    throw new ApiError('InvalidQueryParameter', `LookupAttribute ${unknown.key} is none.`);
  return (event) => wanted.every(({ key, value }) => ATTRIBUTES[key ?? '']?.(event) === value);
}

function readToken(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d+$/.test(text)) throw new ApiError('InvalidQueryParameter', 'NextToken is none of ours.');
  return Number(text);
}

function readMost(text: string | undefined): number {
  const most = Number(text ?? DEFAULT_RESULTS);
  if (!Number.isInteger(most) || most < 0 || most > MOST_RESULTS)
    throw new ApiError('InvalidQueryParameter', 'MaxResults must lie between 0 and 50.');
  return most === 0 ? DEFAULT_RESULTS : most;
}

function eventOf(call: WriteCall, accountId: string, identities: readonly Identity[]): Event {
  const { requestId, api, region, code, atMs, accessKeyId } = call;
  const caller = identities.find((identity) => identity.accessKeyId === accessKeyId);
  const isRole = caller?.securityToken !== undefined;
  return {
    eventId: requestId,
    eventVersion: '1',
    eventType: 'ApiCall',
    eventName: api,
    eventTime: secondsOf(atMs),
    eventSource: `eci.${region}.aliyuncs.com`,
    serviceName: 'Eci',
    acsRegion: region,
    apiVersion: '2018-08-08',
    requestId,
    sourceIpAddress: '127.0.0.1',
    userAgent: 'tagsweep',
    errorCode: code === 'OK' ? '' : code,
    userIdentity: {
      type: isRole ? 'assumed-role' : 'ram-user',
      accountId,
      principalId: isRole ? '300000000000000000:session' : '200000000000000000',
      userName: isRole ? `${caller.name ?? 'tagsweep'}:session` : (caller?.name ?? 'operator'),
      accessKeyId,
    },
  };
}

function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
