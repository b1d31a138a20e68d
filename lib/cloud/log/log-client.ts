import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type Client from '@alicloud/log';
import type { LogCredentials, LogQueries } from '@alicloud/log';
import type { Chance, Clock } from '../../clock.ts';
import { isLoopback } from '../base-url.ts';
import { type Credentials, secretsOf } from '../credentials.ts';
import { defaultExport } from '../default-export.ts';
import { silencePackages } from '../silence-packages.ts';
import { attempt } from './attempts.ts';
import { type Answer, createExchanger, type Exchanger } from './exchange.ts';
import { type LogFailure, noAnswer, refusalOf } from './log-failure.ts';

/**
 * For a small record, all tries together: a slow store is waited for as long as the run has time, a dead one does not
 * eat it up. A slow line is given a second more for each 100 KB.
 */
const LEAST_WRITE_MS = 3_000;
const MOST_WRITE_MS = 60_000;
const WRITE_PART_OF_TIME = 0.25;
const READ_BUDGET_MS = 60_000;
const BYTES_PER_SECOND = 100_000;

export interface LogClientOptions {
  /** Base URL; a name is prefixed with the project, an address is connected to as it is. */
  readonly endpoint: URL;
  readonly credentials: () => Promise<Credentials>;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Epoch milliseconds. */
  readonly deadlineAtMs?: number | undefined;
}

/** The calls of the log service that this code makes, by the SDK's names; permissions are kept by them. */
export type LogCall = 'postLogStoreLogs' | 'getLogs';

/** The SDK's client, whose calls resolve with the whole answer, and reject with a `LogFailure`. */
export type LogClient = Pick<Client, LogCall>;

/**
 * Makes a client of the log service: the SDK's encoder and signature over a transport of our own.
 *
 * The SDK's own transport never looks at the status, so that an empty 503 counts as success, and neither
 * retries nor ends in time. Its `_request` is replaced, which every call of it goes through in version
 * 1.2.6; a contract test holds it to that. The SDK is loaded here, so that a run without a log store does
 * not pay for it.
 */
export async function createLogClient(options: LogClientOptions): Promise<LogClient> {
  return createClient(options);
}

/** The same client for the management of projects, stores, indexes, searches, dashboards and alarms: any request of the SDK. */
export async function createLogAdmin(options: LogClientOptions): Promise<Pick<Client, '_request'>> {
  return createClient(options);
}

async function createClient(options: LogClientOptions): Promise<Client> {
  silencePackages();
  const Base = defaultExport<typeof Client>(await import('@alicloud/log'));
  const exchange = createExchanger();
  /** What the service's clock is ahead of ours; known once it refused a date. */
  let aheadMs = 0;
  let used: LogCredentials | undefined;

  class DirectClient extends Base {
    override async _request(
      verb: string,
      project: string | undefined,
      path: string,
      queries: LogQueries,
      body: Buffer | null,
      headers: Readonly<Record<string, string | number>>,
    ): Promise<Answer> {
      const request = {
        verb,
        project: project ?? '',
        path,
        queries: textQueries(queries),
        body,
        headers: textHeaders(headers),
      };
      const once = async (timeoutMs: number, before: LogFailure | undefined): Promise<Answer> => {
        if (before?.kind === 'clock' && before.serverNowMs !== undefined) {
          aheadMs = before.serverNowMs - options.clock.now();
        }
        const credentials = await this._getCredentials();
        used = credentials;
        const signed = signRequest(this, request, credentials, options.clock.now() + aheadMs);
        return send(exchange, options.endpoint, request, signed, timeoutMs, secretsOf(credentials));
      };
      return attempt(once, {
        clock: options.clock,
        chance: options.chance,
        budgetMs:
          verb === 'POST'
            ? writeBudgetMs(options) + ((body?.length ?? 0) / BYTES_PER_SECOND) * 1000
            : READ_BUDGET_MS,
        deadlineAtMs: options.deadlineAtMs,
        hasNewCredentials: async () => {
          const fresh = await this._getCredentials();
          return fresh.accessKeyId !== used?.accessKeyId || fresh.securityToken !== used.securityToken;
        },
      });
    }
  }

  return new DirectClient({
    endpoint: options.endpoint.origin,
    // Async, literally: the SDK refuses any other function.
    credentialsProvider: { getCredentials: async () => await options.credentials() },
  });
}

function writeBudgetMs({ deadlineAtMs, clock }: LogClientOptions): number {
  if (deadlineAtMs === undefined) return MOST_WRITE_MS;
  const partMs = (deadlineAtMs - clock.now()) * WRITE_PART_OF_TIME;
  return Math.min(MOST_WRITE_MS, Math.max(LEAST_WRITE_MS, partMs));
}

interface LogRequest {
  readonly verb: string;
  readonly project: string;
  readonly path: string;
  readonly queries: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

function signRequest(
  client: Client,
  request: LogRequest,
  credentials: LogCredentials,
  nowMs: number,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    date: new Date(nowMs).toUTCString(),
    'x-log-apiversion': '0.6.0',
    'x-log-bodyrawsize': '0',
    'x-log-signaturemethod': 'hmac-sha1',
    'user-agent': 'tagsweep',
    ...request.headers,
  };
  if (credentials.securityToken) headers['x-acs-security-token'] = credentials.securityToken;
  if (request.body !== null) {
    headers['content-md5'] = createHash('md5').update(request.body).digest('hex').toUpperCase();
    headers['content-length'] = String(request.body.length);
  }
  headers.authorization = client._sign(request.verb, request.path, request.queries, headers, credentials);
  return headers;
}

async function send(
  exchange: Exchanger,
  endpoint: URL,
  request: LogRequest,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  secrets: readonly string[],
): Promise<Answer> {
  const query = new URLSearchParams(request.queries).toString();
  const answer = await exchange({
    method: request.verb,
    connectTo: connectionOf(endpoint, request.project),
    target: query === '' ? request.path : `${request.path}?${query}`,
    headers: { ...headers, host: hostOf(endpoint, request.project) },
    body: request.body ?? undefined,
    timeoutMs,
  }).catch((error: unknown) => {
    throw noAnswer(error, secrets);
  });
  const refusal = refusalOf(answer, secrets);
  if (refusal !== undefined) throw refusal;
  return answer;
}

function hostOf(endpoint: URL, project: string): string {
  return project === '' ? endpoint.host : `${project}.${endpoint.host}`;
}

/** `project.127.0.0.1` has no address: an address, and this machine, are connected to as they are. */
function connectionOf(endpoint: URL, project: string): URL {
  const isAddress = isIP(endpoint.hostname.replace(/^\[|\]$/g, '')) !== 0;
  if (isAddress || isLoopback(endpoint.hostname)) return endpoint;
  return new URL(`${endpoint.protocol}//${hostOf(endpoint, project)}`);
}

function textQueries(queries: LogQueries): Readonly<Record<string, string>> {
  const given = Object.entries(queries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, String(value)]));
}

function textHeaders(headers: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), String(value)]),
  );
}
