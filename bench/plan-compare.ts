import { parseArgs } from 'node:util';
import { countIdenticalSets, countPerKey } from '../lib/batch/baseline.ts';
import { planBatches } from '../lib/batch/batch.ts';
import { classifyByMust } from '../lib/batch/classes.ts';
import { countKeyUses } from '../lib/batch/key-uses.ts';
import type { CoverGroup, RequestLimits } from '../lib/batch/types.ts';
import { FAMILIES } from './fleets.ts';
import { createGrouping } from './groups.ts';

/*
 * The planner beside the three usual ways, in requests over the lower bound.
 * npx tsx bench/plan-compare.ts [--size 10000] [--seed 1] [--effort N] [--family NAME] [--free absent|none]
 */
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    effort: { type: 'string', default: '1' },
    family: { type: 'string' },
    free: { type: 'string', default: 'absent' },
  },
});
const limits: RequestLimits = { resources: 50, keys: 20, bytes: 8000 };
const effort = Number(values.effort);

console.log(['family', 'bound', 'per resource', 'identical sets', 'per key', 'planner', 'ms'].join(' | '));
for (const family of FAMILIES) {
  if (values.family !== undefined && !family.name.includes(values.family)) continue;
  const grouping = createGrouping(values.free === 'none' ? 'none' : 'absent');
  for (const resource of family.generate(Number(values.size), Number(values.seed))) grouping.add(resource);
  const groups = grouping.finish();
  const startedAt = performance.now();
  const plan = planBatches(groups, limits, { effort });
  const ms = performance.now() - startedAt;
  const bound = plan.lowerBound.requests;
  const over = (calls: number) => (calls / bound).toFixed(3);
  console.log(
    [
      family.name.padEnd(18),
      String(bound).padStart(6),
      over(sum(groups, countPerResource)),
      over(sum(groups, (group) => countIdenticalSets(group, classifyByMust(group), limits))),
      over(sum(groups, (group) => countPerKey(countKeyUses(group), limits))),
      over(plan.batches.length),
      ms.toFixed(0),
    ].join(' | '),
  );
}

function countPerResource(group: CoverGroup): number {
  return group.must.reduce((requests, keys) => requests + Math.ceil(keys.length / limits.keys), 0);
}

function sum(groups: readonly CoverGroup[], count: (group: CoverGroup) => number): number {
  return groups.reduce((total, group) => total + count(group), 0);
}
