import type { Book } from '../change/book.ts';
import type { TagState } from '../change/compare.ts';
import type { FailureCause } from '../change/ends.ts';
import { MAX_TAGS_PER_RESOURCE, type Resource, type TagKey } from '../resource.ts';
import type { Direction, Verdict } from './direction.ts';

/** How old the reading of a resource may be when a request names it; an undo has no policy of its own to say so. */
const READING_AGE_MS = 10_000;

/** Tags that may be refused before an undo asks itself whether it gets anywhere; the default of a policy. */
export const MAX_REFUSED = 10;

export interface PuttingOptions {
  readonly book: Book;
  /** Whether a request asked to remove the tag of this slot. */
  readonly wasAsked: (slot: number) => boolean;
  /** Whether the journal kept its value. */
  readonly isValueKept: (slot: number) => boolean;
  /** Whether a key may be written at all; default: any. */
  readonly mayPut?: (key: TagKey) => boolean;
  /** Why the value of this slot is not the last one that was taken; default: it is. */
  readonly superseded?: (slot: number) => string | undefined;
}

/**
 * Putting tags back: what a run removed, where the key is still absent and there is room.
 *
 * Nothing is ever overwritten, so no request names a tag that is not open any more.
 */
export function createPutting({
  book,
  wasAsked,
  isValueKept,
  mayPut = () => true,
  superseded = () => undefined,
}: PuttingOptions): Direction {
  let refused = 0;
  const judgeAbsent = (slot: number, key: TagKey, room: number): Verdict => {
    const newer = superseded(slot);
    if (newer !== undefined) return { end: 'stale', why: newer };
    const cause = isValueKept(slot) ? whyNot(key, room, mayPut) : VALUE_NOT_KEPT;
    return cause === undefined ? undefined : { failed: cause };
  };
  return {
    api: 'TagResources',
    journal: 'restores_planned',
    doneWord: 'put back',
    shownWord: 'there',
    unfinished: 'before all tags were put back; undo again for the rest.',
    whyEnded: 'The resource is in a final status, and takes no tag changes.',
    whyLeft: 'It was not reached; undo again for it.',
    readingAgeMs: READING_AGE_MS,
    isFree: () => false,
    note: () => undefined,
    isTaken: () => false,
    judge(live, moment) {
      let room = MAX_TAGS_PER_RESOURCE - (live?.tags?.length ?? 0);
      return (slot, { key }, state): Verdict => {
        if (!wasAsked(slot))
          return { end: 'absent', why: 'The run announced its removal and never asked for it.' };
        if (state === 'there' && moment === 'after' && book.wasSent(slot)) return { end: 'restored' };
        if (state !== 'absent') return judgePresent(key, state, live, isValueKept(slot));
        const verdict = judgeAbsent(slot, key, room);
        if (verdict === undefined) room -= 1;
        return verdict;
      };
    },
    isShown: (state) => state !== 'absent' && state !== 'unseen',
    mayHold: (row, column) => book.isOpen(book.table.slotOf(row, column)),
    /**
     * A fixed number alone, as a policy has one for removals, would let a few resources that cannot be tagged
     * keep all others from getting theirs back, however often the undo is tried.
     */
    overBudget(tags, cause) {
      refused += tags;
      const restored = book.count('restored');
      if (refused <= MAX_REFUSED || refused < restored) return undefined;
      return {
        code: 'MAX_FAILURES',
        reason: `${refused} tags were refused, and ${restored} could be put back, so the undo stopped; the last cause: ${cause.message} Undo again for the rest once that is mended.`,
      };
    },
    notShown: {
      code: 'NotRestored',
      message: 'ECI answered that the tag was set, but reading the resource did not show it.',
    },
  };
}

function judgePresent(
  key: TagKey,
  state: Exclude<TagState, 'absent'>,
  live: Resource | undefined,
  isValueKept: boolean,
): Verdict {
  if (state === 'gone') return { end: 'vanished', why: 'The resource does not exist any more.' };
  if (state === 'unseen')
    return { failed: { code: 'TagsUnseen', message: 'The resource was listed without its tags.' } };
  if (state === 'there' && isValueKept) return { end: 'absent', why: 'It is there, with the value it had.' };
  const now = live?.tags?.find((tag) => tag.key === key)?.value;
  return { end: 'stale', why: `The key is there again, with the value ${JSON.stringify(now)}.` };
}

const VALUE_NOT_KEPT = {
  code: 'ValueNotKept',
  message: 'Its value was not kept: the policy has journal: keys.',
};

const CLOUD_KEY = /^(?:acs:|aliyun)/;

/** Why a tag that is absent cannot be put back, with so much room for tags on its resource. */
function whyNot(key: TagKey, room: number, mayPut: (key: TagKey) => boolean): FailureCause | undefined {
  if (CLOUD_KEY.test(key))
    return { code: 'ReservedKey', message: 'The key belongs to the cloud, which alone can set it.' };
  if (!mayPut(key)) {
    return {
      code: 'PlatformKey',
      message: `By this key Kubernetes finds its pods: it is put back only where it is named, with --allow-key ${key}.`,
    };
  }
  if (room > 0) return undefined;
  return {
    code: 'TagLimit',
    message: `The resource would hold more than ${MAX_TAGS_PER_RESOURCE} tags.`,
  };
}
