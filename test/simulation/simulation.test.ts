import { expect, it } from 'vitest';
import { simulate } from './simulate.ts';

const SEEDS = Number(process.env.SEEDS ?? 2000);

it('keeps every promise, whatever goes wrong and in whatever order', {
  timeout: 120_000 + SEEDS * 100,
}, async () => {
  const broken: string[] = [];
  const faults: Record<string, number> = {};

  for (let seed = 1; seed <= SEEDS; seed++) {
    const result = await simulate(seed);
    if (result.broken.length > 0) broken.push(`npm run simulate -- --seed ${seed}: ${result.broken[0]}`);
    for (const [name, count] of Object.entries(result.faults)) faults[name] = (faults[name] ?? 0) + count;
  }

  expect(broken).toEqual([]);
  // Weather that is always fine would prove nothing.
  expect(Object.keys(faults).length).toBeGreaterThanOrEqual(10);
});
