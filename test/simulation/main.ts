import { parseArgs } from 'node:util';
import { createTally } from './tally.ts';

/** `npm run simulate`: plays seeds, tells which broke a promise, and what went wrong in all of them. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    story: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const print = (text: string): void => {
  if (!values.json) process.stdout.write(text);
};

const first = Number(values.seed ?? values.from);
const seeds = values.seed === undefined ? Number(values.seeds) : 1;
const tally = createTally();
for (let n = 0; n < seeds; n++) {
  const seed = first + n * Number(values.every);
  const broken = await tally.run(seed);
  if (broken.length === 0) continue;
  print(`npm run simulate -- --seed ${seed}\n`);
  for (const sentence of seeds > 1 ? broken.slice(0, 1) : broken) print(`  ${sentence}\n`);
}
if (values.story) print(tally.story());
print(tally.table());
const { failed, faults, seedsWith, played } = tally;
if (values.json) process.stdout.write(JSON.stringify({ failed, faults, seedsWith, played }));
else process.exitCode = failed.length > 0 ? 1 : 0;
