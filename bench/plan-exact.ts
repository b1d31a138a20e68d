import { parseArgs } from 'node:util';
import { planBatches } from '../lib/batch/batch.ts';
import type { CoverGroup } from '../lib/batch/types.ts';
import { drawFleet } from './drawn-fleets.ts';
import { solveExactly } from './exact-cover.ts';
import { createGrouping } from './groups.ts';
import { seededRandom } from './random.ts';

/*
 * Small drawn fleets solved exactly: which of the two is loose, the plan or its bound?
 * npm run --silent bench:plan-exact -- [--from 1001] [--to 1066]
 */
const { values } = parseArgs({
  options: { from: { type: 'string', default: '1001' }, to: { type: 'string', default: '1066' } },
});
/** All sets of keys are gone through, so there cannot be many: the most used ones stay. */
const MOST_KEYS = 12;

interface Tally {
  fleets: number;
  settled: number;
  fractions: number;
  optimum: number;
  plan: number;
  bound: number;
  worst: number;
}

const tallies = new Map<string, Tally>();
for (let seed = Number(values.from); seed <= Number(values.to); seed++) {
  const random = seededRandom(seed);
  const fleet = drawFleet(20 + random.below(41), seed);
  const limits = { resources: 5 + random.below(6), keys: 4 + random.below(3), bytes: 1_000_000 };
  const grouping = createGrouping(fleet.free);
  for (const { remove, keep, id } of fleet.resources) {
    grouping.add({ id, type: 'ContainerGroup', region: 'cn-hangzhou', remove, keep });
  }
  const group = narrowed(grouping.finish()[0]!);
  const { batches, lowerBound } = planBatches([group], limits);
  const { least, found } = await solveExactly(group, limits);
  const optimum = Math.min(found, batches.length);
  console.error(seed, fleet.family, { least, found, plan: batches.length, bound: lowerBound.requests });
  const tally = tallies.get(fleet.family) ?? {
    fleets: 0,
    settled: 0,
    fractions: 0,
    optimum: 0,
    plan: 0,
    bound: 0,
    worst: 1,
  };
  tallies.set(fleet.family, tally);
  tally.fleets++;
  if (least === optimum) tally.settled++;
  tally.fractions += least;
  tally.optimum += optimum;
  tally.plan += batches.length;
  tally.bound += lowerBound.requests;
  tally.worst = Math.max(tally.worst, batches.length / least);
}
console.log(
  '| family | fleets | proved optimal | optimum at least | best found | plan | bound | plan / optimum | worst | bound / optimum |\n|---|---|---|---|---|---|---|---|---|---|',
);
for (const [family, { fleets, settled, fractions, optimum, plan, bound, worst }] of tallies) {
  const ratios = [(plan / fractions).toFixed(3), worst.toFixed(3), (bound / optimum).toFixed(3)];
  console.log(`| ${[family, fleets, settled, fractions, optimum, plan, bound, ...ratios].join(' | ')} |`);
}

/** The group with its most used keys alone, and the resources that lose one of them. */
function narrowed(group: CoverGroup): CoverGroup {
  const uses = group.keys.map(() => 0);
  for (const keys of group.must) for (const key of Array.from(keys)) uses[key]!++;
  const order = group.keys.map((_, key) => key).sort((a, b) => uses[b]! - uses[a]! || a - b);
  const stay = order.slice(0, MOST_KEYS).sort((a, b) => a - b);
  const numberOf = new Map(stay.map((key, number) => [key, number]));
  const renumber = (keys: ArrayLike<number>) =>
    Array.from(keys).flatMap((key) => (numberOf.has(key) ? [numberOf.get(key)!] : []));
  const rows = group.must.map((_, row) => row).filter((row) => renumber(group.must[row]!).length > 0);
  return {
    ...group,
    keys: stay.map((key) => group.keys[key]!),
    ids: rows.map((row) => group.ids[row]!),
    must: rows.map((row) => renumber(group.must[row]!)),
    kept: rows.map((row) => renumber(group.kept[row]!)),
  };
}
