import type { Batch } from '../batch/types.ts';
import type { TagKey } from '../resource.ts';
import { type ApplyContext, isOpen } from './context.ts';

type PartsContext = Pick<ApplyContext, 'index' | 'ledger' | 'sent' | 'isFree'>;

/**
 * What is left of a batch, as rectangles that hold at least one open tag a row and no pair that stays.
 *
 * Rows that may be asked for the same keys stay together: where nothing changed, the batch comes back
 * whole.
 */
export function remainingParts(context: PartsContext, batch: Batch): readonly Batch[] {
  const groups = new Map<
    string,
    { readonly ids: string[]; readonly open: Set<TagKey>; barred: Set<TagKey> }
  >();
  for (const id of batch.ids) {
    const position = context.index.find(batch.region, batch.type, id);
    const open = batch.keys.filter((key) => isOpenPair(context, position, key));
    if (open.length === 0) continue;
    const barred = batch.keys.filter((key) => !mayHold(context, position, key));
    const name = JSON.stringify(barred);
    const group = groups.get(name) ?? { ids: [], open: new Set(), barred: new Set(barred) };
    groups.set(name, group);
    group.ids.push(id);
    for (const key of open) group.open.add(key);
  }
  return [...groups.values()].map((group) => ({
    region: batch.region,
    type: batch.type,
    ids: group.ids,
    keys: batch.keys.filter((key) => group.open.has(key) && !group.barred.has(key)),
  }));
}

function isOpenPair(context: PartsContext, position: number, key: TagKey): boolean {
  return isOpen(context, context.index.slotOf(position, key));
}

/** A pair that is gone by our own hand may stand in a request again; one that ended otherwise may not. */
function mayHold(context: PartsContext, position: number, key: TagKey): boolean {
  const slot = context.index.slotOf(position, key);
  if (slot < 0) return context.isFree(context.index.removals[position]!, key);
  const end = context.ledger.endOf(slot);
  return end === undefined || end === 'removed';
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
