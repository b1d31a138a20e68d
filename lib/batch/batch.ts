import {
  countIdenticalSets,
  countPerKey,
  planIdenticalSets,
  planPerKey,
  type Rectangle,
} from './baseline.ts';
import { boundGroup } from './bound.ts';
import { packRows } from './construct-by-rows.ts';
import { packHybrid } from './construct-hybrid.ts';
import { dissolve, liveRequests } from './dissolve.ts';
import { Draft } from './draft.ts';
import { parameterBytes, toBatches } from './encode.ts';
import { buildResidue, type Classes, classify, keepsNothing, type Residue } from './matrix.ts';
import { ruinAndRecreate } from './ruin-recreate.ts';
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
  const clock = startClock(options);
  let rowsLeft = groups.reduce((sum, group) => sum + group.must.length, 0);
  const batches: Batch[] = [];
  const reasons: string[] = [];
  let requests = 0;
  for (const group of groups) {
    if (group.must.length === 0) continue;
    const bound = boundGroup(group, limits);
    for (const batch of planGroup(group, limits, shareOf(clock, group.must.length / rowsLeft))) {
      batches.push(batch);
    }
    rowsLeft -= group.must.length;
    requests += bound.requests;
    reasons.push(`${group.region} ${group.resourceType}: at least ${bound.requests}. ${bound.argument}`);
  }
  return { batches, lowerBound: { requests, arguments: reasons } };
}

/** Says when the time for improvement is over. */
interface Clock {
  readonly elapsedMs: () => number;
  readonly endMs: number;
  readonly halted: () => boolean;
}

const NO_TIME: Clock = { elapsedMs: () => 0, endMs: 0, halted: () => true };

function startClock({ budgetMs = 0, elapsedMs }: PlanOptions): Clock {
  if (elapsedMs === undefined || budgetMs <= 0) return NO_TIME;
  return clockUntil(elapsedMs, elapsedMs() + budgetMs);
}

function clockUntil(elapsedMs: () => number, endMs: number): Clock {
  return { elapsedMs, endMs, halted: () => elapsedMs() >= endMs };
}

/** A group's share of the time left. */
function shareOf(clock: Clock, share: number): Clock {
  if (clock === NO_TIME) return clock;
  const now = clock.elapsedMs();
  return clockUntil(clock.elapsedMs, now + Math.max(0, clock.endMs - now) * share);
}

function planGroup(group: CoverGroup, limits: RequestLimits, clock: Clock): Batch[] {
  const rectangles = cover(group, limits, clock);
  const batches = toBatches(group, rectangles, limits);
  if (batches.length === rectangles.length) return batches;
  const others = shorterLimits(group, limits).map((shorter) => cover(group, shorter, NO_TIME));
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
function cover(group: CoverGroup, limits: RequestLimits, clock: Clock): Rectangle[] {
  if (group.keys.length <= limits.keys && keepsNothing(group)) return chunkAll(group, limits);
  const classes = classify(group);
  const least = boundGroup(group, limits).requests;
  const { draft, residue } = bestConstruction(group, classes, limits, least);
  ruinAndRecreate(draft, least - residue.fullBatches.length, clock.halted);
  const planned = residue.fullBatches.length + draft.live;
  const sets = countIdenticalSets(group, classes, limits);
  const perKey = countPerKey(group, limits);
  if (planned <= sets && planned <= perKey) return [...residue.fullBatches, ...readDraft(draft, residue)];
  return sets <= perKey ? planIdenticalSets(group, classes, limits) : planPerKey(group, limits);
}

interface Construction {
  readonly draft: Draft;
  readonly residue: Residue;
}

/** The best of rows first, common keys first, and common keys first with nothing set apart. */
function bestConstruction(
  group: CoverGroup,
  classes: Classes,
  limits: RequestLimits,
  least: number,
): Construction {
  const apart = buildResidue(group, classes, limits, true);
  let best = construct(apart, limits, least, (draft) => packRows(draft, allRows(draft)));
  const consider = (residue: Residue, leastCommon: number): void => {
    if (requestsOf(best) <= least || leastCommon <= 0) return;
    const other = construct(residue, limits, least, (draft) => packHybrid(draft, leastCommon));
    if (requestsOf(other) < requestsOf(best)) best = other;
  };
  consider(apart, firstKeyOver(apart, limits.resources / 2));
  consider(apart, apart.matrix.keyCount - 2 * limits.keys);
  if (requestsOf(best) > least && hasRareKeys(apart, limits)) {
    const all = buildResidue(group, classes, limits, false);
    consider(all, firstKeyOver(all, limits.resources / 2));
  }
  return best;
}

function construct(
  residue: Residue,
  limits: RequestLimits,
  least: number,
  pack: (draft: Draft) => void,
): Construction {
  const draft = new Draft(residue.matrix, limits.resources, limits.keys);
  pack(draft);
  dissolve(draft, least - residue.fullBatches.length);
  return { draft, residue };
}

function requestsOf({ draft, residue }: Construction): number {
  return residue.fullBatches.length + draft.live;
}

function allRows(draft: Draft): Iterable<number> {
  return new Int32Array(draft.matrix.rowCount).keys();
}

/** The first key that more than `rows` rows need. */
function firstKeyOver({ matrix }: Residue, rows: number): number {
  const found = matrix.keyRows.findIndex((count) => count > rows);
  return found === -1 ? matrix.keyCount : found;
}

function hasRareKeys(residue: Residue, limits: RequestLimits): boolean {
  return firstKeyOver(residue, limits.resources / 2) > limits.keys && residue.fullBatches.length > 0;
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
