import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/cli.ts';
import type { Deployment } from './deployment.ts';

/** Serverless Devs at a home of its own. */
export interface ServerlessDevs {
  readonly home: string;
  /** What `s preview` makes of s.yaml in a folder: the tool that deploys resolves the variables, not we. */
  preview(environment: Readonly<Record<string, string>>, folder?: string): Promise<Deployment>;
  remove(): void;
}

export function serverlessDevs(): ServerlessDevs {
  const home = mkdtempSync(join(tmpdir(), 'tagsweep-s-'));
  mkdirSync(join(home, '.s'), { recursive: true });
  // Usage reporting sends each command line to the vendor over plain HTTP unless it is switched off here.
  writeFileSync(join(home, '.s', 'set-config.yml'), 'analysis: disable\n');

  return {
    home,
    preview: async (environment, folder = ROOT) => {
      const output = join(home, 'preview.json');
      const program = join(ROOT, 'node_modules/@serverless-devs/s/bin/s');
      const words = ['preview', '-t', 's.yaml', '-o', 'json', '--output-file', output];
      const env = { PATH: process.env.PATH, HOME: home, CI: 'true', serverless_devs_config_home: home };
      await promisify(execFile)(process.execPath, [program, ...words], {
        cwd: folder,
        env: { ...env, ...environment },
      });
      return JSON.parse(readFileSync(output, 'utf8')) as Deployment;
    },
    // The program may still be at work on its own folder.
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
}
