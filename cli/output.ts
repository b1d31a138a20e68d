import { encodeJson } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import type { Io } from './io.ts';
import { type ProgressView, showProgress } from './progress.ts';

/** What a command says: to a person who reads pages, or to a program that reads one value. */
export interface Output {
  /** A program reads: standard output holds one value and nothing else, and nothing moves beside it. */
  readonly isForProgram: boolean;
  /** The result, in the form that was asked for; the page is made only where a person reads it. */
  result(value: unknown, page: () => string): void;
  /** The same of a value that comes as pieces of its JSON. */
  resultInPieces(pieces: () => Iterable<string>, page: () => string): void;
  /** What helps a person beside the result. */
  hint(text: string): void;
  /** Where a run is, on standard error. */
  progress(): ProgressView;
}

/** The output of a command that takes `--json`; the one place that looks whether it was given. */
export function outputOf(args: Arguments, io: Io): Output {
  const isForProgram = args.flags.has('json');
  return {
    isForProgram,
    result(value, page) {
      if (isForProgram) io.out(`${encodeJson(value, 2)}\n`);
      else io.page(page());
    },
    resultInPieces(pieces, page) {
      if (!isForProgram) return io.page(page());
      for (const piece of pieces()) io.out(piece);
    },
    hint(text) {
      if (!isForProgram) io.page(text);
    },
    progress: () => showProgress(io, { quiet: isForProgram }),
  };
}
