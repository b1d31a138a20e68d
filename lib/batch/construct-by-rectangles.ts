import { packParts } from './construct-by-rows.ts';
import type { Draft } from './draft.ts';
import { indexes } from './indexes.ts';
import { RectanglePacker, type RectangleTaste } from './rectangle-packer.ts';

const TASTE: RectangleTaste = { slotPrice: 2, crowding: 0.8, leastWorth: 0.3 };

/**
 * So many times the requests of the best plan so far are made as rectangles: small ones are easily dissolved,
 * and that is better than to leave their cells over, but each takes memory.
 */
const MOST_OPENED = 2;

/**
 * Covers what rectangles around rare keys are worth their request for, and puts the rest where there is room.
 *
 * @param fewest requests of the best plan so far.
 */
export function packRectangles(draft: Draft, fewest: number): void {
  const rows = indexes(draft.matrix.rowCount);
  new RectanglePacker(draft).pack(rows, TASTE, MOST_OPENED * fewest);
  packParts(draft, rows);
}
