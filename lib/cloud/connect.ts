import type { Clock } from '../clock.ts';
import type { AuditLog, EciApi, Invoker } from '../ports.ts';
import type { RunPorts } from '../run/request.ts';
import { createSystemClock, systemChance } from './clock.ts';
import type { Config } from './config.ts';
import type { Credentials } from './credentials.ts';
import { eciEndpoints } from './eci/endpoints.ts';
import { createFileLog } from './log/file-log.ts';
import { createSlsLog } from './log/sls-log.ts';
import { createNotifier } from './notify/notifier.ts';
import { readProfileFile } from './profile-file.ts';
import { silencePackages } from './silence-packages.ts';

export interface ConnectOptions {
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly echo?: NonNullable<RunPorts['echo']>;
  /** What log records name as their source, such as the function's name. */
  readonly source?: string;
  /** Until when the log service may be tried, epoch milliseconds: a dead one must not outlast the run. */
  readonly deadlineAtMs?: number;
}

/** What gives credentials, asked at each request, so that temporary ones may be renewed in between. */
export type CredentialGiver = () => Promise<Credentials>;

/** Makes what a run needs of the world; nothing is sent. The SDKs are loaded at their first call. */
export function connect(
  config: Config,
  credentials: CredentialGiver,
  { clock = createSystemClock(), echo, source, deadlineAtMs }: ConnectOptions = {},
): RunPorts {
  return {
    eci: lazyEci(config, credentials),
    audit: connectAudit(config, credentials, {
      clock,
      ...(source === undefined ? {} : { source }),
      ...(deadlineAtMs === undefined ? {} : { deadlineAtMs }),
    }),
    ...(config.signer !== undefined && { signer: config.signer }),
    ...(config.notify !== undefined && {
      notifier: createNotifier(config.notify, {
        clock,
        credentials,
        ...(config.mailEndpoint !== undefined && { mailEndpoint: config.mailEndpoint }),
      }),
    }),
    clock,
    chance: systemChance,
    tagRows: config.tagRows,
    formBody: config.formBody,
    ...(config.profile !== undefined && { profile: readProfileFile(config.profile) }),
    ...(echo === undefined ? {} : { echo }),
  };
}

/**
 * The place of the records alone, `null` where none is named. A file needs no credentials; a log store asks
 * for them when it is first used.
 */
export function connectAudit(
  config: Config,
  credentials: CredentialGiver,
  { clock = createSystemClock(), source, deadlineAtMs }: Omit<ConnectOptions, 'echo'> = {},
): AuditLog | null {
  if (config.log === undefined) return null;
  if ('file' in config.log) return createFileLog(config.log.file);
  return createSlsLog({
    endpoint: config.slsEndpoint ?? `https://${config.region}.log.aliyuncs.com`,
    project: config.log.project,
    logstore: config.log.store,
    credentials,
    clock,
    chance: systemChance,
    ...(source === undefined ? {} : { source }),
    ...(deadlineAtMs === undefined ? {} : { deadlineAtMs }),
  });
}

/** The ECI client, which is loaded when it is first called: most commands never do. */
function lazyEci(config: Config, credentials: CredentialGiver): EciApi {
  let loaded: Promise<EciApi> | undefined;
  const load = () => {
    silencePackages();
    loaded ??= import('./eci/client.ts').then(({ createEciClient }) =>
      createEciClient({
        ...eciEndpoints(config.eciNetwork, config.eciEndpoint),
        credentials,
        homeRegion: config.region,
        formBody: config.formBody,
      }),
    );
    return loaded;
  };
  return {
    describeRegions: async () => (await load()).describeRegions(),
    listResources: async (query) => (await load()).listResources(query),
    listContainerGroupStatus: async (query) => (await load()).listContainerGroupStatus(query),
    listTagResources: async (query) => (await load()).listTagResources(query),
    untagResources: async (request) => (await load()).untagResources(request),
    tagResources: async (request) => (await load()).tagResources(request),
  };
}

/** Which function is meant. */
export interface FunctionPlace {
  readonly functionName: string;
  /** Given for a function of generation 2.0. */
  readonly serviceName?: string;
  /** Default `LATEST`. */
  readonly qualifier?: string;
  readonly accountId: string;
  readonly region: string;
}

/** What invokes a function; nothing is loaded or sent before its first call, which most runs never make. */
export function connectInvoker(
  config: Config,
  credentials: CredentialGiver,
  place: FunctionPlace,
  options: { readonly clock: Clock; readonly deadlineAtMs?: number },
): Invoker {
  const { accountId, region, qualifier = 'LATEST' } = place;
  const endpoint = config.fcEndpoint?.origin ?? `https://${accountId}.${region}.fc.aliyuncs.com`;
  let loaded: Promise<Invoker> | undefined;
  const load = () => {
    silencePackages();
    loaded ??= import('./fc/invoker.ts').then(({ createInvoker }) =>
      createInvoker({
        ...options,
        address: { ...place, qualifier, endpoint },
        credentials,
        chance: systemChance,
        // The runtime may have loaded the package's printing before us.
        useFc2: !config.debugIsSet,
      }),
    );
    return loaded;
  };
  return {
    submit: async (payload, taskId, delaySeconds) => (await load()).submit(payload, taskId, delaySeconds),
    call: async (payload) => (await load()).call(payload),
  };
}
