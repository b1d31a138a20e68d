import type { Arguments, OptionSpecs } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode } from '../io.ts';

const OPTIONS: OptionSpecs = {
  port: { type: 'text', value: 'N', help: 'port to listen on; default: any free one' },
  fleet: { type: 'text', value: 'FILE', help: 'the resources to begin with, as JSON' },
  resources: { type: 'text', value: 'N', help: 'or so many made up ones; default 1000' },
  regions: {
    type: 'text',
    value: 'A,B',
    help: 'where they are; default cn-hangzhou,cn-beijing,ap-southeast-1',
  },
  profile: {
    type: 'text',
    value: 'NAME',
    help: 'what they are like: mixed (default), services, ci, pods, batch',
  },
  seed: {
    type: 'text',
    value: 'N',
    help: 'the same seed gives the same fleet and the same faults; default 1',
  },
  latency: { type: 'text', value: 'MS', help: 'time that each call takes; default 0' },
  'quota-scale': { type: 'text', value: 'X', help: 'multiplies the published quotas; default 1' },
  'throttle-rate': { type: 'text', value: 'X', help: 'share of calls that are throttled, 0 to 1; default 0' },
  like: {
    type: 'text',
    value: 'FILE',
    help: 'behave as the account whose profile this is: doctor --out FILE',
  },
};

export const command: Command = {
  usage: 'emulator [options]',
  description:
    'Runs a local stand-in for ECI and the log service, on 127.0.0.1 alone, until it is interrupted.\nIt prints the variables that point another shell at it: every command but invoke then works without an account.',
  options: OPTIONS,
  examples: [
    { line: 'emulator --resources 5000', says: 'a made up fleet' },
    { line: 'emulator --fleet fleet.json --throttle-rate 0.1', says: 'your own, on a bad day' },
  ],
  words: { least: 0, most: 0 },
  run: startEmulator,
};

/** The emulator reads its own arguments, as it also starts alone. */
async function startEmulator(args: Arguments): Promise<ExitCode> {
  const { runEmulator } = await import('../../emulator/main.ts');
  const argv = Object.entries(args.texts).map(([name, value]) => `--${name}=${value}`);
  return (await runEmulator(argv)) === 0 ? 0 : 2;
}
