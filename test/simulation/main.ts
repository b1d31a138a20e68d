import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seeds: { type: 'string', default: '2000' } },
});
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, n) => n + 1)
    : [Number(values.seed)];
const faults: Record<string, number> = {};
let failed = 0;
for (const seed of seeds) {
  const result = await simulate(seed);
  for (const [name, count] of Object.entries(result.faults)) faults[name] = (faults[name] ?? 0) + count;
  if (result.broken.length === 0) continue;
  failed += 1;
  process.stdout.write(`npm run simulate -- --seed ${seed}\n`);
  for (const sentence of values.seed === undefined ? result.broken.slice(0, 1) : result.broken)
    process.stdout.write(`  ${sentence}\n`);
}
process.stdout.write(`${seeds.length} seeds, ${failed} failed; faults: ${JSON.stringify(faults)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
