import { isCutByCanary } from '../lib/apply/waves.ts';
import { RESOURCE_KINDS } from '../lib/kinds.ts';
import { estimateMs } from '../lib/pace/estimate.ts';
import type { Plan } from '../lib/plan/types.ts';
import { formatDuration } from '../lib/policy/duration.ts';
import type { Policy } from '../lib/policy/policy.ts';
import type { PlannedCleanup } from '../lib/run/cleanup.ts';
import { count, counted } from './numbers.ts';
import type { PlanView } from './render-plan.ts';
import { localTimeWithZone } from './times.ts';

/** What is shown beside a plan that was just made. */
export function planView(planned: PlannedCleanup, policy: Policy): PlanView {
  const { plan, lowerBound, warnings, inventory, calls } = planned;
  return {
    plan,
    limits: policy.limits,
    warnings: [
      ...noticedNote(planned, policy),
      ...warnings,
      ...inventory.gaps.map(({ region, code, message }) => `${region}: ${code}: ${message}`),
    ],
    boundReasons: lowerBound.arguments,
    isCutByCanary: isCutByCanary(plan.batches, policy.limits.canary),
    readingsBefore: readingsBefore(plan),
    untagMs: estimateMs(
      'UntagResources',
      plan.batches.map(({ region }) => region),
      policy.pace,
    ),
    reading: describeReading(calls.list, inventory.readings),
  };
}

/** What the policy takes and the plan leaves alone. */
function noticedNote({ noticed }: PlannedCleanup, { notice }: Policy): readonly string[] {
  if (notice === undefined || noticed === 0) return [];
  return [
    `${counted(noticed, 'tag')} kept until their notice is over, ${formatDuration(notice.graceMs)} after an apply announced them; tagsweep explain says of each since when`,
  ];
}

/** Calls that read by id what a request names, where its reading is older than the policy allows by then. */
function readingsBefore({ batches }: Plan): number {
  return batches.reduce(
    (sum, { type, ids }) => sum + Math.ceil(ids.length / RESOURCE_KINDS[type].list.ids.most),
    0,
  );
}

/** How the inventory was read, what a plain listing would have cost as far as it is known, and what to know of it. */
function describeReading(calls: number, readings: PlannedCleanup['inventory']['readings']): string {
  const ways = new Map<string, number>();
  const notes = new Set<string>();
  let plain = 0;
  for (const { way, calls: spent, plainCalls, note } of readings) {
    ways.set(way, (ways.get(way) ?? 0) + 1);
    plain += plainCalls ?? spent;
    if (note !== undefined) notes.add(note);
  }
  const how = [...ways].map(([way, places]) => (ways.size === 1 ? way : `${way} (${places})`)).join(', ');
  const orMore = readings.some(({ countCutShort }) => countCutShort) ? ' or more' : '';
  const saved = plain > calls ? `, instead of ${count(plain)}${orMore}` : '';
  const known = notes.size === 0 ? '' : `; ${[...notes].join('; ')}`;
  return `read with ${counted(calls, 'call')}${saved}${how === '' ? '' : `: ${how}`}${known}`;
}

/** What is shown beside a plan that was made earlier. */
export function savedPlanView(plan: Plan, policy: Policy): PlanView {
  return {
    plan,
    limits: policy.limits,
    warnings: [],
    boundReasons: [],
    isCutByCanary: isCutByCanary(plan.batches, policy.limits.canary),
    readingsBefore: readingsBefore(plan),
    untagMs: estimateMs(
      'UntagResources',
      plan.batches.map(({ region }) => region),
      policy.pace,
    ),
    reading: `made ${localTimeWithZone(plan.createdAt)}; what changed since is kept`,
  };
}
