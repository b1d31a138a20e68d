import type { Classes } from './classes.ts';
import { packRows } from './construct-by-rows.ts';
import { packSeeds } from './construct-by-seeds.ts';
import { packHybrid } from './construct-hybrid.ts';
import { dissolve } from './dissolve.ts';
import { Draft } from './draft.ts';
import { indexes } from './indexes.ts';
import type { KeyUses } from './key-uses.ts';
import { buildResidue, type Residue } from './matrix.ts';
import type { CoverGroup, RequestLimits } from './types.ts';

/** A plan in the making, with what was set apart from it. */
export interface Construction {
  readonly draft: Draft;
  readonly residue: Residue;
}

/** Up to so many cells more ways are tried: there they cost a second, and beyond it many. */
const SMALL_CELLS = 150_000;

/**
 * The best of several constructions, each followed by dissolving; ends early when one meets the bound.
 *
 * Rows first; then common keys first with two notions of common; where there are few cells, with a third
 * one and around hard rows; last, where key slots may be scarce, with nothing set apart.
 *
 * @param least a lower bound of the group.
 */
export function bestConstruction(
  group: CoverGroup,
  uses: KeyUses,
  classes: Classes,
  limits: RequestLimits,
  least: number,
): Construction {
  const apart = buildResidue(group, uses, classes, limits, true);
  let best = construct(apart, limits, least, (draft) => packRows(draft, indexes(draft.matrix.rowCount)));
  let lost: Draft | undefined;
  const consider = (residue: Residue, pack: (draft: Draft) => void): void => {
    if (requestsOf(best) <= least) return;
    const other = construct(residue, limits, least, pack, lost);
    lost = requestsOf(other) < requestsOf(best) ? best.draft : other.draft;
    if (lost === best.draft) best = other;
  };
  const considerHybrid = (residue: Residue, leastCommon: number): void => {
    if (leastCommon > 0) consider(residue, (draft) => packHybrid(draft, leastCommon));
  };
  considerHybrid(apart, firstKeyOver(apart, limits.resources / 2));
  considerHybrid(apart, apart.matrix.keyCount - 2 * limits.keys);
  if (apart.matrix.keys.length <= SMALL_CELLS) {
    considerHybrid(apart, firstKeyOver(apart, limits.resources / 8));
    consider(apart, packSeeds);
  }
  if (requestsOf(best) > least && hasRareKeys(apart, limits)) {
    const all = buildResidue(group, uses, classes, limits, false);
    considerHybrid(all, firstKeyOver(all, limits.resources / 2));
  }
  return best;
}

/** How many requests a construction takes, those set apart with them. */
export function requestsOf({ draft, residue }: Construction): number {
  return residue.fullBatches.length + draft.live;
}

function construct(
  residue: Residue,
  limits: RequestLimits,
  least: number,
  pack: (draft: Draft) => void,
  lost?: Draft,
): Construction {
  const leastLeft = Math.max(0, least - residue.fullBatches.length);
  const expected = Math.min(residue.matrix.rowCount, 2 * leastLeft);
  const old = lost?.matrix === residue.matrix ? lost : undefined;
  const draft = new Draft(residue.matrix, limits.resources, limits.keys, expected, old);
  pack(draft);
  dissolve(draft, leastLeft);
  return { draft, residue };
}

/** The first key that more than `rows` rows need. */
function firstKeyOver({ matrix }: Residue, rows: number): number {
  const found = matrix.keyRows.findIndex((count) => count > rows);
  return found === -1 ? matrix.keyCount : found;
}

function hasRareKeys(residue: Residue, limits: RequestLimits): boolean {
  return firstKeyOver(residue, limits.resources / 2) > limits.keys && residue.fullBatches.length > 0;
}
