import type { Ledger } from '../report/ledger.ts';
import type { RemovalIndex } from '../report/removal-index.ts';
import type { LeftTag } from '../report/report.ts';
import { MAX_TAGS_PER_RESOURCE, type Resource, type Tag } from '../resource.ts';
import { type Collected, tagName } from './collect.ts';

/** The most tags that an undo names one by one. */
export const MAX_LEFT_NAMED = 1000;

/** What an undo keeps book of. */
export interface UndoBook {
  readonly index: RemovalIndex;
  /** Here `removed` is what was put back. */
  readonly ledger: Ledger;
  readonly collected: Collected;
  readonly left: LeftTag[];
}

/**
 * Looks at one resource, and gives an end to every tag that is not to be put back, with why.
 *
 * What stays open can be put back: its key is absent, its value known, and there is room.
 *
 * @param live - left out: the resource does not exist any more.
 */
export function decideRestores(book: UndoBook, position: number, live: Resource | undefined): void {
  const removal = book.index.removals[position]!;
  const first = book.index.firstSlot(position);
  let room = MAX_TAGS_PER_RESOURCE - (live?.tags?.length ?? 0);
  for (const [at, tag] of removal.tags.entries()) {
    if (book.ledger.endOf(first + at) !== undefined) continue;
    const verdict = judgeTag(book.collected, tagName(removal, tag.key), tag, live, room);
    if (verdict === undefined) room -= 1;
    else if ('end' in verdict) leave(book, position, at, verdict.end, verdict.why);
    else refuse(book, position, at, verdict.code, verdict.why);
  }
}

type Verdict =
  | { readonly end: 'absent' | 'stale' | 'vanished'; readonly why: string }
  | { readonly code: string; readonly why: string };

/** Why a tag is left; nothing: it can be put back. */
function judgeTag(
  collected: Collected,
  name: string,
  tag: Tag,
  live: Resource | undefined,
  room: number,
): Verdict | undefined {
  if (collected.neverAsked.has(name)) {
    return { end: 'absent', why: 'The run announced its removal and never asked for it.' };
  }
  if (live === undefined) return { end: 'vanished', why: 'The resource does not exist any more.' };
  if (live.tags === undefined)
    return { code: 'TagsUnseen', why: 'The resource was listed without its tags.' };
  const isKept = !collected.withoutValue.has(name);
  const current = live.tags.find((now) => now.key === tag.key)?.value;
  if (current !== undefined) return judgePresent(current, isKept ? tag.value : undefined);
  if (!isKept) return { code: 'ValueNotKept', why: 'Its value was not kept: the policy has journal: keys.' };
  if (CLOUD_KEY.test(tag.key)) {
    return { code: 'ReservedKey', why: 'The key belongs to the cloud, which alone can set it.' };
  }
  if (room > 0) return undefined;
  return { code: 'TagLimit', why: `The resource would hold more than ${MAX_TAGS_PER_RESOURCE} tags.` };
}

function judgePresent(current: string, value: string | undefined): Verdict {
  if (current === value) return { end: 'absent', why: 'It is there, with the value it had.' };
  return { end: 'stale', why: `The key is there again, with the value ${JSON.stringify(current)}.` };
}

const CLOUD_KEY = /^(?:acs:|aliyun)/;

/** Ends a tag that needs nothing or must stay as it is. */
function leave(
  book: UndoBook,
  position: number,
  at: number,
  end: 'absent' | 'stale' | 'vanished',
  why: string,
): void {
  book.ledger.end(book.index.firstSlot(position) + at, end);
  note(book, position, at, why);
}

/** Ends a tag that cannot be put back. */
export function refuse(
  book: UndoBook,
  position: number,
  at: number,
  code: string,
  message: string,
  requestId?: string,
): void {
  const key = book.index.removals[position]!.tags[at]!.key;
  book.ledger.fail(position, [key], { code, message, ...(requestId !== undefined && { requestId }) });
  note(book, position, at, message);
}

/** Notes why a tag was left. */
export function note(book: UndoBook, position: number, at: number, why: string): void {
  const { region, type: resourceType, id: resourceId, tags } = book.index.removals[position]!;
  book.left.push({ region, resourceType, resourceId, key: tags[at]!.key, why });
}
