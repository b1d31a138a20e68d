import { CleanupError } from '../errors.ts';
import { readerOf } from '../lazy-list.ts';
import { createRefIndex } from '../ref-index.ts';
import type { Region, ResourceRef, ResourceType, Tag } from '../resource.ts';
import { type Action, columnOf } from './column.ts';

/** One resource and the tags that change on it; a plan's removal is one. */
export interface Change extends ResourceRef {
  readonly tags: readonly Tag[];
}

/**
 * What a plan changes, found by name.
 *
 * Every planned tag has a slot, a number from 0 in the order of the plan, so that what is known of
 * millions of tags fits typed arrays. Both lookups answer -1 for what the plan does not name.
 */
export interface ChangeTable {
  readonly action: Action;
  readonly rows: readonly Change[];
  /** Number of planned tags. */
  readonly slots: number;
  /** The row of a resource. */
  find(region: Region, type: ResourceType, id: string): number;
  /** The slot of one column of a row: of a key, or of a key with its value where tags are put. */
  slotOf(row: number, column: string): number;
  /** The slot of the first tag of a row; the others follow. */
  firstSlot(row: number): number;
}

/**
 * Tabulates the changes of a plan.
 *
 * @throws {CleanupError} code `PLAN_REFUSED` when a resource, or a key of a resource, is named twice.
 */
export function createChangeTable(rows: readonly Change[], action: Action = 'remove'): ChangeTable {
  const resources = createRefIndex();
  const rowAt = readerOf(rows);
  const first = new Uint32Array(rows.length + 1);
  for (const [at, row] of rows.entries()) {
    if (resources.add(row) < at) throw namedTwice(`resource ${row.id}`);
    const keys = new Set(row.tags.map((tag) => tag.key));
    if (keys.size < row.tags.length) throw namedTwice(`a key of resource ${row.id}`);
    first[at + 1] = first[at]! + row.tags.length;
  }
  return {
    action,
    rows,
    slots: first[rows.length]!,
    find: resources.find,
    slotOf(row, column) {
      if (row < 0 || row >= rows.length) return -1;
      const at = rowAt(row).tags.findIndex((tag) => columnOf(action, tag) === column);
      return at < 0 ? -1 : first[row]! + at;
    },
    firstSlot: (row) => first[row]!,
  };
}

function namedTwice(what: string): CleanupError {
  return new CleanupError('PLAN_REFUSED', `The plan names ${what} twice; make the plan again.`);
}
