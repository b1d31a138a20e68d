import type { JournalEntry } from '../audit/facts.ts';
import type { Resource, ResourceRef } from '../resource.ts';
import type { NoticeJudge } from './notice-judge.ts';
import type { Notices } from './notices.ts';
import { tagDigest } from './tag-digest.ts';

/** A resource and tags of it that are to be announced. */
export interface ToNotice {
  readonly resource: Resource;
  readonly tags: ReturnType<NoticeJudge['waiting']>;
}

/** What a reading means for the notices of its policy. */
export interface NoticeAccount {
  /** Tags that the policy takes, and that stay since their notice is not over or not given. */
  readonly waiting: number;
  /** Of those, what was not announced yet. */
  readonly toNotice: readonly ToNotice[];
  /** Notices of tags that would not go any more; values are digests. */
  readonly toWithdraw: readonly JournalEntry[];
}

/**
 * Compares what was seen with what was announced.
 *
 * @param resources - a complete reading of what the policy can touch within `wasRead`.
 * @param wasRead - whether the reading was to show this resource: what it does not show there is gone.
 */
export function accountNotices(
  resources: readonly Resource[],
  judge: NoticeJudge,
  notices: Notices,
  wasRead: (ref: ResourceRef) => boolean,
): NoticeAccount {
  const stillDue = new Set<string>();
  const toNotice: ToNotice[] = [];
  let waiting = 0;
  for (const resource of resources) {
    if (notices.standing.size > 0) {
      for (const { key, value } of judge.due(resource)) stillDue.add(tagDigest(resource, key, value));
    }
    const tags = judge.waiting(resource);
    waiting += tags.length;
    const unknown = tags.filter(({ key, value }) => notices.find(resource, key, value) === undefined);
    if (unknown.length > 0) toNotice.push({ resource, tags: unknown });
  }
  const toWithdraw: JournalEntry[] = [];
  for (const [digest, { region, type, id, key }] of notices.standing) {
    if (stillDue.has(digest) || !wasRead({ region, type, id })) continue;
    toWithdraw.push({ region, type, id, tags: [{ key, value: digest }] });
  }
  return { waiting, toNotice, toWithdraw };
}

/** What is written down of a notice: the digest of each tag in place of its value. */
export function noticeEntries(toNotice: readonly ToNotice[]): readonly JournalEntry[] {
  return toNotice.map(({ resource, tags }) => {
    const { region, type, id } = resource;
    const digested = tags.map(({ key, value, rule }) => ({
      key,
      value: tagDigest(resource, key, value),
      rule,
    }));
    return { region, type, id, tags: digested };
  });
}
