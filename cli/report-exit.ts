import { CODES } from '../lib/codes.ts';
import type { Report } from '../lib/report/report.ts';
import type { Arguments } from './arguments.ts';
import type { ExitCode, Io } from './io.ts';
import { outputOf } from './output.ts';
import { renderReport } from './render-report.ts';

/** Prints a report the way that was asked for, and tells the exit code. */
export function finishWithReport(report: Report, args: Arguments, io: Io): ExitCode {
  outputOf(args, io).result(report, () => renderReport(report, io.paint, { all: args.flags.has('all') }));
  return exitCodeOf(report);
}

/**
 * What the shell is told. A run that changed nothing may be one that could not run, such as where the cloud refused
 * account or credentials, or nothing at all could be read.
 */
export function exitCodeOf({ outcome, code, tags, resources }: Report): ExitCode {
  if (outcome === 'success') return 0;
  const changed = tags.removed + (tags.restored ?? 0);
  return outcome === 'partial' || changed > 0 ? 1 : exitCodeOfStop(code, resources.seen);
}

/** An inventory with holes is refused; one of which nothing could be read, as from a wrong endpoint, never began. */
export function exitCodeOfStop(code: Report['code'], resourcesSeen: number): ExitCode {
  if (code === undefined) return 1;
  return code === 'INVENTORY_INCOMPLETE' && resourcesSeen === 0 ? 2 : CODES[code].exit;
}
