import type { Report } from '../lib/report/report.ts';
import type { Arguments } from './arguments.ts';
import type { ExitCode, Io } from './io.ts';
import { renderReport } from './render-report.ts';

/** Prints a report the way that was asked for, and tells the exit code. */
export function finishWithReport(report: Report, args: Arguments, io: Io): ExitCode {
  if (args.flags.has('json')) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else io.out(renderReport(report, io.paint, { all: args.flags.has('all') }));
  return exitCodeOf(report);
}

/** A run that saw nothing and failed could not run: credentials, network. */
export function exitCodeOf({ outcome, resources, tags }: Report): ExitCode {
  if (outcome === 'success') return 0;
  return outcome === 'failure' && resources.seen === 0 && tags.planned === 0 ? 2 : 1;
}
