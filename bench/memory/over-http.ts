import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../lib/report/report.ts';

/** What a run of the command line took. */
export interface TakenOverHttp {
  /** Of the process that ran, not of the emulator. */
  readonly peakMiB: number;
  readonly report: Report;
}

const POLICY = `version: 1
name: bench
scope: { regions: [cn-beijing, cn-hangzhou] }
remove: [{ key: "ci-*" }, { keyMatches: "^tmp[-_]" }]
limits: { maxResources: 1000000, maxTags: 20000000, maxPercent: 100 }
pace: { share: 1, concurrency: 16 }
`;

/** Applies a policy by the built command line, in a process of its own, to an emulator in another, at the real quotas. */
export async function measureOverHttp(resources: number, heap: string): Promise<TakenOverHttp> {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-bench-'));
  const emulator = startEmulator(resources);
  try {
    writeFileSync(join(folder, 'bench.yaml'), POLICY);
    const env = { ...process.env, ...(await settingsOf(emulator)) };
    const main = fileURLToPath(new URL('../../bin/tagsweep.js', import.meta.url));
    const log = ['--log-file', join(folder, 'audit.jsonl')];
    const words = ['apply', join(folder, 'bench.yaml'), '--yes', '--json', ...log];
    const child = spawn(process.execPath, [`--max-old-space-size=${heap}`, main, ...words], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let peakKiB = 0;
    const watch = setInterval(() => {
      peakKiB = Math.max(peakKiB, peakOf(child));
    }, 200);
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString();
    });
    await once(child, 'close');
    clearInterval(watch);
    const report = JSON.parse(text) as Report;
    if (report.outcome !== 'success' || !report.proof.verified) throw new Error(report.reason);
    return { peakMiB: peakKiB / 1024, report };
  } finally {
    emulator.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Its quotas are twice the published ones, of which the run uses one: nothing is throttled. */
function startEmulator(resources: number): ChildProcess {
  const main = fileURLToPath(new URL('../../emulator/main.ts', import.meta.url));
  const words = ['--resources', String(resources), '--regions', 'cn-hangzhou,cn-beijing', '--profile', 'ci'];
  return spawn(process.execPath, ['--import', 'tsx', main, ...words, '--quota-scale', '2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The settings that the emulator prints for a shell, but for its log store: the records go to a file. */
async function settingsOf({ stdout }: ChildProcess): Promise<Record<string, string>> {
  const settings: Record<string, string> = {};
  for await (const line of createInterface({ input: stdout! })) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && !name.startsWith('TAGSWEEP_LOG_')) settings[name] = value!;
    if (line.startsWith('Stop it')) return settings;
  }
  throw new Error('The emulator did not start.');
}

function peakOf({ pid }: ChildProcess): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
