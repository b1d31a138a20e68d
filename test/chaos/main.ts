import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

/** `npm run chaos -- --minutes N [--seed S]`: everything goes wrong around the built function, and then all of it is undone. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    verbose: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed);
print(`seed       ${seed}`);
const result = await chaos({
  seed,
  ms: Number(values.minutes) * 60_000,
  ...(values.verbose && { say: (line: string) => print(`  ${line}`) }),
});
for (const [act, times] of [...result.acts].sort()) print(`${String(times).padStart(5)}  ${act}`);
print(`${result.invocations} invocations, ${result.removed} tags gone, ${result.undone} put back`);
for (const sentence of result.broken) print(`BROKEN  ${sentence}`);
print(
  result.broken.length === 0
    ? 'as if nothing had been'
    : `npm run chaos -- --seed ${seed} --minutes ${values.minutes}`,
);
process.exitCode = result.broken.length === 0 ? 0 : 1;
