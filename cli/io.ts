import pc from 'picocolors';
import { fitLines } from './fit.ts';

/** 0: done, or nothing to do. 1: ended with failures, or refused by a limit or a digest. 2: could not run. */
export type ExitCode = 0 | 1 | 2;

/** The world of a command: where it prints, whether a person watches, and the settings it was started with. */
export interface Io {
  /** Standard output, as it is: what a program reads. */
  readonly out: (text: string) => void;
  /** Standard output for a person: broken between words where the terminal is narrower. */
  readonly page: (text: string) => void;
  /** Standard error, which only persons read. */
  readonly err: (text: string) => void;
  /** Whether somebody reads standard error as it is written: then progress moves in place. */
  readonly errIsTerminal: boolean;
  /** Whether a person can be asked: standard input and standard error are a terminal. */
  readonly canAsk: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Credentials that were found elsewhere than in the environment: what is printed of a failure must not hold them. */
  readonly secrets: Set<string>;
  /** How standard output shows text, and standard error. */
  readonly paint: Paint;
  readonly errPaint: Paint;
}

/** How a stream shows text: its colors, without effect where they are off, and how wide its lines are. */
export interface Paint extends ReturnType<typeof pc.createColors> {
  /** Columns of a line; `Infinity` where nothing is to be fitted. */
  readonly columns: number;
}

/** @param columns - of a line; left out: nothing is fitted. */
export function createPaint(hasColor: boolean, columns = Number.POSITIVE_INFINITY): Paint {
  return { ...pc.createColors(hasColor), columns };
}

/**
 * The process itself.
 *
 * @param isWide whether the person wants lines and tables whole, whatever the width of the terminal.
 */
export function processIo(isWide: boolean): Io {
  const { stdin, stdout, stderr, env } = process;
  const [columns, errColumns] = [stdout, stderr].map((stream) =>
    isWide ? Number.POSITIVE_INFINITY : columnsOf(stream, env),
  ) as [number, number];
  for (const stream of [stdout, stderr]) stream.on('error', ignoreBrokenPipe);
  return {
    out: (text) => stdout.write(text),
    page: (text) => stdout.write(fitLines(text, columns)),
    err: (text) => stderr.write(fitLines(text, errColumns)),
    errIsTerminal: stderr.isTTY === true && env.TERM !== 'dumb',
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    env,
    secrets: new Set(),
    paint: createPaint(wantsColor(stdout.isTTY === true, env), columns),
    errPaint: createPaint(wantsColor(stderr.isTTY === true, env), errColumns),
  };
}

const USUAL_COLUMNS = 80;

/** The terminal's own width, else `COLUMNS`. Where nobody watches, and nobody says a width, lines stay whole. */
function columnsOf({ isTTY, columns }: NodeJS.WriteStream, env: Io['env']): number {
  // Some terminals say 0.
  if (isTTY && columns > 0) return columns;
  const named = Number(env.COLUMNS);
  if (Number.isInteger(named) && named > 0) return named;
  return isTTY ? USUAL_COLUMNS : Number.POSITIVE_INFINITY;
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
