import { randomBytes } from 'node:crypto';
import type { Signer } from '../lib/audit/sign.ts';
import type { Clock } from '../lib/clock.ts';
import { createSystemClock } from '../lib/cloud/clock.ts';
import { type Config, readConfig } from '../lib/cloud/config.ts';
import { type CredentialGiver, connect, connectAudit } from '../lib/cloud/connect.ts';
import { createCredentialChain } from '../lib/cloud/credential-chain.ts';
import { secretsOf } from '../lib/cloud/credentials.ts';
import { getCallerIdentity } from '../lib/cloud/identity.ts';
import type { Narrowing } from '../lib/inventory/inventory.ts';
import { nearest } from '../lib/policy/suggest.ts';
import type { AuditLog } from '../lib/ports.ts';
import { RESOURCE_TYPES, type ResourceType } from '../lib/resource.ts';
import type { RunOptions, RunPorts } from '../lib/run/request.ts';
import type { WantedAttempts } from '../lib/run/trusted-run.ts';
import { safeText } from '../lib/text.ts';
import { VERSION } from '../lib/version.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { type Io, UsageError } from './io.ts';
import { readRegion } from './load-policy.ts';

/** Which variable each flag stands for. */
const VARIABLE_OF: Readonly<Record<string, string>> = {
  'policies-dir': 'TAGSWEEP_POLICIES_DIR',
  'log-file': 'TAGSWEEP_LOG_FILE',
  'log-project': 'TAGSWEEP_LOG_PROJECT',
  'log-store': 'TAGSWEEP_LOG_STORE',
  'log-region': 'TAGSWEEP_REGION',
  region: 'TAGSWEEP_REGION',
  'eci-endpoint': 'TAGSWEEP_ECI_ENDPOINT',
  'eci-network': 'TAGSWEEP_ECI_NETWORK',
  'tag-rows': 'TAGSWEEP_TAG_ROWS',
  'form-body': 'TAGSWEEP_FORM_BODY',
  'offline-regions': 'TAGSWEEP_OFFLINE_REGIONS',
  'doctor-profile': 'TAGSWEEP_PROFILE',
  'sls-endpoint': 'TAGSWEEP_SLS_ENDPOINT',
  'fc-endpoint': 'TAGSWEEP_FC_ENDPOINT',
};

/** What a command that reaches the cloud works with. */
export interface World {
  readonly config: Config;
  readonly ports: RunPorts;
  /** What every record and report of a run says of whose it is. */
  readonly whose: Pick<RunOptions, 'accountId' | 'identity'>;
}

/**
 * Connects as the environment and the flags say.
 *
 * @throws {CleanupError} code `INVALID_SETTING` when a setting is wrong, or credentials are missing.
 */
export async function openWorld(args: Arguments, io: Io): Promise<World> {
  const config = readConfig(effectiveEnvironment(args, io));
  const credentials = credentialsOf(args, io);
  // Asked before anything else, so that a run without any ends before it begins.
  const found = await credentials();
  const { accountId } = readAccount(args);
  const caller = await getCallerIdentity(config, found);
  return { config, ports: connect(config, credentials), whose: whoseRun(caller, accountId, io) };
}

/** What gives the person's credentials; none of them is ever printed. */
export function credentialsOf(args: Arguments, io: Io): CredentialGiver {
  const { profile } = args.texts;
  const give = createCredentialChain({
    env: effectiveEnvironment(args, io),
    ...(profile === undefined ? {} : { profile }),
  });
  return async () => {
    const found = await give();
    for (const secret of secretsOf(found)) io.secrets.add(secret);
    return found;
  };
}

/** The environment with the flags over it. A place for records that is named by flag replaces any other. */
export function effectiveEnvironment({ texts }: Arguments, io: Io): Io['env'] {
  const env: Record<string, string | undefined> = { ...io.env };
  if (texts['log-file'] !== undefined) {
    env.TAGSWEEP_LOG_PROJECT = undefined;
    env.TAGSWEEP_LOG_STORE = undefined;
  }
  if (texts['log-project'] !== undefined || texts['log-store'] !== undefined)
    env.TAGSWEEP_LOG_FILE = undefined;
  for (const [flag, variable] of Object.entries(VARIABLE_OF)) {
    if (texts[flag] !== undefined) env[variable] = texts[flag];
  }
  return env;
}

