import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Behavior } from './behavior.ts';
import { type FleetResource, generateFleet, PROFILES, type Profile, parseFleet } from './fleet.ts';
import { DEFAULT_IDENTITY } from './identities.ts';
import { behaviorLike } from './like.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './server.ts';
import { DEFAULT_LOGSTORE } from './sls/state.ts';

const USAGE = `Runs a local stand-in for the cloud, on 127.0.0.1 alone, until it is interrupted.

  --port N          port to listen on; default: any free one
  --fleet FILE      the resources to begin with, as JSON
  --resources N     or so many made up ones; default 1000
  --regions A,B     where they are; default cn-hangzhou,cn-beijing,ap-southeast-1
  --profile NAME    what they are like: ${Object.keys(PROFILES).join(', ')}; default mixed
  --seed N          the same seed gives the same fleet and the same faults; default 1
  --latency MS      time that each call takes; default 0
  --quota-scale X   multiplies the published quotas; default 1
  --throttle-rate X share of calls refused with Throttling.User, 0 to 1; default 0
  --like FILE       behave as the account whose profile this is (tagsweep doctor --out FILE)
  --help            this text
`;

/** What the emulator writes to and is stopped by; the process, unless a test says otherwise. */
export interface MainWorld {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Resolves when it is time to stop. */
  readonly interrupted: () => Promise<void>;
  /** Services beside ECI and the log service. */
  readonly services?: EmulatorOptions['services'];
}

/**
 * Starts the emulator as the arguments say, prints how to reach it, and stops when interrupted.
 *
 * @returns the exit code: 0, or 2 when it could not start.
 */
export async function runEmulator(
  argv: readonly string[],
  world: MainWorld = processWorld(),
): Promise<number> {
  try {
    const values = readArguments(argv);
    if (values.help === true) {
      world.out(USAGE);
      return 0;
    }
    const emulator = await startEmulator({
      ...toOptions(values),
      ...(world.services === undefined ? {} : { services: world.services }),
    });
    world.out(describeEmulator(emulator));
    await world.interrupted();
    await emulator.close();
    world.out('Stopped.\n');
    return 0;
  } catch (error) {
    world.err(`The emulator did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

type Values = ReturnType<typeof readArguments>;

function readArguments(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  return parseArgs({
    args: [...argv],
    options: {
      port: text,
      fleet: text,
      resources: text,
      regions: text,
      profile: text,
      seed: text,
      latency: text,
      'quota-scale': text,
      'throttle-rate': text,
      like: text,
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}

function toOptions(values: Values): EmulatorOptions {
  const seed = toNumber('seed', values.seed, 0, 2 ** 32 - 1, 1);
  const throttleRate = toNumber('throttle-rate', values['throttle-rate'], 0, 1, 0);
  return {
    port: toNumber('port', values.port, 0, 65_535, 0),
    seed,
    fleet: toFleet(values, seed),
    behavior: { ...readLike(values.like), latencyMs: toNumber('latency', values.latency, 0, 600_000, 0) },
    quotas: { scale: toNumber('quota-scale', values['quota-scale'], 0, 1_000_000, 1) },
    faults:
      throttleRate > 0 ? [{ fault: { kind: 'error', code: 'Throttling.User' }, rate: throttleRate }] : [],
  };
}

function readLike(file: string | undefined): Partial<Behavior> {
  if (file === undefined) return {};
  try {
    return behaviorLike(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`--like ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toFleet(values: Values, seed: number): readonly FleetResource[] {
  if (values.fleet !== undefined) return parseFleet(readFileSync(values.fleet, 'utf8'), values.fleet);
  const regions = (values.regions ?? 'cn-hangzhou,cn-beijing,ap-southeast-1').split(',');
  const resources = toNumber('resources', values.resources, 0, 1_000_000, 1000);
  return generateFleet({ seed, resources, regions, nowMs: Date.now(), profile: toProfile(values.profile) });
}

function toProfile(text: string | undefined): Profile {
  const name = text ?? 'mixed';
  const known = (Object.keys(PROFILES) as Profile[]).find((profile) => profile === name);
  if (known === undefined)
    throw new Error(`--profile ${name}: it is one of ${Object.keys(PROFILES).join(', ')}`);
  return known;
}

function toNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
  otherwise: number,
): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new Error(`--${name} ${text}: it is a number from ${least} to ${most}`);
}

/** The address, and the lines that point a shell at it. */
function describeEmulator(emulator: Emulator): string {
  const variables: readonly (readonly [string, string | undefined])[] = [
    ['TAGSWEEP_ECI_ENDPOINT', emulator.url],
    ['TAGSWEEP_SLS_ENDPOINT', emulator.slsUrl],
    ['TAGSWEEP_LOG_PROJECT', DEFAULT_LOGSTORE.project],
    ['TAGSWEEP_LOG_STORE', DEFAULT_LOGSTORE.logstore],
    ['TAGSWEEP_FC_ENDPOINT', emulator.fcUrl],
    ['TAGSWEEP_RAM_ENDPOINT', emulator.url],
    ['TAGSWEEP_MNS_ENDPOINT', emulator.url],
    ['ALIBABA_CLOUD_ACCESS_KEY_ID', DEFAULT_IDENTITY.accessKeyId],
    ['ALIBABA_CLOUD_ACCESS_KEY_SECRET', DEFAULT_IDENTITY.accessKeySecret],
  ];
  const lines = variables.flatMap(([name, value]) =>
    value === undefined ? [] : [`export ${name}=${value}`],
  );
  const { state } = emulator;
  return [
    `The emulator listens on ${emulator.url}`,
    `It holds ${state.resources.size} resources in ${state.regions.join(', ') || 'no region'}.`,
    'These credentials open nothing else. For another shell:',
    '',
    ...lines,
    '',
    'Stop it with Ctrl-C.',
    '',
  ].join('\n');
}

function processWorld(): MainWorld {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interrupted: () =>
      new Promise((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      }),
  };
}

/** True for `node emulator/main.ts` alone: inside a bundle this file shares its URL with the program around it. */
function isProgram(script: string | undefined): boolean {
  if (script === undefined || !script.endsWith('main.ts')) return false;
  return import.meta.url === pathToFileURL(script).href;
}

if (isProgram(process.argv[1])) process.exitCode = await runEmulator(process.argv.slice(2));
