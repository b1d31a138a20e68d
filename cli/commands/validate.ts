import { join } from 'node:path';
import { checkFileName, listPolicyFolder } from '../../lib/cloud/policy-folder.ts';
import { CleanupError, PolicyError } from '../../lib/errors.ts';
import { isPolicyTest, readPolicyTest } from '../../lib/plan/policy-test.ts';
import type { PolicyTestDocument } from '../../lib/plan/policy-test-schema.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { policyWarnings } from '../../lib/policy/warnings.ts';
import { compareText } from '../../lib/resource.ts';
import { safeLines, safeText } from '../../lib/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { isFolder, isPath, loadPolicy } from '../load-policy.ts';
import { counted } from '../numbers.ts';
import { JSON_OPTION, pickSettings } from '../options.ts';
import { outputOf } from '../output.ts';
import { type Finding, githubAnnotations, readFormat, sarifLog } from '../render-build.ts';
import { readInput } from '../write-output.ts';

export const command: Command = {
  usage: 'validate FILE… [options]',
  description:
    'Checks policies and their tests: every fault at once, with file, line and column, and what was probably meant.\nA folder stands for all that are in it and its subfolders. Needs no account and no network; `test` runs the tests.',
  options: {
    format: {
      type: 'text',
      value: 'github|sarif',
      help: 'print the faults as annotations of a GitHub build, or as SARIF for code scanning',
    },
    ...JSON_OPTION,
    ...pickSettings('policies-dir', 'offline-regions'),
  },
  examples: [
    { line: 'validate policies/', says: 'all of them, say in a build' },
    { line: 'validate policies/ --format github', says: 'beside the lines of a pull request' },
    { line: 'validate strip-ci-markers --json', says: 'by name, for a program' },
  ],
  words: { least: 1, most: Number.POSITIVE_INFINITY },
  run: validate,
};

type Verdict = { readonly file: string } & (
  | { readonly policy: Policy; readonly warnings: readonly string[] }
  | { readonly tests: PolicyTestDocument }
  | { readonly error: CleanupError }
);

async function validate(args: Arguments, io: Io): Promise<ExitCode> {
  const format = readFormat(args, ['github', 'sarif']);
  const verdicts: Verdict[] = [];
  const files = (await Promise.all(args.positionals.map(expandFolder))).flat();
  for (const file of files) verdicts.push(await judge(file, args, io));
  const faulty = verdicts.filter((verdict) => 'error' in verdict).length;
  if (format === 'github') io.out(githubAnnotations(verdicts.flatMap(findingsOf)));
  else if (format === 'sarif') io.out(sarifLog(verdicts.flatMap(findingsOf)));
  else
    outputOf(args, io).result({ valid: faulty === 0, files: verdicts.map(toJson) }, () => {
      for (const verdict of verdicts) printVerdict(verdict, io);
      if (verdicts.length < 2) return '';
      return `\n${counted(verdicts.length, 'file')}, ${faulty === 0 ? 'all valid' : `${faulty} faulty`}\n`;
    });
  return faulty === 0 ? 0 : 2;
}

/** A folder as its policies and their tests, with its subfolders; an empty one as itself, so that it is complained of. */
async function expandFolder(word: string): Promise<readonly string[]> {
  if (!isFolder(word)) return [word];
  const { policies, tests } = await listPolicyFolder(word);
  const files = [...policies, ...tests].sort(compareText);
  return files.length === 0 ? [join(word, '*.yaml')] : files;
}

async function judge(file: string, args: Arguments, io: Io): Promise<Verdict> {
  try {
    if (isPolicyTest(file)) return { file, tests: readPolicyTest(readInput(file), file).document };
    const policy = await loadPolicy(file, args, io);
    if (isPath(file)) checkFileName(policy, file);
    return { file, policy, warnings: policyWarnings(policy, Date.now()) };
  } catch (error) {
    if (error instanceof CleanupError) return { file, error };
    throw error;
  }
}

function toJson(verdict: Verdict) {
  if ('policy' in verdict) {
    const { name, digest, mode } = verdict.policy;
    return { file: verdict.file, valid: true, name, digest, mode, issues: [], warnings: verdict.warnings };
  }
  if ('tests' in verdict) {
    const { policy, tests } = verdict.tests;
    return { file: verdict.file, valid: true, testsOf: policy, tests: tests.length, issues: [] };
  }
  const { error } = verdict;
  const issues = error instanceof PolicyError ? error.issues : [{ path: '', message: error.message }];
  return { file: verdict.file, valid: false, issues };
}

/** Faults and warnings, each with its place. */
function findingsOf(verdict: Verdict): readonly Finding[] {
  const { file } = verdict;
  if ('tests' in verdict) return [];
  if ('policy' in verdict)
    return verdict.warnings.map((message) => ({ file, level: 'warning', rule: 'warning', message }));
  const { error } = verdict;
  if (!(error instanceof PolicyError))
    return [{ file, level: 'error', rule: error.code, message: error.message }];
  return error.issues.map(({ path, message, line, column, suggestion }) => ({
    file,
    level: 'error',
    rule: error.code,
    message: `${path === '' ? 'the file' : path} ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  }));
}

function printVerdict(verdict: Verdict, io: Io): void {
  if ('error' in verdict) {
    io.err(`${io.errPaint.red('✘')} ${safeLines(verdict.error.message)}\n\n`);
    return;
  }
  const [name, parts] = 'tests' in verdict ? tellTests(verdict.tests) : tellPolicy(verdict.policy);
  io.page(
    `${io.paint.green('✔')} ${safeText(verdict.file)}  ${io.paint.bold(safeText(name))}  ${io.paint.dim(parts)}\n`,
  );
  if ('tests' in verdict) return;
  for (const warning of verdict.warnings) io.err(`warning ${safeLines(warning)}\n`);
}

function tellPolicy({ name, mode, remove, protect }: Policy): readonly [string, string] {
  const parts = [counted(remove.length, 'rule'), counted(protect.length, 'protection'), `mode ${mode}`];
  return [name, parts.join(', ')];
}

function tellTests({ policy, tests }: PolicyTestDocument): readonly [string, string] {
  return [policy, counted(tests.length, 'test')];
}
