import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../lib/batch/classes.ts';
import { packInOrder } from '../../../lib/batch/construct-by-rows.ts';
import { dissolve } from '../../../lib/batch/dissolve.ts';
import { Draft } from '../../../lib/batch/draft.ts';
import { indexes } from '../../../lib/batch/indexes.ts';
import { countKeyUses } from '../../../lib/batch/key-uses.ts';
import { buildResidue } from '../../../lib/batch/matrix.ts';
import type { CoverGroup } from '../../../lib/batch/types.ts';
import { groupsOf } from './support.ts';

const SEATS = 3;
const SLOTS = 4;

function aMatrix(group: CoverGroup) {
  const limits = { resources: SEATS, keys: SLOTS, bytes: 1_000_000 };
  return buildResidue(group, countKeyUses(group), classify(group), limits, false).matrix;
}

/** Which request owns each cell, once rows are packed in this order and requests dissolved. */
function pack(draft: Draft, order: Int32Array): number[] {
  packInOrder(draft, order);
  dissolve(draft, 1);
  return [...draft.owner];
}

/** The cells of each request, in the order of their first cells. */
function requestsOf(draft: Draft): number[][] {
  const cells = new Map<number, number[]>();
  for (const [cell, q] of draft.owner.entries()) cells.set(q, [...(cells.get(q) ?? []), cell]);
  return [...cells.values()];
}

describe('Draft', () => {
  it('plans once cleared as it does when new', () => {
    fc.assert(
      fc.property(groupsOf({ rows: 60, keys: 12 }), (group) => {
        const matrix = aMatrix(group);
        const order = indexes(matrix.rowCount);
        const used = new Draft(matrix, SEATS, SLOTS);
        pack(used, order.slice().reverse());

        used.clear();

        expect(pack(used, order)).toEqual(pack(new Draft(matrix, SEATS, SLOTS), order));
      }),
    );
  });

  it('makes requests anew of who owned each cell, and what they hold with them', () => {
    fc.assert(
      fc.property(groupsOf({ rows: 60, keys: 12 }), (group) => {
        const matrix = aMatrix(group);
        const draft = new Draft(matrix, SEATS, SLOTS);
        pack(draft, indexes(matrix.rowCount));
        const before = requestsOf(draft);
        const live = draft.live;

        draft.restore(draft.owner.slice());

        expect(requestsOf(draft)).toEqual(before);
        expect(draft.live).toBe(live);
        for (let q = 0; q < draft.size; q++) {
          const cells = [...draft.owner.keys()].filter((cell) => draft.owner[cell] === q);
          const keys = [...draft.keys.subarray(q * SLOTS, q * SLOTS + draft.keyCount[q]!)];
          expect(keys.sort()).toEqual([...new Set(cells.map((cell) => matrix.keys[cell]!))].sort());
          expect(draft.cells[q]).toBe(cells.length);
        }
      }),
    );
  });
});
