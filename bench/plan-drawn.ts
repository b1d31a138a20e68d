import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countIdenticalSets, countPerKey } from '../lib/batch/baseline.ts';
import { planBatches } from '../lib/batch/batch.ts';
import { classifyByMust } from '../lib/batch/classes.ts';
import { countKeyUses } from '../lib/batch/key-uses.ts';
import type { CoverGroup, RequestLimits } from '../lib/batch/types.ts';
import { drawFleet } from './drawn-fleets.ts';
import { createGrouping } from './groups.ts';
import { greedyRectangles, referencePlan, rowsAndColumns, rowsByBestFit } from './simple-planners.ts';

/*
 * The planner over fleets drawn at random, beside simple methods and a plain reference planner: requests over
 * those of the best plan that is known of each fleet, whoever found it, in seconds or in a long search.
 * npm run --silent bench:plan-drawn -- [--size 300] [--from 1001] [--to 1200] [--effort 1] [--each] [--record]
 * Seeds up to 1000 are for tuning. `--record` keeps better plans' numbers in best-known.json.
 */
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '300' },
    from: { type: 'string', default: '1001' },
    to: { type: 'string', default: '1200' },
    effort: { type: 'string', default: '1' },
    alone: { type: 'boolean', default: false },
    each: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const LIMITS: RequestLimits = { resources: 50, keys: 20, bytes: 1_000_000 };
const BEST_KNOWN = fileURLToPath(new URL('best-known.json', import.meta.url));
const size = Number(values.size);
const effort = Number(values.effort);

type Method = (group: CoverGroup) => number;

const SIMPLE: Readonly<Record<string, Method>> = {
  'identical sets': (group) => countIdenticalSets(group, classifyByMust(group), LIMITS),
  'per key': (group) => countPerKey(countKeyUses(group), LIMITS),
  'rows by best fit': (group) => rowsByBestFit(group, LIMITS).count(),
  'rows and columns': (group) => rowsAndColumns(group, LIMITS).count(),
  'greedy rectangles': (group) => greedyRectangles(group, LIMITS).count(),
  'reference planner': (group) => referencePlan(group, LIMITS),
};
const OURS = 'planner';
const methods = values.alone ? [OURS] : [OURS, ...Object.keys(SIMPLE)];

/** Requests of each method over the best known, one number a fleet. */
const over = new Map<string, number[]>(methods.map((name) => [name, []]));
const best = JSON.parse(await readFile(BEST_KNOWN, 'utf8')) as Record<string, number>;
let worseThanSimple = 0;
let seconds = 0;
for (let seed = Number(values.from); seed <= Number(values.to); seed++) {
  const fleet = drawFleet(size, seed);
  const grouping = createGrouping(fleet.free);
  for (const resource of fleet.resources) grouping.add(resource);
  const groups = grouping.finish();
  const before = process.cpuUsage().user;
  const plan = planBatches(groups, LIMITS, { effort });
  const took = (process.cpuUsage().user - before) / 1e6;
  seconds += took;
  const requests = methods.map((name) => (name === OURS ? plan.batches.length : sum(groups, SIMPLE[name]!)));
  const known = Math.min(best[`${size}/${seed}`] ?? Number.POSITIVE_INFINITY, ...requests);
  best[`${size}/${seed}`] = known;
  if (requests.slice(1, -1).some((some) => some < requests[0]!)) worseThanSimple++;
  for (const [i, name] of methods.entries()) over.get(name)!.push(requests[i]! / known);
  if (values.each) {
    const numbers = [plan.lowerBound.requests, known, ...requests].join(' | ');
    console.log(`| ${seed} ${fleet.family} | ${numbers} | ${took.toFixed(2)} |`);
  }
}
console.log(
  `${over.get(OURS)!.length} fleets of ${size}; ${seconds.toFixed(1)} s of processor for the planner`,
);
console.log(`worse than a simple method: ${worseThanSimple}`);
console.log('| method | mean | 95th percentile | worst |\n|---|---|---|---|');
for (const [name, ratios] of over) {
  ratios.sort((a, b) => a - b);
  const mean = ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length;
  const at = (share: number) => ratios[Math.ceil(share * ratios.length) - 1]!.toFixed(3);
  console.log(`| ${name} | ${mean.toFixed(3)} | ${at(0.95)} | ${at(1)} |`);
}
if (values.record) await writeFile(BEST_KNOWN, `${JSON.stringify(best)}\n`);

function sum(groups: readonly CoverGroup[], count: Method): number {
  return groups.reduce((total, group) => total + count(group), 0);
}
