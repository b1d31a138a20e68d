import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../scripts/bundle-options.mjs';

/**
 * Start of a process to its first request, over an empty process, in a bundle of what a run loads: settings,
 * policies, judge, pace and the ECI client. Medians of runs in turns. Run: npx tsx bench/import.ts
 */
const RUNS = 11;
const LOADED = [
  'lib/cloud/config.ts',
  'lib/cloud/policy-folder.ts',
  'lib/plan/judge.ts',
  'lib/pace/meter.ts',
  'lib/cloud/eci/client.ts',
];
const SEND = `
  const { createEciClient } = require('./bundle.cjs');
  const credentials = async () => ({ accessKeyId: 'id', accessKeySecret: 'secret' });
  createEciClient({ endpointFor: () => process.argv[2], protocol: 'http', credentials })
    .listResources({ region: 'cn-hangzhou', type: 'ContainerGroup' });`;

const folder = mkdtempSync(join(tmpdir(), 'tagsweep-import-'));
let onRequest: () => void = () => {};
const server = createServer((_request, response) => {
  onRequest();
  response.setHeader('connection', 'close');
  response.end('{"RequestId":"1"}');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Milliseconds until the process ends, or until it sends its first request where it does. */
function timeProcess(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    let requestMs: number | undefined;
    onRequest = () => {
      requestMs ??= performance.now() - startedAt;
    };
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(requestMs ?? performance.now() - startedAt);
      else reject(new Error(`the process ended with ${code}`));
    });
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

try {
  const bundle = join(folder, 'bundle.cjs');
  const contents = LOADED.map((file) => `export * from './${file}';`).join('\n');
  await build({ ...bundleOptions, stdin: { contents, resolveDir: process.cwd() }, outfile: bundle });
  writeFileSync(join(folder, 'send.cjs'), SEND);
  const empty: number[] = [];
  const loaded: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    empty.push(await timeProcess(['-e', '0']));
    loaded.push(await timeProcess([join(folder, 'send.cjs'), host]));
  }
  const ratio = median(loaded) / median(empty);
  console.log(
    JSON.stringify({
      bundleKB: Math.round(statSync(bundle).size / 1000),
      emptyMs: Math.round(median(empty)),
      firstRequestMs: Math.round(median(loaded)),
      ratio: Number(ratio.toFixed(2)),
    }),
  );
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
