import { existsSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Config, readConfig } from '../../lib/cloud/config.ts';
import type { CredentialGiver } from '../../lib/cloud/connect.ts';
import { connectSetup } from '../../lib/cloud/connect-setup.ts';
import { getCallerIdentity } from '../../lib/cloud/identity.ts';
import {
  carryOutSetup,
  type PlannedStep,
  planSetup,
  type SetupStep,
  toldOf,
  unwantedThings,
} from '../../lib/cloud/setup/carry-out.ts';
import { type SetupChoices, wantedThings } from '../../lib/cloud/setup/wanted.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import { confirm } from '../ask.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { JSON_OPTION, pickSettings, YES_OPTION } from '../options.ts';
import { table } from '../table.ts';
import { credentialsOf, effectiveEnvironment, readAccount } from '../world.ts';
import { readInput, writeOutput } from '../write-output.ts';

export const command: Command = {
  usage: 'setup --log-project NAME [options]',
  description:
    'Makes what stands around the function, without Terraform: its role with its policies, the log project with its\nstores, index, saved searches, dashboard and alarms, and the failure queue. It tells what it would do, and does it with\n--yes; what is there as it should be stays. What somebody else made under one of the names is never touched.',
  options: {
    account: {
      type: 'text',
      value: 'ID',
      help: 'the account, where another one is to be refused (TAGSWEEP_DEPLOY_ACCOUNT_ID)',
    },
    function: { type: 'text', value: 'NAME', help: "the function's name; default tagsweep" },
    role: { type: 'text', value: 'NAME', help: "its role's name, in lower case; default NAME-function" },
    'platform-log-store': {
      type: 'text',
      value: 'NAME',
      help: 'for what the function prints; default NAME-platform',
    },
    'retention-days': { type: 'text', value: 'DAYS', help: 'how long a run can be undone; default 180' },
    'allow-apply': { type: 'boolean', help: 'lets the role change tags; without it the right is taken away' },
    'alarm-action-policy': { type: 'text', value: 'ID', help: 'where alarms go; without it there are none' },
    'alarm-tags-removed': {
      type: 'text',
      value: 'COUNT',
      help: 'a run that removes more raises an alarm; default 10000',
    },
    'write-env': {
      type: 'text',
      value: 'FILE',
      help: 'write what s.yaml and the command line read; other lines stay',
    },
    remove: { type: 'boolean', help: 'take away what it made, but not the records' },
    'delete-records': { type: 'boolean', help: 'with --remove: the log project with its records too' },
    ...YES_OPTION,
    ...JSON_OPTION,
    region: {
      type: 'text',
      value: 'REGION',
      help: 'where all of it lives (TAGSWEEP_REGION; default cn-hangzhou)',
    },
    ...pickSettings('env', 'profile', 'log-project', 'log-store', 'sls-endpoint'),
  },
  examples: [
    { line: 'setup --log-project acme-tagsweep', says: 'what would be made' },
    { line: 'setup --env .env --yes --write-env .env', says: 'make it, and keep the settings' },
    { line: 'setup --env .env --remove', says: 'what would be taken away' },
  ],
  words: { least: 0, most: 0 },
  run: setup,
};

async function setup(args: Arguments, io: Io): Promise<ExitCode> {
  const removes = args.flags.has('remove');
  if (args.flags.has('delete-records') && !removes)
    throw new UsageError('--delete-records goes with --remove only.');
  const env = settingsOf(args, io);
  const config = readConfig(env);
  const credentials = credentialsOf(args, io);
  const accountId = await accountOf(args, env, config, credentials);
  const choices = { ...readChoices(args, env, config), accountId };
  const things = wantedThings(choices);
  const keeper = connectSetup(config, choices.logProject, credentials);
  const planned = await planSetup(
    removes ? unwantedThings(things, args.flags.has('delete-records')) : things,
    keeper,
  );
  const steps = planned.map(toldOf);
  const foreign = steps.filter(({ step }) => step === 'foreign');
  if (foreign.length > 0 && !removes) return refuse(steps, foreign, args, io);
  const changes = planned.filter(({ step }) => step !== 'keep' && step !== 'foreign');
  if (!(await isWanted(args, io, steps, changes, removes))) return foreign.length > 0 ? 1 : 0;
  const done = await carryOutSetup(changes, keeper, removes);
  if (!removes && done.every(({ failure }) => failure === undefined)) writeEnv(args, choices);
  return finish(done, foreign, args, io);
}

