import type { Clock } from '../clock.ts';
import { CleanupError } from '../errors.ts';
import type { AuditLog, EciApi } from '../ports.ts';
import type { RunPorts } from '../run/request.ts';
import { createSystemClock, systemChance } from './clock.ts';
import type { Config } from './config.ts';
import { type Credentials, readCredentials } from './credentials.ts';
import { eciEndpoints } from './eci/endpoints.ts';
import { createFileLog } from './log/file-log.ts';

export interface ConnectOptions {
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly echo?: NonNullable<RunPorts['echo']>;
}

/**
 * Makes what a run needs of the world; nothing is sent. The SDKs are loaded at their first call.
 *
 * Without `credentials`, those of the environment.
 *
 * @throws {CleanupError} code `INVALID_SETTING` when there are no credentials.
 */
export function connect(
  config: Config,
  credentials: Credentials = readCredentials(process.env),
  { clock = createSystemClock(), echo }: ConnectOptions = {},
): RunPorts {
  return {
    eci: lazyEci(config, async () => credentials),
    audit: connectAudit(config),
    clock,
    chance: systemChance,
    ...(echo === undefined ? {} : { echo }),
  };
}

/**
 * The place of the records alone; a file needs no credentials.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` for a log store: nothing is removed without records.
 */
export function connectAudit(config: Config): AuditLog | null {
  if (config.log === undefined) return null;
  if ('file' in config.log) return createFileLog(config.log.file);
  throw new CleanupError(
    'AUDIT_UNAVAILABLE',
    `Records cannot be kept in the log store ${config.log.store} of ${config.log.project}: this build has no log client. Set TAGSWEEP_LOG_FILE instead.`,
  );
}

/** The ECI client, which is loaded when it is first called: most commands never do. */
function lazyEci(config: Config, credentials: () => Promise<Credentials>): EciApi {
  let loaded: Promise<EciApi> | undefined;
  const load = () => {
    loaded ??= import('./eci/client.ts').then(({ createEciClient }) =>
      createEciClient({ ...eciEndpoints(config.eciNetwork, config.eciEndpoint), credentials }),
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
