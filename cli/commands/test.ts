import { dirname } from 'node:path';
import { listPolicyFolder, readPolicyByName } from '../../lib/cloud/policy-folder.ts';
import { CleanupError } from '../../lib/errors.ts';
import {
  findUnnoticed,
  type MutationReport,
  type PolicyTestReport,
  type PolicyTestResult,
  readPolicyTest,
  runPolicyTests,
} from '../../lib/plan/policy-test.ts';
import type { PolicyTestDocument } from '../../lib/plan/policy-test-schema.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { safeLines, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { type ExitCode, type Io, UsageError } from '../io.ts';
import { isFolder, offlineRegions, policiesDir } from '../load-policy.ts';
import { counted } from '../numbers.ts';
import { JSON_OPTION, pickSettings } from '../options.ts';
import { outputOf } from '../output.ts';
import { junitXml, readFormat } from '../render-build.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'test [FILE…] [options]',
  description:
    'Runs the unit tests of policies: resources, and which of their tags each policy removes. Names the rules that\nno test reaches. Without FILE: every *.test.yaml in the policies folder. Needs no account and no network.',
  options: {
    mutants: {
      type: 'boolean',
      help: 'make one small mistake after the other in each policy, and name those that no test notices',
    },
    format: {
      type: 'text',
      value: 'junit',
      help: 'print the results as JUnit XML, for a build server',
    },
    ...JSON_OPTION,
    ...pickSettings('policies-dir', 'offline-regions'),
  },
  examples: [
    { line: 'test', says: 'all tests in policies/' },
    { line: 'test policies/strip-ci-markers.test.yaml', says: 'one file' },
    { line: 'test --mutants', says: 'what do the tests not look at?' },
    { line: 'test --format junit > tagsweep.xml', says: 'in a build' },
  ],
  words: { least: 0, most: Number.POSITIVE_INFINITY },
  run: test,
};

async function test(args: Arguments, io: Io): Promise<ExitCode> {
  const format = readFormat(args, ['junit']);
  const words = args.positionals.length > 0 ? args.positionals : [policiesDir(args, io)];
  const files = (await Promise.all(words.map(expandFolder))).flat();
  if (files.length === 0) throw new UsageError(`There is no *.test.yaml in ${safeText(words.join(', '))}.`);
  const tested: Tested[] = [];
  let faulty = 0;
  for (const file of files) {
    const one = await runFile(file, args, io);
    if (one === undefined) faulty += 1;
    else tested.push(one);
  }
  const reports = tested.map(({ report }) => report);
  const results = reports.flatMap((report) => report.results);
  const failed = results.filter((result) => !result.passed).length;
  const mutants = args.flags.has('mutants') && failed === 0 ? tryMutants(tested) : undefined;
  if (format === 'junit') io.out(junitXml(reports));
  else
    outputOf(args, io).result({ files: reports, faulty, ...(mutants && { mutants }) }, () => {
      const verdict = failed === 0 ? io.paint.green('all passed') : io.paint.red(`${failed} failed`);
      const sum = `\n${counted(results.length, 'test')} in ${counted(reports.length, 'file')}, ${verdict}\n`;
      const parts = reports.map((report) => renderTests(report, io));
      return [...parts, sum, ...(mutants ?? []).map((one) => renderMutants(one, io))].join('');
    });
  if (failed > 0 && args.flags.has('mutants'))
    io.err('No mistakes were tried: the tests have to pass first.\n');
  if (faulty > 0) return 2;
  return failed === 0 ? 0 : 1;
}

/** A file of tests that was run, and what it was run on. */
interface Tested {
  readonly report: PolicyTestReport;
  readonly document: PolicyTestDocument;
  readonly policy: Policy;
}

/** The mistakes of each policy, tried on all files that test it. */
function tryMutants(tested: readonly Tested[]): readonly MutationReport[] {
  const policies = new Map(tested.map(({ policy }) => [policy.digest, policy]));
  return [...policies.values()].map((policy) =>
    findUnnoticed(
      policy,
      tested.filter((one) => one.policy.digest === policy.digest).map(({ document }) => document),
    ),
  );
}

function renderMutants({ policy, tried, unnoticed }: MutationReport, { paint }: Io): string {
  const noticed = `${tried - unnoticed.length} of ${counted(tried, 'mistake')} noticed`;
  const lines = unnoticed.map((says) => paint.yellow(`  no test notices ${safeText(says)}\n`));
  return `${paint.bold(safeText(policy))}  ${noticed}\n${lines.join('')}`;
}

async function expandFolder(word: string): Promise<readonly string[]> {
  return isFolder(word) ? (await listPolicyFolder(word)).tests : [word];
}

/** A policy is looked for beside its tests; a file that cannot be read is told of, and the others go on. */
async function runFile(file: string, args: Arguments, io: Io): Promise<Tested | undefined> {
  const text = readInput(file);
  const reading = { newerRegions: offlineRegions(args, io) };
  try {
    const { document } = readPolicyTest(text, file);
    const policy = await readPolicyByName(dirname(file), document.policy, reading);
    return { report: await runPolicyTests(text, file, () => policy), document, policy };
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