/** The settings, with the defaults that hold where things are made rather than found. */
function settingsOf(args: Arguments, io: Io): Io['env'] {
  const env = effectiveEnvironment(args, io);
  const logProject = env.TAGSWEEP_LOG_PROJECT || env.TAGSWEEP_DEPLOY_LOG_PROJECT;
  if (!logProject) throw new UsageError('setup needs a name for the log project: --log-project NAME.');
  const logStore = env.TAGSWEEP_LOG_STORE || env.TAGSWEEP_DEPLOY_LOG_STORE || 'tagsweep';
  return {
    ...env,
    TAGSWEEP_LOG_PROJECT: logProject,
    TAGSWEEP_LOG_STORE: logStore,
    TAGSWEEP_LOG_FILE: undefined,
  };
}

/** Whether it is to be done; what would be done is shown where nobody said so yet. */
async function isWanted(
  args: Arguments,
  io: Io,
  steps: readonly SetupStep[],
  changes: readonly PlannedStep[],
  removes: boolean,
): Promise<boolean> {
  if (args.flags.has('yes')) return true;
  if (args.flags.has('json')) {
    io.out(`${encodeJson({ done: false, steps }, 2)}\n`);
    return false;
  }
  io.page(stepTable(steps, io));
  if (changes.length === 0) {
    io.page('Nothing to do.\n');
    return false;
  }
  const what = removes ? 'take them away' : 'make them';
  if (io.canAsk) return confirm(`${changes.length} of these to do. Go on?`, what, io);
  io.page(`Nothing was done: ${changes.length} of these to do. Pass --yes to ${what}.\n`);
  return false;
}

function finish(
  done: readonly SetupStep[],
  foreign: readonly SetupStep[],
  args: Arguments,
  io: Io,
): ExitCode {
  const failed = done.filter(({ failure }) => failure !== undefined);
  if (args.flags.has('json')) io.out(`${encodeJson({ done: true, steps: [...done, ...foreign] }, 2)}\n`);
  else io.page(done.length === 0 ? 'Nothing to do.\n' : stepTable([...done, ...foreign], io));
  for (const { kind, name, failure } of failed)
    io.err(`${kind} ${safeText(name)}: ${safeText(failure ?? '')}\n`);
  if (failed.length > 0) io.err('Mend that and call setup again: what is done stays done.\n');
  return failed.length > 0 || foreign.length > 0 ? 1 : 0;
}

function refuse(
  steps: readonly SetupStep[],
  foreign: readonly SetupStep[],
  args: Arguments,
  io: Io,
): ExitCode {
  if (args.flags.has('json')) io.out(`${encodeJson({ done: false, steps }, 2)}\n`);
  for (const { kind, name } of foreign)
    io.err(`The ${kind} ${safeText(name)} is there already, and was not made for tagsweep.\n`);
  io.err('Nothing was done. Choose other names (--log-project, --function, --role), or take those away.\n');
  return 1;
}

function stepTable(steps: readonly SetupStep[], io: Io): string {
  const rows = steps.map(({ step, kind, name, of, failure }) => [
    failure === undefined ? step : 'failed',
    kind,
    safeText(of === undefined || of === name ? name : `${name} of ${of}`),
  ]);
  const columns = [{ head: 'STEP' }, { head: 'KIND', fit: 'wrap' }, { head: 'NAME', fit: 'wrap' }] as const;
  return `${table(columns, rows, io.paint)}\n`;
}

/**
 * The account, as the cloud says whose the credentials are; what a person says must be the same.
 *
 * @throws {UsageError} where it is another one, or cannot be told.
 */
