import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, readConfig } from '../../lib/cloud/config.ts';
import { connectDoctor, type DoctorWorld } from '../../lib/cloud/connect-doctor.ts';
import { createDoctorNotes } from '../../lib/cloud/doctor-notes.ts';
import {
  cleanUpAll,
  type DoctorPorts,
  examine,
  examineChanges,
  type Subject,
} from '../../lib/doctor/doctor.ts';
import { checkEndpoints } from '../../lib/doctor/endpoints-check.ts';
import type { Finding } from '../../lib/doctor/finding.ts';
import { checkFunction } from '../../lib/doctor/function-check.ts';
import { checkIdentity } from '../../lib/doctor/identity-check.ts';
import { createLab, type Lab } from '../../lib/doctor/lab.ts';
import { checkLog } from '../../lib/doctor/log-check.ts';
import { formatProfile } from '../../lib/doctor/profile.ts';
import { readPrice } from '../../lib/doctor/writing/group.ts';
import type { DoctorNotes } from '../../lib/doctor/writing/note.ts';
import { REGION_ID, RESOURCE_TYPES, type Region, type ResourceType } from '../../lib/resource.ts';
import { safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import { confirm } from '../ask.ts';
import type { Command } from '../command.ts';
import { untilInterrupted } from '../interrupt.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { loadPolicy } from '../load-policy.ts';
import { ACCOUNT_OPTION, JSON_OPTION, SETTING_OPTIONS, YES_OPTION } from '../options.ts';
import { outputOf } from '../output.ts';
import { renderDiagnosis, renderFindings } from '../render-doctor.ts';
import { credentialsOf, effectiveEnvironment, readAccount, readNarrowing } from '../world.ts';
import { writeOutput } from '../write-output.ts';

export const command: Command = {
  usage: 'doctor [POLICY] [options]',
  description:
    'Checks an account, and learns how its ECI behaves where no page says so. Reads only, about 25 calls a region, unless --write is given.\nWith a policy, its regions and types are looked at; without, those of --regions, or the region of the settings.\n--write tries changes of tags, on a container group that it makes (the smallest there is, for 10 minutes at the most) and deletes, or on --resource, one that you name: only ever on tags of its own.',
  options: {
    regions: { type: 'list', value: 'A,B', help: 'only these regions' },
    'resource-types': { type: 'list', value: 'A,B', help: 'only these types' },
    buckets: {
      type: 'list',
      value: 'A,B',
      help: 'buckets of data caches that you know of; at most 3 are looked at',
    },
    out: {
      type: 'text',
      short: 'o',
      value: 'FILE',
      help: 'keep what was learned, as a profile for TAGSWEEP_PROFILE',
    },
    function: { type: 'text', value: 'NAME', help: 'also look at this deployed function; with --account' },
    write: { type: 'boolean', help: 'also try changes of tags, in the first region' },
    resource: {
      type: 'text',
      value: 'ID',
      help: 'with --write: try them on this container group, which gets and loses tags called tagsweep-doctor-…',
    },
    vswitch: { type: 'text', value: 'ID', help: 'with --write: the vSwitch of the group that is made' },
    'security-group': { type: 'text', value: 'ID', help: 'with --write: its security group' },
    image: {
      type: 'text',
      value: 'IMAGE',
      help: "with --write: an image that has sleep; default: ECI's busybox of the region",
    },
    cleanup: { type: 'boolean', help: 'only take away what an earlier --write may have left behind' },
    ...ACCOUNT_OPTION,
    ...JSON_OPTION,
    ...YES_OPTION,
    ...SETTING_OPTIONS,
  },
  examples: [
    { line: 'doctor --regions cn-hangzhou', says: 'what works, and what has to be mended' },
    {
      line: 'doctor strip-ci-markers --out tagsweep.profile.json',
      says: "for a policy's places; keep what was learned",
    },
    { line: 'doctor --write --vswitch vsw-… --security-group sg-…', says: 'what only a change can tell' },
  ],
  words: { least: 0, most: 1 },
  run: doctor,
};

/** Notes of what was made; beside the work, so that the next run in the folder finds them. */
const NOTES_FOLDER = join('.tagsweep', 'doctor');

async function doctor(args: Arguments, io: Io): Promise<ExitCode> {
  checkFlags(args);
  const env = effectiveEnvironment(args, io);
  const config = readConfig(env);
  const ports = connectDoctor(config, credentialsOf(args, io));
  const notes = createDoctorNotes(NOTES_FOLDER);
  const earlier = await cleanUpAll(ports, notes);
  if (args.flags.has('cleanup')) return tell(earlier, args, io);
  const place = await readPlace(args, io, config);
  const change = args.flags.has('write')
    ? await askToChange(args, io, ports, notes, place.regions[0]!)
    : undefined;
  if (change === 'no') return 0;
  const identity = await checkIdentity({ ...(await ports.identity()), account: readAccount(args).accountId });
  const account = identity.accountId ?? readAccount(args).accountId;
  const around = [
    ...identity.findings,
    ...(await checkLog(ports.log, ports.clock)),
    ...(await lookAround(args, ports, { ...place, account }, config)),
  ];
  const output = outputOf(args, io);
  const isWatched = !output.isForProgram && io.errIsTerminal;
  const diagnosis = await untilInterrupted(io, (signal) =>
    examine(
      ports,
      {
        ...place,
        buckets: args.lists.buckets ?? [],
        account,
        signal,
        onCall: (region, action) => {
          if (isWatched) io.err(`\r\u001b[K${safeText(region)}: ${action}`);
        },
      },
      change,
    ),
  ).finally(() => {
    if (isWatched) io.err('\r\u001b[K');
  });
  const whole = { ...diagnosis, findings: [...earlier, ...around, ...diagnosis.findings] };
  const { out } = args.texts;
  if (out !== undefined) writeOutput(out, [formatProfile(whole.profile)]);
  output.result(whole, () => renderDiagnosis(whole, io.paint, out));
  return exitCodeOf(whole.findings);
}

/** What stands around ECI: names of hosts, and the deployed function where one is named. */
async function lookAround(
  args: Arguments,
  world: DoctorWorld,
  { regions, account }: { readonly regions: readonly Region[]; readonly account: string | undefined },
  config: Config,
): Promise<readonly Finding[]> {
  const { hostOf, resolves } = world;
  const endpoints =
    hostOf === undefined
      ? []
      : await checkEndpoints({ regions, hostOf, network: config.eciNetwork, resolves });
  const { function: functionName } = args.texts;
  if (functionName === undefined) return endpoints;
  if (account === undefined && config.fcEndpoint === undefined) {
    throw new UsageError('--function needs --account ID: its host is named after the account.');
  }
  const reader = await world.functionReader(functionName, account ?? '');
  const archiveBytes = statSync(ARCHIVE, { throwIfNoEntry: false })?.size;
  return [...endpoints, ...(await checkFunction(reader, { functionName, archiveBytes }))];
}

/** What `npm run build` made, where there is one to compare with. */
const ARCHIVE = join('dist', 'cleanup.zip');

function checkFlags({ flags, texts }: Arguments): void {
  const forWrite = ['resource', 'vswitch', 'security-group', 'image'].filter(
    (name) => texts[name] !== undefined,
  );
  if (!flags.has('write')) {
    if (forWrite.length > 0) throw new UsageError(`--${forWrite[0]} goes with --write.`);
    return;
  }
  if (flags.has('cleanup'))
    throw new UsageError('--cleanup and --write are two things: one after the other.');
  const { resource, vswitch, 'security-group': group } = texts;
  if (resource !== undefined) {
    const more = forWrite.find((name) => name !== 'resource');
    if (more !== undefined) throw new UsageError(`--resource needs no --${more}: nothing is made.`);
    if (!/^eci-[a-z0-9]{1,60}$/.test(resource)) {
      throw new UsageError(
        `--resource ${safeText(resource)}: that is no id of a container group, such as eci-2zeabc.`,
      );
    }
  } else if (vswitch === undefined || group === undefined) {
    throw new UsageError(
      '--write makes a container group in a network of yours: give --vswitch ID and --security-group ID, so that ECI makes none by itself. Or give --resource ID, a container group that may get and lose tags called tagsweep-doctor-….',
    );
  }
}

async function readPlace(
  args: Arguments,
  io: Io,
  config: Config,
): Promise<{ readonly regions: readonly Region[]; readonly types: readonly ResourceType[] }> {
  const { regions: asked, resourceTypes } = readNarrowing(args, io);
  const [word] = args.positionals;
  if (word === undefined) {
    return { regions: asked ?? [config.region], types: resourceTypes ?? RESOURCE_TYPES };
  }
  const { scope } = await loadPolicy(word, args, io);
  const regions = asked ?? (scope.regions === 'all' ? undefined : scope.regions);
  if (regions === undefined) {
    throw new UsageError(
      `The policy ${safeText(word)} has all regions: say which to look at, with --regions A,B.`,
    );
  }
  return {
    regions: regions.filter((region) => REGION_ID.test(region)),
    types: resourceTypes ?? scope.resourceTypes,
  };
}

/** The price first, then the question; `no` where the answer is no. */
async function askToChange(
  args: Arguments,
  io: Io,
  ports: DoctorPorts,
  notes: DoctorNotes,
  region: Region,
): Promise<((lab: Lab) => Promise<void>) | 'no'> {
  const { resource, vswitch = '', 'security-group': securityGroupId = '', image } = args.texts;
  const subject: Subject =
    resource === undefined
      ? { make: { vSwitchId: vswitch, securityGroupId, ...(image !== undefined && { image }) } }
      : { resourceId: resource };
  if (!args.flags.has('yes')) {
    const what =
      resource === undefined
        ? `Make a container group (0.25 vCPU, 0.5 GiB) in ${safeText(region)}, try changes of tags on it, and delete it? Price: ${(await readPrice(createLab({ ...ports, region }))) ?? 'not known'}.`
        : `Give ${safeText(resource)} in ${safeText(region)} tags called tagsweep-doctor-…, and take them away again?`;
    if (!(await confirm(what, 'try changes', io))) {
      io.err('Nothing was changed.\n');
      return 'no';
    }
  }
  const run = randomBytes(6).toString('hex');
  return async (lab) => {
    if (lab.region === region) await examineChanges(lab, subject, { run, notes, ...ports });
  };
}

function tell(findings: readonly Finding[], args: Arguments, io: Io): ExitCode {
  outputOf(args, io).result({ findings }, () =>
    findings.length === 0 ? 'Nothing was left behind.\n' : renderFindings(findings, io.paint),
  );
  return exitCodeOf(findings);
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return findings.some(({ status }) => status === 'failed') ? 1 : 0;
}
