import type { Batch } from '../batch/types.ts';
import type { ApplyContext } from './context.ts';

type PartsContext = Pick<ApplyContext, 'book'> & {
  readonly direction: Pick<ApplyContext['direction'], 'mayHold'>;
};

/**
 * What is left of a batch, as rectangles that hold at least one open tag a row and no pair that stays.
 *
 * Rows that may be asked for the same columns stay together: where nothing changed, the batch comes back
 * whole.
 */
export function remainingParts({ book, direction }: PartsContext, batch: Batch): readonly Batch[] {
  const groups = new Map<
    string,
    { readonly ids: string[]; readonly open: Set<string>; barred: Set<string> }
  >();
  for (const id of batch.ids) {
    const row = book.table.find(batch.region, batch.type, id);
    const open = batch.keys.filter((column) => book.isOpen(book.table.slotOf(row, column)));
    if (open.length === 0) continue;
    const barred = batch.keys.filter((column) => !direction.mayHold(row, column));
    const name = JSON.stringify(barred);
    const group = groups.get(name) ?? { ids: [], open: new Set(), barred: new Set(barred) };
    groups.set(name, group);
    group.ids.push(id);
    for (const column of open) group.open.add(column);
  }
  return [...groups.values()].map((group) => ({
    region: batch.region,
    type: batch.type,
    ids: group.ids,
    keys: batch.keys.filter((column) => group.open.has(column) && !group.barred.has(column)),
  }));
}

export type Side = 'resources' | 'keys';

/** Cuts a batch in two along a side that has at least two elements. */
export function halve(batch: Batch, cut: Side): readonly Batch[] {
  const length = lengthOf(batch, cut);
  const middle = Math.ceil(length / 2);
  return [
    [0, middle],
    [middle, length],
  ].map(([from, to]) =>
    cut === 'resources'
      ? { ...batch, ids: batch.ids.slice(from, to) }
      : { ...batch, keys: batch.keys.slice(from, to) },
  );
}

export function lengthOf(batch: Batch, side: Side): number {
  return side === 'resources' ? batch.ids.length : batch.keys.length;
}
