import type { CallTrail, TrailEvent } from '../ports.ts';
import { describeError } from '../redact.ts';
import type { Region } from '../resource.ts';
import { isLoopback } from './base-url.ts';
import type { Config } from './config.ts';
import { type Credentials, secretsOf } from './credentials.ts';
import { silencePackages } from './silence-packages.ts';

/** What is asked of ActionTrail, by its own name; permissions are kept by it. */
export type TrailCall = 'LookupEvents';

/** The service's own bounds: events a page, and pages that are looked through before it is enough. */
const MOST_RESULTS = 50;
const MOST_PAGES = 40;

/**
 * The account's trail of calls, over the official generic client.
 *
 * Where ECI is asked on this machine, so is ActionTrail: that is the emulator.
 *
 * @see ActionTrail 2020-07-06, LookupEvents (docs/audit.md says how each fact is known).
 */
export function createCallTrail(
  { eciEndpoint }: Pick<Config, 'eciEndpoint'>,
  credentials: () => Promise<Credentials>,
): CallTrail {
  const endpointOf = (region: Region): URL =>
    eciEndpoint !== undefined && isLoopback(eciEndpoint.hostname)
      ? eciEndpoint
      : new URL(`https://actiontrail.${region}.aliyuncs.com`);

  const page = async (
    region: Region,
    query: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> => {
    silencePackages();
    const keys = await credentials();
    const { callOpenApi, flatten, placeOf } = await import('./open-api.ts');
    const action = 'LookupEvents' satisfies TrailCall;
    const endpoint = endpointOf(region);
    try {
      const place = placeOf(endpoint, async () => keys);
      const answer = await callOpenApi(place, { action, version: '2020-07-06' }, { query: flatten(query) });
      return (answer.body ?? {}) as Readonly<Record<string, unknown>>;
    } catch (error) {
      throw new Error(`${action} at ${endpoint.host}: ${describeError(error, 300, secretsOf(keys))}`);
    }
  };

  return {
    async *lookUp({ region, eventName, fromMs, toMs }) {
      const query = {
        RegionId: region,
        StartTime: secondsOf(fromMs),
        EndTime: secondsOf(toMs),
        MaxResults: MOST_RESULTS,
        LookupAttribute: [{ Key: 'EventName', Value: eventName }],
      };
      let token: string | undefined;
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const { Events, NextToken } = await page(region, { ...query, NextToken: token });
        yield (Array.isArray(Events) ? Events : []).flatMap((event) => readEvent(event) ?? []);
        token = typeof NextToken === 'string' && NextToken !== '' ? NextToken : undefined;
        if (token === undefined) return;
      }
      throw new Error(
        `LookupEvents in ${region} told of more than ${MOST_PAGES * MOST_RESULTS} calls of ${eventName}; the rest was not looked through`,
      );
    },
  };
}

/** Nothing for what has no request id: it could not be joined to anything. */
function readEvent(event: unknown): TrailEvent | undefined {
  const { requestId, eventId, eventTime, sourceIpAddress, userAgent, userIdentity } = fieldsOf(event);
  if (typeof requestId !== 'string' || requestId === '') return undefined;
  const { type, userName, accountId, accessKeyId } = fieldsOf(userIdentity);
  return {
    requestId,
    eventId: textOf(eventId),
    at: textOf(eventTime),
    caller: {
      type: textOf(type),
      name: textOf(userName),
      accountId: textOf(accountId),
      accessKeyId: textOf(accessKeyId),
    },
    sourceIp: textOf(sourceIpAddress),
    userAgent: textOf(userAgent),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 512) : '';
}

function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
