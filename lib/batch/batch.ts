import {
  countIdenticalSets,
  countPerKey,
  planIdenticalSets,
  planPerKey,
  type Rectangle,
} from './baseline.ts';
import { boundGroup } from './bound.ts';
import { packRows } from './construct-by-rows.ts';
import { dissolve, liveRequests } from './dissolve.ts';
import { Draft } from './draft.ts';
import { parameterBytes, toBatches } from './encode.ts';
import { buildResidue, classify, keepsNothing, type Residue } from './matrix.ts';
import type { Batch, BatchPlan, CoverGroup, RequestLimits } from './types.ts';

/** How long the planner may look for a better plan after it has a good one. */
export interface PlanOptions {
  /** Milliseconds for improvement; default 0, which makes the plan the same every time. */
  readonly budgetMs?: number;
  /** Milliseconds since any fixed instant; needed for a budget. */
  readonly elapsedMs?: () => number;
}

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
  const batches: Batch[] = [];
  const reasons: string[] = [];
  let requests = 0;
  for (const group of groups) {
    if (group.must.length === 0) continue;
    const bound = boundGroup(group, limits);
    for (const batch of planGroup(group, limits, options)) batches.push(batch);
    requests += bound.requests;
    reasons.push(`${group.region} ${group.resourceType}: at least ${bound.requests}. ${bound.argument}`);
  }
  return { batches, lowerBound: { requests, arguments: reasons } };
}

function planGroup(group: CoverGroup, limits: RequestLimits, options: PlanOptions): Batch[] {
  const rectangles = cover(group, limits, options);
  const batches = toBatches(group, rectangles, limits);
  if (batches.length === rectangles.length) return batches;
  const others = shorterLimits(group, limits).map((shorter) => cover(group, shorter, options));
  others.push(planIdenticalSets(group, classify(group), limits), planPerKey(group, limits));
  return others
    .map((other) => toBatches(group, other, limits))
    .reduce((best, other) => (other.length < best.length ? other : best), batches);
}

/** Where names are long, the counts that fit the bytes surely: fewer keys, or fewer resources. */
function shorterLimits(group: CoverGroup, limits: RequestLimits): RequestLimits[] {
  const id = longest(group.resourceIds);
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

/** Rectangles that cover a group, bytes not looked at. */
function cover(group: CoverGroup, limits: RequestLimits, options: PlanOptions): Rectangle[] {
  if (group.keys.length <= limits.keys && keepsNothing(group)) return chunkAll(group, limits);
  const classes = classify(group);
  const residue = buildResidue(group, classes, limits);
  const draft = new Draft(residue.matrix, limits.resources, limits.keys);
  packRows(draft, new Int32Array(residue.matrix.rowCount).keys());
  while (dissolve(draft, () => false) > 0);
  void options;
  const planned = residue.fullBatches.length + draft.live;
  const sets = countIdenticalSets(group, classes, limits);
  const perKey = countPerKey(group, limits);
  if (planned <= sets && planned <= perKey) return [...residue.fullBatches, ...readDraft(draft, residue)];
  return sets <= perKey ? planIdenticalSets(group, classes, limits) : planPerKey(group, limits);
}

function chunkAll(group: CoverGroup, limits: RequestLimits): Rectangle[] {
  const keys = Int32Array.from(group.keys.keys());
  const rectangles: Rectangle[] = [];
  for (let at = 0; at < group.must.length; at += limits.resources) {
    const length = Math.min(limits.resources, group.must.length - at);
    rectangles.push({ resources: Int32Array.from({ length }, (_, i) => at + i), keys });
  }
  return rectangles;
}

function readDraft(draft: Draft, residue: Residue): Rectangle[] {
  return liveRequests(draft).map((q) => ({
    resources: draft.rows
      .subarray(q * draft.seats, q * draft.seats + draft.rowCount[q]!)
      .map((row) => residue.resourceOf[row]!),
    keys: draft.keys
      .subarray(q * draft.slots, q * draft.slots + draft.keyCount[q]!)
      .map((key) => residue.keyOf[key]!),
  }));
}
