import { environmentSecrets } from '../lib/cloud/credentials.ts';
import { CODES } from '../lib/codes.ts';
import { CleanupError, InvocationError } from '../lib/errors.ts';
import { nearest } from '../lib/policy/suggest.ts';
import { hideKnown, redactSecrets } from '../lib/redact.ts';
import { safeLines, safeText } from '../lib/text.ts';
import { VERSION } from '../lib/version.ts';
import { type Arguments, readArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { commandHelp, overview } from './help.ts';
import { type ExitCode, type Io, processIo, UsageError } from './io.ts';
import { HELP_OPTIONS, SETTING_OPTIONS } from './options.ts';
import { workplaceEnvironment } from './workplace.ts';

/**
 * Runs the command line.
 *
 * @param argv the words after the program's name.
 * @returns the exit code: 0 done, 1 ended with failures or refused, 2 could not run.
 */
export async function run(argv: readonly string[], io: Io = ownProcess(argv)): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    return explainFailure(error, io);
  }
}

/** What escapes everything else is told as any other fault: the runtime would print all that an error holds. */
function ownProcess(argv: readonly string[]): Io {
  const io = processIo(argv.includes('--wide'));
  process.once('uncaughtException', (error) => {
    process.exit(explainFailure(error, io));
  });
  return io;
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    io.err(overview(GROUPS, io.errPaint));
    return 2;
  }
  if (first === '--version' || first === '-V' || first === '-v' || first === 'version') {
    io.out(`${VERSION}\n`);
    return 0;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    const topic = first === 'help' ? rest[0] : undefined;
    if (topic === undefined) io.page(overview(GROUPS, io.paint));
    else io.page(helpPage(await loadCommand(topic), io));
    return 0;
  }
  const command = await loadCommand(first);
  if (rest.includes('--help') || rest.includes('-h')) {
    io.page(helpPage(command, io));
    return 0;
  }
  const args = readArguments(rest, { ...command.options, ...HELP_OPTIONS });
  const { least, most } = command.words;
  if (args.positionals.length < least || args.positionals.length > most) {
    const found = args.positionals.length === 1 ? '1 was given' : `${args.positionals.length} were given`;
    throw new UsageError(`Usage: tagsweep ${command.usage}\n${wantedWords(least, most)}, and ${found}.`);
  }
  return command.run(args, 'env' in command.options ? inWorkplace(args, io) : io);
}

/** The command's world, with the settings of the folder that it works in. */
function inWorkplace(args: Arguments, io: Io): Io {
  const env = workplaceEnvironment(args, io);
  for (const secret of environmentSecrets(env)) io.secrets.add(secret);
  return { ...io, env };
}

function wantedWords(least: number, most: number): string {
  if (most === 0) return 'It takes no words';
  if (least === most) return `It takes ${least} ${least === 1 ? 'word' : 'words'}`;
  return most === Number.POSITIVE_INFINITY
    ? `It takes at least ${least}`
    : `It takes ${least} to ${most} words`;
}

function helpPage(command: Command, io: Io): string {
  return commandHelp(command, { Settings: SETTING_OPTIONS, Help: HELP_OPTIONS }, io.paint);
}

async function loadCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return load();
  if (name.startsWith('-')) {
    throw new UsageError(
      `The command comes first: tagsweep COMMAND ${safeText(name)} … See tagsweep --help.`,
    );
  }
  const meant = nearest(name, Object.keys(COMMANDS));
  const hint = meant === undefined ? ' See tagsweep --help.' : ` Did you mean ${meant}?`;
  throw new UsageError(`There is no command ${safeText(name)}.${hint}`);
}

/** Errors made on purpose are their message; any other keeps its stack, as it is a fault of this program. */
function explainFailure(error: unknown, io: Io): ExitCode {
  const label = io.errPaint.red('error');
  const known = [...environmentSecrets(io.env), ...io.secrets];
  if (error instanceof UsageError || error instanceof CleanupError) {
    io.err(`${label} ${safeLines(hideKnown(error.message, known))}\n`);
    if (error instanceof InvocationError) return error.notStarted ? 2 : 1;
    return error instanceof CleanupError ? CODES[error.code].exit : 2;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.err(
    `${label} This is a fault in tagsweep itself; please report it with these lines:\n${safeLines(redactSecrets(text, known))}\n`,
  );
  return 2;
}
