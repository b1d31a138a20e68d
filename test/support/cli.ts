import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Identity } from '../../emulator/identities.ts';
import { ROLES } from './roles.ts';

/** What a run of the command line left behind. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Beside a bare environment: neither settings nor credentials of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const LAUNCHER = fileURLToPath(new URL('../../bin/tagsweep.js', import.meta.url));

/** Runs the built command line as a process of its own, with nobody at its terminal. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    result.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    result.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...result }));
  });
}

/** The variables that point the command line at an emulator. */
export function emulatorEnvironment(
  url: string,
  identity: Pick<Identity, 'accessKeyId' | 'accessKeySecret'> = ROLES.operator,
): Record<string, string> {
  return {
    TAGSWEEP_ECI_ENDPOINT: url,
    TAGSWEEP_SLS_ENDPOINT: url,
    ALIBABA_CLOUD_ACCESS_KEY_ID: identity.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: identity.accessKeySecret,
  };
}
