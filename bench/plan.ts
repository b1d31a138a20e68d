import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { planBatches } from '../lib/batch/batch.ts';
import type { Batch, RequestLimits } from '../lib/batch/types.ts';
import { readWorkload } from './workload.ts';

const USAGE =
  'npm run --silent bench:plan -- WORKLOAD.json PLAN.json [--effort N] [--resources 50] [--keys 20] [--bytes N]';

/** A request's ids and keys, beside what every request carries, in a URL of 8 KB. */
const DEFAULT_BYTES = 7168;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      effort: { type: 'string', default: '1' },
      resources: { type: 'string', default: '50' },
      keys: { type: 'string', default: '20' },
      bytes: { type: 'string', default: String(DEFAULT_BYTES) },
    },
  });
  const [workloadFile, planFile, ...more] = positionals;
  if (workloadFile === undefined || planFile === undefined || more.length > 0)
    throw new Error(`Usage: ${USAGE}`);
  const effort = wholeNumber('--effort', values.effort, 0);
  const limits: RequestLimits = {
    resources: wholeNumber('--resources', values.resources, 1),
    keys: wholeNumber('--keys', values.keys, 1),
    bytes: wholeNumber('--bytes', values.bytes, 1),
  };

  const groups = await readWorkload(workloadFile);
  const startedAt = performance.now();
  const elapsedMs = () => performance.now() - startedAt;
  const { batches, lowerBound } = planBatches(groups, limits, { effort });
  const ms = Math.round(elapsedMs() * 10) / 10;
  await writePlan(planFile, batches);
  const rssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ calls: batches.length, lowerBound: lowerBound.requests, ms, rssMiB }));
}

async function writePlan(file: string, batches: readonly Batch[]): Promise<void> {
  const output = await open(file, 'w');
  try {
    let text = '[';
    for (const [i, batch] of batches.entries()) {
      text += `${i === 0 ? '\n' : ',\n'}${JSON.stringify(batch)}`;
      if (text.length < 1 << 20) continue;
      await output.appendFile(text);
      text = '';
    }
    await output.appendFile(`${text}\n]\n`);
  } finally {
    await output.close();
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} is "${text}"; it must be a whole number of at least ${least}.`);
}

try {
  await main();
} catch (error) {
  console.error(`bench:plan: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