async function accountOf(
  args: Arguments,
  env: Io['env'],
  config: Config,
  credentials: CredentialGiver,
): Promise<string> {
  const claimed = readAccount(args).accountId ?? (env.TAGSWEEP_DEPLOY_ACCOUNT_ID || undefined);
  const caller = await getCallerIdentity(config, await credentials());
  if ('fault' in caller) {
    if (claimed !== undefined) return claimed;
    throw new UsageError(
      `setup needs the account: --account ID. It cannot be told: ${safeText(caller.fault)}`,
    );
  }
  if (claimed !== undefined && claimed !== caller.accountId) {
    throw new UsageError(
      `The credentials belong to account ${caller.accountId}, not to ${safeText(claimed)}: nothing was done.`,
    );
  }
  return caller.accountId;
}

function readChoices(args: Arguments, env: Io['env'], config: Config): Omit<SetupChoices, 'accountId'> {
  const { texts } = args;
  const functionName = texts.function ?? (env.TAGSWEEP_DEPLOY_FUNCTION || 'tagsweep');
  const roleName = texts.role ?? (env.TAGSWEEP_DEPLOY_ROLE || `${functionName}-function`);
  checkNames({ function: functionName, role: roleName });
  const alarms = texts['alarm-action-policy'];
  return {
    ...{ region: config.region, functionName, roleName },
    logProject: env.TAGSWEEP_LOG_PROJECT ?? '',
    logStore: env.TAGSWEEP_LOG_STORE ?? '',
    platformLogStore:
      texts['platform-log-store'] ?? (env.TAGSWEEP_DEPLOY_PLATFORM_LOG_STORE || `${functionName}-platform`),
    auditRetentionDays: readCount(texts, 'retention-days', 180, 3650),
    allowApply: args.flags.has('allow-apply'),
    alarmTagsRemoved: readCount(texts, 'alarm-tags-removed', 10_000, Number.MAX_SAFE_INTEGER),
    ...(alarms === undefined ? {} : { alarmActionPolicy: alarms }),
  };
}

function checkNames(names: Readonly<Record<string, string>>): void {
  for (const [flag, name] of Object.entries(names)) {
    if (/^[a-z][a-z0-9-]{0,50}$/.test(name)) continue;
    throw new UsageError(
      `--${flag} ${safeText(name)}: a name is made of small letters, digits and "-", and begins with a letter.`,
    );
  }
}

function readCount(texts: Arguments['texts'], flag: string, otherwise: number, most: number): number {
  const text = texts[flag];
  if (text === undefined) return otherwise;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= most) return count;
  throw new UsageError(`--${flag} ${safeText(text)}: a whole number from 1 to ${most} is wanted.`);
}

/** Writes what `s.yaml` and the command line read; what else stands in the file, such as the mode, stays. */
function writeEnv(args: Arguments, choices: SetupChoices): void {
  const file = args.texts['write-env'];
  if (file === undefined) return;
  const { accountId, region, functionName, roleName, logProject, logStore, platformLogStore } = choices;
  const values = {
    TAGSWEEP_DEPLOY_ACCOUNT_ID: accountId,
    TAGSWEEP_DEPLOY_REGION: region,
    TAGSWEEP_DEPLOY_FUNCTION: functionName,
    TAGSWEEP_DEPLOY_ROLE: roleName,
    TAGSWEEP_DEPLOY_LOG_PROJECT: logProject,
    TAGSWEEP_DEPLOY_LOG_STORE: logStore,
    TAGSWEEP_DEPLOY_PLATFORM_LOG_STORE: platformLogStore,
    TAGSWEEP_REGION: region,
    TAGSWEEP_LOG_PROJECT: logProject,
    TAGSWEEP_LOG_STORE: logStore,
  };
  const before = existsSync(file) ? parseEnv(readInput(file)) : {};
  const lines = Object.entries({ ...before, ...values }).map(([name, value]) => `${name}='${value}'\n`);
  writeOutput(file, lines);
}
