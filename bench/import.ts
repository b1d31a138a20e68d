import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Cold start of the built function over an empty process: until its code is loaded, and until a dry run sends
 * its first request; with the code cache and without. Medians of runs in turns. Run: npm run bench:import
 */
const RUNS = 21;
const BUILT = fileURLToPath(new URL('../dist/cleanup', import.meta.url));
const FIRST_REQUEST = `
  const { handler } = require(process.argv[2] + '/index.js');
  process.env.TAGSWEEP_ECI_ENDPOINT = process.argv[3];
  const event = JSON.stringify({ mode: 'dry-run', policy: 'strip-ci-markers', regions: ['cn-hangzhou'] });
  handler(Buffer.from(event), {
    requestId: '1',
    credentials: { accessKeyId: 'STS.id', accessKeySecret: 'secret', securityToken: 'token' },
    function: { name: 'tagsweep', memory: 512, timeout: 60 },
    region: 'cn-hangzhou',
    accountId: '1',
  }).then(() => process.exit(1));`;

const folder = mkdtempSync(join(tmpdir(), 'tagsweep-import-'));
let onRequest: () => void = () => {};
const server = createServer(() => onRequest());
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Milliseconds until the process ends, or until it sends its first request, with which it is ended. */
function timeProcess(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    let requestMs: number | undefined;
    onRequest = () => {
      requestMs ??= performance.now() - startedAt;
      child.kill('SIGKILL');
    };
    child.on('error', reject);
    child.on('exit', (code) => {
      if (requestMs !== undefined) resolve(requestMs);
      else if (code === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`the process ended with ${code}`));
    });
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const sizeKb = (name: string) => Math.round(statSync(join(BUILT, name)).size / 1000);

try {
  const uncached = join(folder, 'uncached');
  cpSync(BUILT, uncached, { recursive: true, filter: (file) => !file.endsWith('.cache') });
  const first = join(folder, 'first.cjs');
  writeFileSync(first, FIRST_REQUEST);
  const importOf = (code: string) => ['-e', `require(${JSON.stringify(join(code, 'index.js'))})`];
  const cases: Readonly<Record<string, readonly string[]>> = {
    empty: ['-e', '0'],
    import: importOf(BUILT),
    importUncached: importOf(uncached),
    firstRequest: [first, BUILT, endpoint],
    firstRequestUncached: [first, uncached, endpoint],
  };
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, [] as number[]]));
  for (let run = 0; run < RUNS; run++) {
    for (const [name, args] of Object.entries(cases)) times[name]?.push(await timeProcess(args));
  }
  const emptyMs = median(times.empty ?? []);
  const files = readdirSync(BUILT);
  console.log(
    JSON.stringify({
      bundleKB: files.filter((name) => name.endsWith('.js')).reduce((sum, name) => sum + sizeKb(name), 0),
      cacheKB: files.filter((name) => name.endsWith('.cache')).reduce((sum, name) => sum + sizeKb(name), 0),
      emptyMs: Math.round(emptyMs),
      ...Object.fromEntries(
        Object.entries(times)
          .filter(([name]) => name !== 'empty')
          .map(([name, values]) => [name, Number((median(values) / emptyMs).toFixed(2))]),
      ),
    }),
  );
} finally {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
