import type { Book } from '../change/book.ts';
import { compareTag, type TagState } from '../change/compare.ts';
import { type Resource, type ResourceRef, resourceKey } from '../resource.ts';

/** Changed tags that readers do not see yet: canary, proof and undo wait for them. */
export interface Pending {
  add(row: number, slots: readonly number[]): void;
  /** Takes off what the reading shows, and tells how each of them looks; nothing where the row is not waited for. */
  look(ref: ResourceRef, live: Resource | undefined): readonly Shown[];
  readonly size: number;
  rows(): readonly (readonly [row: number, slots: readonly number[]])[];
  refs(): readonly ResourceRef[];
  /** `region/type/id key`, of some rows. */
  names(of: (row: number) => boolean): readonly string[];
}

/** One tag that a reading shows as changed. */
export interface Shown {
  readonly slot: number;
  readonly state: TagState;
}

/** @param isShown - whether a state of a tag shows that it was changed as it was asked. */
export function createPending({ table }: Book, isShown: (state: TagState) => boolean): Pending {
  const waiting = new Map<number, readonly number[]>();
  const tagOf = (row: number, slot: number) => table.rows[row]!.tags[slot - table.firstSlot(row)]!;
  return {
    add: (row, slots) => void waiting.set(row, [...(waiting.get(row) ?? []), ...slots]),
    look({ region, type, id }, live) {
      const row = table.find(region, type, id);
      const states = (waiting.get(row) ?? []).map((slot) => ({
        slot,
        state: compareTag(tagOf(row, slot), live),
      }));
      const rest = states.filter(({ state }) => !isShown(state));
      if (rest.length > 0)
        waiting.set(
          row,
          rest.map(({ slot }) => slot),
        );
      else waiting.delete(row);
      return states.filter(({ state }) => isShown(state));
    },
    get size() {
      return waiting.size;
    },
    rows: () => [...waiting],
    refs: () => [...waiting.keys()].map((row) => table.rows[row]!),
    names: (of) =>
      [...waiting].flatMap(([row, slots]) =>
        of(row) ? slots.map((slot) => `${resourceKey(table.rows[row]!)} ${tagOf(row, slot).key}`) : [],
      ),
  };
}
