import type { Book } from '../change/book.ts';
import { columnOf } from '../change/column.ts';
import { compareTag } from '../change/compare.ts';
import type { Change } from '../change/table.ts';
import { MAX_TAGS_PER_RESOURCE, type Resource, type Tag } from '../resource.ts';
import { counted } from '../text.ts';

/** What went, or changed, on a resource beside what was asked for. */
export interface Harm {
  readonly resource: Resource;
  readonly lost: readonly Tag[];
  readonly changed: readonly Tag[];
  /** Whether each key that is lost differs from one that was asked for by its case alone. */
  readonly byCase: boolean;
}

/** The kept tags of some resources that requests touch. */
export interface Bystanders {
  /** Notes a reading from before a request. */
  note(live: Resource): void;
  /** What a reading from afterwards shows of the kept tags of a row; nothing: all are there. */
  harm(row: number, live: Resource | undefined): Harm | undefined;
}

/**
 * Watches the kept tags of some rows.
 *
 * @param seen - the resources as they were before the first request.
 */
export function createBystanders(
  book: Book,
  seen: Iterable<Resource>,
  rows: ReadonlySet<number>,
): Bystanders {
  const { table } = book;
  const before = new Map<number, Resource>();
  const note = (resource: Resource): void => {
    const row = table.find(resource.region, resource.type, resource.id);
    if (rows.has(row) && resource.tags !== undefined) before.set(row, resource);
  };
  if (rows.size > 0) for (const resource of seen) note(resource);
  const wasAsked = (row: number, tag: Tag): boolean => {
    const slot = table.slotOf(row, columnOf(table.action, tag));
    return slot >= 0 && book.wasSent(slot);
  };
  return {
    note,
    harm(row, live) {
      const resource = before.get(row);
      if (resource?.tags === undefined || live?.tags === undefined) return undefined;
      const kept = resource.tags.filter((tag) => !wasAsked(row, tag));
      const lost = kept.filter((tag) => compareTag(tag, live) === 'absent');
      const changed = kept.filter((tag) => compareTag(tag, live) === 'changed');
      if (lost.length + changed.length === 0) return undefined;
      const asked = new Set(table.rows[row]!.tags.map(({ key }) => key.toLowerCase()));
      const byCase = lost.length > 0 && lost.every(({ key }) => asked.has(key.toLowerCase()));
      return { resource, lost, changed, byCase };
    },
  };
}

/** What a service that does such harm would be like. */
export function explainHarm(harms: readonly Harm[]): string {
  const lost = harms.reduce((sum, harm) => sum + harm.lost.length, 0);
  const changed = harms.reduce((sum, harm) => sum + harm.changed.length, 0);
  const first = harms[0]!;
  const keys = [...first.lost, ...first.changed].map(({ key }) => JSON.stringify(key)).slice(0, 5);
  const what = [
    ...(lost > 0 ? [`${counted(lost, 'kept tag')} went`] : []),
    ...(changed > 0 ? [`${counted(changed, 'kept tag')} changed`] : []),
  ].join(' and ');
  const why =
    lost === 0
      ? 'Others may have done it, or this service changes more than it is asked to.'
      : harms.every(({ byCase }) => byCase)
        ? 'A service that compares keys without regard to their case would do this.'
        : 'A service that removes more than the keys of a request would do this, or others did it.';
  return `${what} on ${counted(harms.length, 'resource')} that a request had touched, ${keys.join(', ')} of ${first.resource.id} among them. ${why}`;
}

/** What can be given back of what was lost: as much as there is room for. */
export function lostOf(harms: readonly Harm[]): readonly Change[] {
  return harms
    .filter(({ lost }) => lost.length > 0)
    .map(({ resource: { region, type, id }, lost }) => ({
      region,
      type,
      id,
      tags: lost.slice(0, MAX_TAGS_PER_RESOURCE),
    }));
}
