import { readAgain } from '../inventory/look-again.ts';
import type { Proof } from '../report/report.ts';
import { createPending } from './pending.ts';
import { type ProofOptions, rowsOf, unexplainedOf } from './prove.ts';
import { readWitnessed } from './witness.ts';

/**
 * Reads the resources of an undo again until every tag that was put back shows.
 *
 * One that others changed or took away with their resource is foreign, where a second witness does not know the resource
 * either; one that does not show after growing
 * pauses is unexplained. Where time ends before patience does it may only show late: then nothing is
 * verified, and nothing is held against it.
 */
export async function proveRestored(
  options: Pick<ProofOptions, 'book' | 'read' | 'witness' | 'clock' | 'time' | 'notShown'>,
): Promise<Proof> {
  const { book, clock, time } = options;
  const read = readWitnessed(options.read, options.witness);
  const { table } = book;
  const pending = createPending(book, (state) => state !== 'absent' && state !== 'unseen');
  for (const row of table.rows.keys()) {
    const restored: number[] = [];
    for (let slot = table.firstSlot(row); slot < table.firstSlot(row + 1); slot += 1) {
      if (book.endOf(slot) === 'restored') restored.push(slot);
    }
    if (restored.length > 0) pending.add(row, restored);
  }
  let foreign = 0;
  /** Of which nothing is known, or nothing any more; listed without its tags, a resource is no better known than before. */
  const unread = new Set(pending.rows().map(([row]) => row));
  const look = () =>
    read(
      pending.refs(),
      (ref, live) => {
        if (live === undefined || live.tags !== undefined) {
          unread.delete(table.find(ref.region, ref.type, ref.id));
        }
        const shown = pending.look(ref, live);
        foreign += live === undefined ? 1 : shown.filter(({ state }) => state === 'changed').length;
      },
      time.mayStart,
    );
  await look();
  const again = await readAgain({ clock, time, isWaiting: () => pending.size > 0, read: look });
  for (const row of rowsOf(book, again.unread)) unread.add(row);
  const isAccused = (row: number): boolean => again.isSettled && !unread.has(row);
  const differences = pending.names(isAccused);
  for (const [row, slots] of pending.rows()) if (isAccused(row)) book.retract(row, slots, options.notShown);
  return {
    verified: pending.size === 0,
    foreign,
    lost: 0,
    unread: unread.size,
    ...unexplainedOf(differences),
  };
}
