import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mistake } from './mistakes.ts';

/** What tests read: our code, themselves, and what both load. */
const COPIED = [
  'lib',
  'functions',
  'cli',
  'emulator',
  'test',
  'policies',
  'deploy',
  'docs',
  's.yaml',
  'package.json',
  'vitest.config.ts',
];

/** Longer than the test files take on a busy machine: a mistake that never ends has not been caught. */
const LONGEST_RUN_MS = 600_000;

/** What a run of tests came to. */
export type Verdict =
  | { readonly kind: 'passed'; readonly tests: number }
  | { readonly kind: 'failed'; readonly test: string; readonly file: string }
  /** The tests did not run: a broken patch proves nothing. */
  | { readonly kind: 'broken'; readonly why: string };

/** A copy of the code as it is in the working tree, in which mistakes can be made. */
export interface Workshop {
  /** Runs tests on the code without a mistake. */
  runTests(files: readonly string[]): Promise<Verdict>;
  /** Makes one mistake, runs its tests until the first that fails, and takes the mistake back. */
  tryMistake(mistake: Mistake): Promise<Verdict>;
  close(): void;
}

/** Copies the code at `root` to a folder of its own; `root` itself is never written to. */
export function openWorkshop(root: string): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-mutants-'));
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return {
    runTests: (files) => runVitest(folder, files, 2),
    async tryMistake({ file, right, wrong, tests }) {
      const path = join(folder, file);
      const original = readFileSync(path, 'utf8');
      const places = original.split(right).length - 1;
      if (places !== 1) {
        return { kind: 'broken', why: `the text to replace stands in ${file} ${places} times, not once` };
      }
      try {
        writeFileSync(
          path,
          original.replace(right, () => wrong),
        );
        return await runVitest(folder, tests, 1);
      } finally {
        writeFileSync(path, original);
      }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

async function runVitest(folder: string, files: readonly string[], workers: number): Promise<Verdict> {
  const output = join(folder, 'result.json');
  rmSync(output, { force: true });
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const flags = ['--bail=1', `--maxWorkers=${workers}`, '--reporter=json', `--outputFile=${output}`];
  const { code, text } = await run(folder, [vitest, 'run', ...flags, ...files]);
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(output, 'utf8')) as VitestReport;
  } catch {
    return { kind: 'broken', why: `no result (exit code ${code}): ${text.slice(-300)}` };
  }
  return readReport(report, code, folder);
}

/** Only a test that ran and failed has caught something: a file that cannot be loaded fails whatever the mistake. */
function readReport(report: VitestReport, code: number | null, folder: string): Verdict {
  for (const { name, assertionResults } of report.testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed) return { kind: 'failed', test: failed.fullName, file: name.slice(folder.length + 1) };
  }
  if (code === 0 && report.numPassedTests > 0) return { kind: 'passed', tests: report.numPassedTests };
  const message = report.testResults.map((result) => result.message).find((text) => text !== '');
  return { kind: 'broken', why: message?.slice(0, 300) ?? `no test ran (exit code ${code})` };
}

function run(cwd: string, args: readonly string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    // Few seeds are enough here: each mistake names the tests that must see it.
    const env = { ...process.env, SEEDS: '100' };
    const child = spawn(process.execPath, args, { cwd, env, timeout: LONGEST_RUN_MS });
    let text = '';
    child.stdout.on('data', (part: Buffer) => (text += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text += part.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
  });
}
