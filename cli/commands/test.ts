import { dirname } from 'node:path';
import { listPolicyFolder, readPolicyByName } from '../../lib/cloud/policy-folder.ts';
import { CleanupError } from '../../lib/errors.ts';
import { type PolicyTestReport, type PolicyTestResult, runPolicyTests } from '../../lib/plan/policy-test.ts';
import { safeLines, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { isFolder, offlineRegions, policiesDir } from '../load-policy.ts';
import { counted } from '../numbers.ts';
import { JSON_OPTION, pickSettings } from '../options.ts';
import { outputOf } from '../output.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'test [FILE…] [options]',
  description:
    'Runs the unit tests of policies: resources, and which of their tags each policy removes. Names the rules that\nno test reaches. Without FILE: every *.test.yaml in the policies folder. Needs no account and no network.',
  options: { ...JSON_OPTION, ...pickSettings('policies-dir', 'offline-regions') },
  examples: [
    { line: 'test', says: 'all tests in policies/' },
    { line: 'test policies/strip-ci-markers.test.yaml', says: 'one file' },
  ],
  words: { least: 0, most: Number.POSITIVE_INFINITY },
  run: test,
};

async function test(args: Arguments, io: Io): Promise<ExitCode> {
  const words = args.positionals.length > 0 ? args.positionals : [policiesDir(args, io)];
  const files = (await Promise.all(words.map(expandFolder))).flat();
  if (files.length === 0) throw new UsageError(`There is no *.test.yaml in ${safeText(words.join(', '))}.`);
  const reports: PolicyTestReport[] = [];
  let faulty = 0;
  for (const file of files) {
    const report = await runFile(file, args, io);
    if (report === undefined) faulty += 1;
    else reports.push(report);
  }
  const results = reports.flatMap((report) => report.results);
  const failed = results.filter((result) => !result.passed).length;
  outputOf(args, io).result({ files: reports, faulty }, () => {
    const verdict = failed === 0 ? io.paint.green('all passed') : io.paint.red(`${failed} failed`);
    const sum = `\n${counted(results.length, 'test')} in ${counted(reports.length, 'file')}, ${verdict}\n`;
    return [...reports.map((report) => renderTests(report, io)), sum].join('');
  });
  if (faulty > 0) return 2;
  return failed === 0 ? 0 : 1;
}

async function expandFolder(word: string): Promise<readonly string[]> {
  return isFolder(word) ? (await listPolicyFolder(word)).tests : [word];
}

/** A policy is looked for beside its tests; a file that cannot be read is told of, and the others go on. */
async function runFile(file: string, args: Arguments, io: Io): Promise<PolicyTestReport | undefined> {
  const text = readInput(file);
  const reading = { newerRegions: offlineRegions(args, io) };
  try {
    return await runPolicyTests(text, file, (name) => readPolicyByName(dirname(file), name, reading));
  } catch (error) {
    if (!(error instanceof CleanupError)) throw error;
    io.err(`${io.errPaint.red('✘')} ${safeLines(error.message)}\n\n`);
    return undefined;
  }
}

function renderTests({ file, policy, results, unreached }: PolicyTestReport, io: Io): string {
  const { paint } = io;
  const lines = results.map((result) => resultLines(file, result, io));
  const unmet =
    unreached.length === 0 ? '' : paint.yellow(`  no test reaches ${unreached.map(safeText).join(', ')}\n`);
  return `${paint.bold(safeText(policy))}  ${paint.dim(safeText(file))}\n${lines.join('')}${unmet}`;
}

function resultLines(file: string, { name, line, passed, faults }: PolicyTestResult, { paint }: Io): string {
  if (passed) return `  ${paint.green('✔')} ${safeText(name)}\n`;
  const why = faults.map((fault) => `      ${safeText(fault)}\n`).join('');
  return `  ${paint.red('✘')} ${safeText(name)}  ${paint.dim(`${safeText(file)}:${line}`)}\n${why}`;
}
