import type { Report } from '../lib/report/report.ts';
import { encodeJson } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import type { ExitCode, Io } from './io.ts';
import { renderReport } from './render-report.ts';

/** Prints a report the way that was asked for, and tells the exit code. */
export function finishWithReport(report: Report, args: Arguments, io: Io): ExitCode {
  if (args.flags.has('json')) io.out(`${encodeJson(report, 2)}\n`);
  else io.out(renderReport(report, io.paint, { all: args.flags.has('all') }));
  return exitCodeOf(report);
}

/** A run that changed nothing because the cloud refused account or credentials could not run at all. */
export function exitCodeOf({ outcome, code, tags }: Report): ExitCode {
  if (outcome === 'success') return 0;
  const changed = tags.removed + (tags.restored ?? 0);
  return outcome === 'failure' && code === 'ECI' && changed === 0 ? 2 : 1;
}
