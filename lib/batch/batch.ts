import {
  countIdenticalSets,
  countPerKey,
  planIdenticalSets,
  planPerKey,
  type Rectangle,
} from './baseline.ts';
import { boundGroup } from './bound.ts';
import { type Classes, classify, classifyByMust } from './classes.ts';
import { bestConstruction, type Construction, requestsOf } from './construct.ts';
import { liveRequests } from './dissolve.ts';
import { parameterBytes, toBatches } from './encode.ts';
import { keepsNothing } from './kept.ts';
import { countKeyUses, type KeyUses } from './key-uses.ts';
import { ruinAndRecreate } from './ruin-recreate.ts';
import type { Batch, BatchPlan, CoverGroup, RequestLimits } from './types.ts';

/**
 * Covers all tags that go with as few requests as it can, touching no pair that is kept.
 *
 * Groups add up: no request spans two. Never more requests than one per set of equal keys, nor than one per key.
 *
 * @see docs/decisions/0005-removal-planner.md
 */
export function planBatches(
  groups: readonly CoverGroup[],
  limits: RequestLimits,
  options: PlanOptions = {},
): BatchPlan {
  const { effort = 1 } = options;
  const batches: Batch[] = [];
  const reasons: string[] = [];
  let requests = 0;
  for (const group of groups) {
    if (group.must.length === 0) continue;
    const uses = countKeyUses(group);
    const classes = classify(group);
    const bound = boundGroup(group, uses, classes, limits);
    const planned = planGroup({ group, uses, classes }, bound.requests, limits, effort);
    for (const batch of planned) batches.push(batch);
    requests += bound.requests;
    const reason = `${group.region} ${group.type}: at least ${bound.requests}. ${bound.argument}`;
    reasons.push(planned.length > bound.requests ? `${reason} ${gapNote(planned.length)}` : reason);
  }
  return { batches, lowerBound: { requests, arguments: reasons } };
}

/** Which of the two is to blame for a gap, as far as it is known: `npm run bench:plan-exact` tells of small groups. */
function gapNote(planned: number): string {
  return (
    `The plan takes ${planned}, and whether fewer would do is not shown: in small fleets that were solved ` +
    'exactly, or nearly, both were at fault, the bound more than the plan.'
  );
}

/** How hard the planner looks for a better plan. */
export interface PlanOptions {
  /** How many times the usual tries at improvement; default 1. The plan is the same for the same effort. */
  readonly effort?: number;
}

/** A group with what is counted of it once. */
interface Problem {
  readonly group: CoverGroup;
  readonly uses: KeyUses;
  readonly classes: Classes;
}

function planGroup(problem: Problem, least: number, limits: RequestLimits, effort: number): readonly Batch[] {
  const { group, uses, classes } = problem;
  const { batches, rectangles } = toBatches(group, cover(problem, least, limits, effort), limits);
  if (batches.length === rectangles) return batches;
  const others = shorterLimits(group, limits).map((shorter) =>
    cover(problem, boundGroup(group, uses, classes, shorter).requests, shorter, effort),
  );
  others.push(planIdenticalSets(group, classifyByMust(group), limits), planPerKey(group, limits));
  return others
    .map((other) => toBatches(group, other, limits).batches)
    .reduce((best, other) => (other.length < best.length ? other : best), batches);
}

/** Where names are long, the counts that fit the bytes surely: fewer keys, or fewer resources. */
function shorterLimits(group: CoverGroup, limits: RequestLimits): RequestLimits[] {
  const id = longest(group.ids);
  const key = longest(group.keys);
  const keys = Math.floor((limits.bytes - limits.resources * id) / key);
  const resources = Math.floor((limits.bytes - limits.keys * key) / id);
  return [
    { ...limits, keys },
    { ...limits, resources },
  ].filter((some) => some.keys >= 1 && some.resources >= 1);
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, parameterBytes(text)), 0);
}

/** Rectangles that cover a group, bytes not looked at; made one by one, to spare memory. */
function cover(
  { group, uses, classes }: Problem,
  least: number,
  limits: RequestLimits,
  effort: number,
): Iterable<Rectangle> {
  if (group.keys.length <= limits.keys && keepsNothing(group)) return chunkAll(group, limits);
  const perKey = countPerKey(uses, limits);
  if (perKey <= least) return planPerKey(group, limits);
  const construction = bestConstruction(group, uses, classes, limits, least);
  ruinAndRecreate(construction.draft, least - construction.residue.fullBatches.length, effort);
  const planned = requestsOf(construction);
  if (planned <= least) return readRectangles(construction);
  const sets = classifyByMust(group);
  const perSet = countIdenticalSets(group, sets, limits);
  if (planned <= perSet && planned <= perKey) return readRectangles(construction);
  return perSet <= perKey ? planIdenticalSets(group, sets, limits) : planPerKey(group, limits);
}

function* chunkAll(group: CoverGroup, limits: RequestLimits): Iterable<Rectangle> {
  const keys = Int32Array.from(group.keys.keys());
  for (let at = 0; at < group.must.length; at += limits.resources) {
    const length = Math.min(limits.resources, group.must.length - at);
    yield { resources: Int32Array.from({ length }, (_, i) => at + i), keys };
  }
}

function* readRectangles({ draft, residue }: Construction): Iterable<Rectangle> {
  yield* residue.fullBatches;
  for (const q of liveRequests(draft)) {
    yield {
      resources: draft.rows
        .subarray(q * draft.seats, q * draft.seats + draft.rowCount[q]!)
        .map((row) => residue.resourceOf[row]!),
      keys: draft.keys
        .subarray(q * draft.slots, q * draft.slots + draft.keyCount[q]!)
        .map((key) => residue.keyOf[key]!),
    };
  }
}
