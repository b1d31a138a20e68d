import yoctoSpinner, { type Spinner } from 'yocto-spinner';
import type { Progress } from '../lib/run/request.ts';
import { safeText } from '../lib/text.ts';
import type { Io } from './io.ts';
import { count } from './numbers.ts';

/** Shows where a run is, on standard error. */
export interface ProgressView {
  readonly show: (progress: Progress) => void;
  /** Clears the moving line, so that what comes next stands alone. */
  readonly end: () => void;
}

const QUIET: ProgressView = { show: () => undefined, end: () => undefined };

/**
 * A moving line on a terminal; elsewhere one plain line per step, so that a log of a build stays short.
 */
export function showProgress(io: Io, options: { readonly quiet: boolean }): ProgressView {
  if (options.quiet) return QUIET;
  return io.errIsTerminal ? movingLine() : plainLines(io);
}

function movingLine(): ProgressView {
  let spinner: Spinner | undefined;
  return {
    show: (progress) => {
      const text = describe(progress);
      if (spinner === undefined) spinner = yoctoSpinner({ text, stream: process.stderr }).start();
      else spinner.text = text;
    },
    end: () => {
      spinner?.stop();
      spinner = undefined;
    },
  };
}

function plainLines(io: Io): ProgressView {
  let last: Progress['step'] | undefined;
  return {
    show: (progress) => {
      if (progress.step === last) return;
      last = progress.step;
      io.err(`${titleOf(progress)} …\n`);
    },
    end: () => undefined,
  };
}

/** The reading of an inventory tells in its text where it is; every other step, what it does. */
function titleOf({ step, text }: Progress): string {
  if (step === 'inventory') return 'Reading the inventory';
  return text === '' ? 'Working' : safeText(text);
}

function describe(progress: Progress): string {
  const { step, done, total, text } = progress;
  const figures =
    total === undefined ? (done > 0 ? ` ${count(done)}` : '') : ` ${count(done)} of ${count(total)}`;
  const place = step === 'inventory' && text !== '' ? `  ${safeText(text)}` : '';
  return `${titleOf(progress)}${figures}${place}`;
}
