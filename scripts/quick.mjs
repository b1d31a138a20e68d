// Types, lint and units side by side: `npm run quick`. What fails is printed whole, and ends it with 1.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const STEPS = {
  types: ['tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', '.cache/quick.tsbuildinfo'],
  pages: ['tsc', '--noEmit', '--incremental', '-p', 'pages'],
  lint: ['biome', 'check', '.'],
  units: ['vitest', 'run', '--project', 'units', '--project', 'alone', '--reporter=dot'],
};

/** @param {string} name @param {readonly string[]} words */
async function run(name, words) {
  const startedAtMs = performance.now();
  const step = spawn('npx', ['--no-install', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [step.stdout, step.stderr]) stream.on('data', (piece) => said.push(piece));
  const code = await new Promise((resolve) => step.on('close', resolve));
  const seconds = Math.round((performance.now() - startedAtMs) / 1000);
  if (code !== 0) process.stdout.write(Buffer.concat(said));
  process.stdout.write(`${code === 0 ? '✔' : '✘'} ${name} (${seconds} s)\n`);
  return code === 0;
}

const passed = await Promise.all(Object.entries(STEPS).map(([name, words]) => run(name, words)));
process.exitCode = passed.every(Boolean) ? 0 : 1;
