import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../lib/batch/classes.ts';
import { packRows } from '../../../lib/batch/construct-by-rows.ts';
import { dissolve } from '../../../lib/batch/dissolve.ts';
import { Draft } from '../../../lib/batch/draft.ts';
import { indexes } from '../../../lib/batch/indexes.ts';
import { countKeyUses } from '../../../lib/batch/key-uses.ts';
import { buildResidue } from '../../../lib/batch/matrix.ts';
import { groupsOf } from './support.ts';

const SEATS = 3;
const SLOTS = 4;

/** Which request owns each cell, once rows are packed in this order and requests dissolved. */
function pack(draft: Draft, order: Int32Array): number[] {
  packRows(draft, order);
  dissolve(draft, 1);
  return [...draft.owner];
}

describe('Draft', () => {
  it('plans in the arrays of another as it does in its own', () => {
    fc.assert(
      fc.property(groupsOf({ rows: 60, keys: 12 }), (group) => {
        const limits = { resources: SEATS, keys: SLOTS, bytes: 1_000_000 };
        const { matrix } = buildResidue(group, countKeyUses(group), classify(group), limits, false);
        const order = indexes(matrix.rowCount);
        const lost = new Draft(matrix, SEATS, SLOTS);
        pack(lost, order.slice().reverse());

        const again = pack(new Draft(matrix, SEATS, SLOTS, 0, lost), order);

        expect(again).toEqual(pack(new Draft(matrix, SEATS, SLOTS), order));
      }),
    );
  });
});
