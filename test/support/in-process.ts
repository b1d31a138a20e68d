import { createPaint, type ExitCode, type Io } from '../../cli/io.ts';

/** What a command printed, and how it ended. */
export interface CommandRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, with nobody at its terminal, no colors and this environment. */
export async function inProcess(
  command: (io: Io) => Promise<ExitCode>,
  env: Readonly<Record<string, string>>,
): Promise<CommandRun> {
  const told = { out: '', err: '' };
  const code = await command({
    out: (text) => {
      told.out += text;
    },
    page: (text) => {
      told.out += text;
    },
    err: (text) => {
      told.err += text;
    },
    errIsTerminal: false,
    canAsk: false,
    env,
    secrets: new Set(),
    paint: createPaint(false),
    errPaint: createPaint(false),
  });
  return { code, ...told };
}
