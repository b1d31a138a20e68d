import pc from 'picocolors';

/** 0: done, or nothing to do. 1: ended with failures, or refused by a limit or a digest. 2: could not run. */
export type ExitCode = 0 | 1 | 2;

/** The world of a command: where it prints, whether a person watches, and the settings it was started with. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether somebody reads standard error as it is written: then progress moves in place. */
  readonly errIsTerminal: boolean;
  /** Whether a person can be asked: standard input and standard error are a terminal. */
  readonly canAsk: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Credentials that were found elsewhere than in the environment: what is printed of a failure must not hold them. */
  readonly secrets: Set<string>;
  /** Colors for standard output, and for standard error; without effect where colors are off. */
  readonly paint: Paint;
  readonly errPaint: Paint;
  /** Characters in a line of standard error. */
  readonly errWidth: number;
}

export type Paint = ReturnType<typeof pc.createColors>;

/** The process itself. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on('error', ignoreBrokenPipe);
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    errIsTerminal: stderr.isTTY === true && env.TERM !== 'dumb',
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    env,
    secrets: new Set(),
    paint: pc.createColors(wantsColor(stdout.isTTY === true, env)),
    errPaint: pc.createColors(wantsColor(stderr.isTTY === true, env)),
    // Some terminals say 0.
    errWidth: stderr.columns || 80,
  };
}

/** Whoever reads may leave, as `| head` does: what was begun goes on to its end, and its exit code holds. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** `NO_COLOR` (not empty) wins over all, `FORCE_COLOR` over the kind of stream. See no-color.org. */
export function wantsColor(isTerminal: boolean, env: Io['env']): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}

/** What the person did wrong in calling; the message alone is printed, and the exit code is 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
