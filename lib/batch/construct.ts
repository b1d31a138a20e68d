import type { Classes } from './classes.ts';
import { packRectangles } from './construct-by-rectangles.ts';
import { packRows } from './construct-by-rows.ts';
import { packHybrid } from './construct-hybrid.ts';
import { dissolve } from './dissolve.ts';
import { Draft } from './draft.ts';
import type { KeyUses } from './key-uses.ts';
import { buildResidue, type Residue } from './matrix.ts';
import type { CoverGroup, RequestLimits } from './types.ts';

/** A plan in the making, with what was set apart from it. */
export interface Construction {
  readonly draft: Draft;
  readonly residue: Residue;
}

/** A plan as who owns each cell: a twentieth of what a draft takes. */
interface Result {
  readonly residue: Residue;
  readonly owner: Int32Array;
  readonly requests: number;
}

/**
 * The best of three constructions, each followed by dissolving; ends early when one meets the bound.
 *
 * Rows first, with full requests of equal rows set apart: that meets the bound where templates rule. Then, with
 * nothing set apart, rectangles around rare keys, for kept pairs and long tails; and common keys by rows with
 * rare keys by columns, for where both seats and key slots are scarce.
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
  const newDraft = ({ matrix }: Residue) =>
    new Draft(matrix, limits.resources, limits.keys, Math.min(matrix.rowCount, 4 * least));
  let draft = newDraft(apart);
  let best = construct({ draft, residue: apart }, least, packRows);
  if (best.requests <= least) return { draft, residue: apart };
  const isWhole = apart.fullBatches.length === 0;
  const residue = isWhole ? apart : buildResidue(group, uses, classes, limits, false);
  if (!isWhole) draft = newDraft(residue);
  for (const pack of [packHybrid, packRectangles]) {
    draft.clear();
    const other = construct({ draft, residue }, least, (some) => pack(some, best.requests));
    if (other.requests < best.requests) best = other;
    if (best.requests <= least) break;
  }
  if (best.residue !== residue) draft = newDraft(best.residue);
  draft.restore(best.owner);
  return { draft, residue: best.residue };
}

/** How many requests a construction takes, those set apart with them. */
export function requestsOf({ draft, residue }: Construction): number {
  return residue.fullBatches.length + draft.live;
}

function construct(construction: Construction, least: number, pack: (draft: Draft) => void): Result {
  const { draft, residue } = construction;
  pack(draft);
  dissolve(draft, Math.max(0, least - residue.fullBatches.length));
  return { residue, owner: draft.owner.slice(), requests: requestsOf(construction) };
}
