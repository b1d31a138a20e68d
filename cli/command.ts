import type { Arguments, OptionSpecs } from './arguments.ts';
import type { ExitCode, Io } from './io.ts';

/** One word of the command line: its help, its flags, and what it does. */
export interface Command {
  /** Without the program's name: `plan POLICY [options]`. */
  readonly usage: string;
  /** What it does and what to know before, in a few lines. */
  readonly description: string;
  readonly options: OptionSpecs;
  readonly examples: readonly Example[];
  /** Fewest and most words beside the flags. */
  readonly words: { readonly least: number; readonly most: number };
  readonly run: (args: Arguments, io: Io) => Promise<ExitCode>;
}

export interface Example {
  readonly line: string;
  readonly says: string;
}
