import type { Progress } from '../lib/run/request.ts';
import { safeText } from '../lib/text.ts';
import { cutText } from './fit.ts';
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
  return io.errIsTerminal ? movingLine(io) : plainLines(io);
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;

/** Back to the beginning of the line, and nothing in it. */
const CLEAR_LINE = '\r\u001b[K';

/** One line, never longer than the terminal is wide: what wraps cannot be taken back. */
function movingLine(io: Io): ProgressView {
  let text = '';
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    frame = (frame + 1) % FRAMES.length;
    const line = cutText(text, Math.max(1, io.errPaint.columns - 3));
    io.err(`${CLEAR_LINE}${io.errPaint.cyan(FRAMES[frame] ?? '')} ${line}`);
  };
  return {
    show: (progress) => {
      text = describe(progress);
      if (timer !== undefined) return;
      draw();
      timer = setInterval(draw, FRAME_MS);
    },
    end: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      io.err(CLEAR_LINE);
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
  if (step === 'inventory' && total === undefined) return `${titleOf(progress)}  ${safeText(text)}`.trimEnd();
  const figures =
    total === undefined ? (done > 0 ? ` ${count(done)}` : '') : ` ${count(done)} of ${count(total)}`;
  return `${titleOf(progress)}${figures}`;
}
