import { AUDIENCES, type RamPlace, type RamScope, ramPolicy, slot } from '../../lib/cloud/ram.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';
import { encodeJson, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { loadPolicy } from '../load-policy.ts';
import { pickSettings } from '../options.ts';

export const command: Command = {
  usage: 'ram [POLICY] [options]',
  description:
    'Prints the least RAM policy for a cleanup policy: the actions it needs, on the regions and types of its scope; without a policy, everywhere.\nWhat is not given stays a placeholder, to be filled in. Needs no account and no network.',
  options: {
    for: {
      type: 'text',
      value: 'WHO',
      help: 'function (default), function-dry-run, function-changes (what it needs beside that), reader (plan, history), auditor (who), operator (apply, undo), doctor or doctor-write',
    },
    account: { type: 'text', value: 'ID', help: 'the account that the resources are in' },
    function: { type: 'text', value: 'NAME', help: "the function's name" },
    region: { type: 'text', value: 'REGION', help: 'where it and the log store are (TAGSWEEP_REGION)' },
    'platform-log-store': {
      type: 'text',
      value: 'NAME',
      help: 'the log store of what the function prints (TAGSWEEP_DEPLOY_PLATFORM_LOG_STORE)',
    },
    ...pickSettings('env', 'policies-dir', 'offline-regions', 'log-project', 'log-store'),
  },
  examples: [
    { line: 'ram strip-ci-markers', says: "for the function's role" },
    {
      line: 'ram strip-ci-markers --for reader --account 1234567890123456',
      says: 'for whoever reviews plans',
    },
  ],
  words: { least: 0, most: 1 },
  run: printRam,
};

const EVERYWHERE: RamScope = { regions: 'all', resourceTypes: RESOURCE_TYPES };

/** What RAM takes for the document of one policy. */
const MOST_CHARACTERS = 6144;

async function printRam(args: Arguments, io: Io): Promise<ExitCode> {
  const [word] = args.positionals;
  const { scope }: { scope: RamScope } =
    word === undefined ? { scope: EVERYWHERE } : await loadPolicy(word, args, io);
  const wanted = args.texts.for ?? 'function';
  const audience = AUDIENCES.find((one) => one === wanted);
  if (audience === undefined) {
    throw new UsageError(`--for ${safeText(wanted)}: it is one of ${AUDIENCES.join(', ')}.`);
  }
  const policy = ramPolicy(audience, scope, readPlace(args, io));
  const length = JSON.stringify(policy).length;
  if (length > MOST_CHARACTERS) {
    io.err(
      `RAM takes ${MOST_CHARACTERS} characters in one policy, and this one has ${length} without its spaces: split it, or name fewer regions.\n`,
    );
  }
  io.out(`${encodeJson(policy, 2)}\n`);
  return 0;
}

function readPlace(args: Arguments, io: Io): RamPlace {
  const { texts } = args;
  return {
    accountId: texts.account ?? slot('account'),
    region: texts.region ?? (io.env.TAGSWEEP_REGION || slot('region')),
    functionName: texts.function ?? slot('function'),
    logProject: texts['log-project'] ?? (io.env.TAGSWEEP_LOG_PROJECT || slot('log_project')),
    logStore: texts['log-store'] ?? (io.env.TAGSWEEP_LOG_STORE || slot('log_store')),
    platformLogStore:
      texts['platform-log-store'] ??
      (io.env.TAGSWEEP_DEPLOY_PLATFORM_LOG_STORE || slot('platform_log_store')),
  };
}