/** A new run's id: when, and by chance, so that two runs of one second differ. */
export function newRunId(nowMs: number): string {
  return `cli-${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z-${randomBytes(4).toString('hex')}`;
}

/**
 * The account that the person says they work in; it cannot be asked of the cloud by the calls that we make.
 *
 * @throws {UsageError} when it is no account id.
 */
export function readAccount({ texts }: Arguments): Pick<RunOptions, 'accountId'> {
  const { account } = texts;
  if (account === undefined) return {};
  if (!/^\d{4,20}$/.test(account)) {
    const what = /^\d+$/.test(account) ? 'an account id has 4 to 20 digits' : 'an account id is all digits';
    throw new UsageError(`--account ${safeText(account)}: ${what}.`);
  }
  return { accountId: account };
}

/** The attempts of a run that a person vouches for. */
export function readAttempts({ lists }: Arguments): WantedAttempts {
  return lists.attempt?.includes('all') ? 'all' : lists.attempt;
}

/**
 * Whose run it is, as the cloud itself says; what a person claims with `--account` is held against that.
 *
 * @throws {UsageError} when the credentials are of another account than was named.
 */
function whoseRun(
  caller: Awaited<ReturnType<typeof getCallerIdentity>>,
  claimed: string | undefined,
  io: Io,
): World['whose'] {
  const origin = { service_name: 'tagsweep', service_version: VERSION };
  if ('fault' in caller) {
    io.err(
      `${io.errPaint.yellow('warning')} Whose account this is could not be told: ${safeText(caller.fault)}\n`,
    );
    return {
      ...(claimed !== undefined && { accountId: claimed }),
      identity: { ...origin, actor: '', account_id: claimed ?? '' },
    };
  }
  if (claimed !== undefined && claimed !== caller.accountId) {
    throw new UsageError(
      `--account ${claimed}: the credentials are of account ${caller.accountId} (${safeText(caller.arn)}). Nothing was done.`,
    );
  }
  return {
    accountId: caller.accountId,
    identity: { ...origin, actor: caller.arn, account_id: caller.accountId },
  };
}

export const NARROWING_OPTIONS: OptionSpecs = {
  regions: { type: 'list', value: 'A,B', help: "only these of the policy's regions" },
  'resource-types': { type: 'list', value: 'A,B', help: "only these of the policy's types" },
  'resource-ids': { type: 'list', value: 'A,B', help: 'only these resources' },
};

/** What the narrowing flags take away from a policy's scope. */
export function readNarrowing(args: Arguments, io: Io): Narrowing {
  const { regions, 'resource-types': types, 'resource-ids': resourceIds } = args.lists;
  return {
    ...(regions !== undefined && {
      regions: regions.map((word) => readRegion(word, '--regions ', args, io)),
    }),
    ...(types !== undefined && { resourceTypes: types.map(toResourceType) }),
    ...(resourceIds !== undefined && { resourceIds }),
  };
}

function toResourceType(word: string): ResourceType {
  const type = RESOURCE_TYPES.find((one) => one === word);
  if (type !== undefined) return type;
  const meant = nearest(word, RESOURCE_TYPES);
  const hint = meant === undefined ? `it is one of ${RESOURCE_TYPES.join(', ')}` : `did you mean ${meant}?`;
  throw new UsageError(`There is no resource type ${safeText(word)}: ${hint}`);
}

/**
 * The place of the records, and nothing of ECI.
 *
 * @throws {UsageError} when none is named.
 */
export function openAudit(
  args: Arguments,
  io: Io,
  what: string,
): {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly config: Config;
  readonly signer?: Signer;
} {
  const env = effectiveEnvironment(args, io);
  const config = readConfig(env);
  const audit = connectAudit(config, credentialsOf(args, io));
  if (audit === null) throw noRecords(what);
  return { audit, config, clock: createSystemClock(), ...(config.signer && { signer: config.signer }) };
}

/** What to say where a command needs the records and none are named. */
export function noRecords(what: string): UsageError {
  return new UsageError(
    `${what} reads the records: name their place with --log-file FILE, or --log-project and --log-store.`,
  );
}
