import type { Book } from '../change/book.ts';
import { columnOf } from '../change/column.ts';
import { compareTag } from '../change/compare.ts';
import type { Change } from '../change/table.ts';
import type { Resource, Tag } from '../resource.ts';
import { counted } from '../text.ts';
import type { Observed, Taker } from './taker.ts';

/** The kept tags of some resources that requests touch. */
export interface Bystanders {
  /** Notes a reading from before a request. */
  note(live: Resource): void;
  /** What a reading from afterwards shows of the kept tags of a row; nothing: its tags do not tell. */
  look(row: number, live: Resource | undefined): Observed | undefined;
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
    look(row, live) {
      const resource = before.get(row);
      if (resource?.tags === undefined || live?.tags === undefined) return undefined;
      const kept = resource.tags.filter((tag) => !wasAsked(row, tag));
      const lost = kept.filter((tag) => compareTag(tag, live) === 'absent');
      const changed = kept.filter((tag) => compareTag(tag, live) === 'changed');
      const asked = resource.tags.filter((tag) => wasAsked(row, tag));
      // What does not show the request yet does not show what else it did.
      const isShown = asked.some((tag) => compareTag(tag, live) !== 'there');
      if (lost.length + changed.length === 0 && !isShown) return undefined;
      return { resource, kept, lost, changed, asked: asked.map(({ key }) => key) };
    },
  };
}

/** Whether a kept tag went, or changed. */
export function isHarmed({ lost, changed }: Observed): boolean {
  return lost.length + changed.length > 0;
}

/** What was seen of harm, and who may have done it. */
export function explainHarm(harms: readonly Observed[], { text }: Taker): string {
  const lost = harms.reduce((sum, harm) => sum + harm.lost.length, 0);
  const changed = harms.reduce((sum, harm) => sum + harm.changed.length, 0);
  const first = harms[0]!;
  const keys = [...first.lost, ...first.changed].map(({ key }) => JSON.stringify(key)).slice(0, 5);
  const what = [
    ...(lost > 0 ? [`${counted(lost, 'kept tag')} went`] : []),
    ...(changed > 0 ? [`${counted(changed, 'kept tag')} changed`] : []),
  ].join(' and ');
  return `${what} on ${counted(harms.length, 'resource')} that a request had touched, ${keys.join(', ')} of ${first.resource.id} among them. ${text}`;
}

/** What of that which was lost is to be given back. */
export function givenBack(harms: readonly Observed[], { mayGiveBack }: Taker): readonly Change[] {
  return harms.flatMap(({ resource: { region, type, id }, lost }) => {
    const tags = lost.filter(({ key }) => mayGiveBack(key));
    return tags.length === 0 ? [] : [{ region, type, id, tags }];
  });
}
