import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/cli.ts';
import { type Change, startProvider } from './provider.ts';

/** Whether Terraform is on this machine; nothing of it is downloaded. */
export const HAS_TERRAFORM = spawnSync('terraform', ['version']).status === 0;

export interface TerraformResult {
  readonly code: number;
  readonly output: string;
}

/** Terraform itself on a copy of `deploy/`, with the stand-in for the provider. */
export interface Terraform {
  /** The copy's folder, beside a copy of `policies/ram`. */
  readonly folder: string;
  readonly changes: Change[];
  run(...words: readonly string[]): Promise<TerraformResult>;
  /** `apply` with these variables, and what it did. */
  apply(variables?: Readonly<Record<string, string>>): Promise<readonly Change[]>;
  /** Changes a file of the copy. */
  edit(file: string, text: string | RegExp, instead: string): void;
  close(): void;
}

export async function startTerraform(): Promise<Terraform> {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-terraform-'));
  mkdirSync(join(folder, 'functions', 'cleanup'), { recursive: true });
  for (const part of ['deploy', 'policies', 'functions/cleanup/events', 's.yaml'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  const provider = await startProvider();
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TF_REATTACH_PROVIDERS: provider.reattach,
    TF_CLI_CONFIG_FILE: '/dev/null',
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
  };
  const run = (...words: readonly string[]) =>
    new Promise<TerraformResult>((resolve) => {
      execFile('terraform', ['-chdir=deploy', ...words], { cwd: folder, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  const init = await run('init', '-no-color');
  if (init.code !== 0) throw new Error(init.output);
  return {
    folder,
    changes: provider.changes,
    run,
    apply: async (variables = {}) => {
      const before = provider.changes.length;
      const words = Object.entries({ log_project: 'acme-audit', ...variables });
      const { code, output } = await run(
        ...['apply', '-no-color', '-auto-approve', '-input=false'],
        ...words.map(([name, value]) => `-var=${name}=${value}`),
      );
      if (code !== 0) throw new Error(output);
      return provider.changes.slice(before);
    },
    edit: (file, text, instead) => {
      const path = join(folder, 'deploy', file);
      const source = readFileSync(path, 'utf8');
      if (source.split(text).length < 2) throw new Error(`${text} does not stand in ${file}`);
      writeFileSync(
        path,
        source.replace(text, () => instead),
      );
    },
    close: () => {
      provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
