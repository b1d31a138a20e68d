import { parseArray, readJournal } from '../audit/decode.ts';
import type { JournalEntry } from '../audit/facts.ts';
import type { AuditRecord, JournalName } from '../audit/record.ts';
import type { ResourceRef, TagKey } from '../resource.ts';
import { tagDigest } from './tag-digest.ts';

/**
 * How far apart the clocks of two writers can be: ECI and the log service refuse a request whose time is 15 minutes
 * from their own, so that each is within that.
 */
export const MOST_SKEW_MS = 30 * 60_000;

/**
 * How long a notice holds beyond its grace. What nobody removed in that time is announced anew: nobody remembers a
 * notice of half a year ago. It also bounds how far back records are read.
 */
export const HOLDS_MS = 35 * 86_400_000;

/** One tag that was announced, and stands so. */
export interface Notice extends ResourceRef {
  readonly key: TagKey;
  /** Epoch milliseconds. */
  readonly noticedAtMs: number;
  /** From when on it may go: the grace of its notice or of the policy today, whichever is longer. */
  readonly dueAtMs: number;
}

/** What was announced under one policy, as its records tell. */
export interface Notices {
  /** The notice of this very tag, value included; nothing where none is known, or what is known of it was broken. */
  find(ref: ResourceRef, key: TagKey, value: string): Notice | undefined;
  /** All that stand, by the digest of the tag. */
  readonly standing: ReadonlyMap<string, Notice>;
  /** Notices that could not be read, and were left aside. */
  readonly unreadable: number;
}

export interface NoticeOptions {
  readonly policyName: string;
  readonly graceMs: number;
  /** Epoch milliseconds: nothing that claims to be of later counts. */
  readonly asOfMs: number;
  /** Of the account worked in, where it is known: what is written in another is not of it. */
  readonly accountId?: string | undefined;
}

/** The records that tell of notices, and of what ends one. */
export const NOTICE_EVENTS = ['removal_noticed', 'notice_withdrawn', 'batch_completed'] as const;

/** What nothing was ever announced by. */
export const NO_NOTICES: Notices = { find: () => undefined, standing: new Map(), unreadable: 0 };

interface Given extends Notice {
  readonly digest: string;
}

/**
 * Reads the notices of a policy: what was announced, and not broken since.
 *
 * A notice is broken by a run that saw that its tag would not go (it was changed, protected, or gone), and by a request
 * that named the tag: whoever puts it back is told anew. Where the times of the two are closer than clocks can be
 * apart, it is broken. Of several that stand the one counts that promised the latest day.
 *
 * @param records - in any order, without repeats, of runs of any policy; those that are taken for true.
 */
export function readNotices(records: readonly AuditRecord[], options: NoticeOptions): Notices {
  const own = records.filter((record) => isOwn(record, options));
  const { given, unreadable } = readGiven(own, options);
  const withdrawn = readWithdrawn(own);
  const namedAt = readNamed(own, given);
  const standing = new Map<string, Notice>();
  for (const { digest, ...notice } of given) {
    if (notice.noticedAtMs > options.asOfMs + MOST_SKEW_MS) continue;
    const brokenAtMs = Math.max(
      withdrawn.ofAllMs,
      withdrawn.at.get(digest) ?? -Infinity,
      namedAt.get(nameOf(notice)) ?? -Infinity,
    );
    if (brokenAtMs > notice.noticedAtMs - MOST_SKEW_MS) continue;
    const known = standing.get(digest);
    if (known === undefined || known.dueAtMs < notice.dueAtMs) standing.set(digest, notice);
  }
  return {
    find: (ref, key, value) => (standing.size === 0 ? undefined : standing.get(tagDigest(ref, key, value))),
    standing,
    unreadable: unreadable + withdrawn.unreadable,
  };
}

function isOwn(record: AuditRecord, { policyName, accountId }: NoticeOptions): boolean {
  if (record.policy_name !== policyName || record.dry_run !== 'false') return false;
  const account = record.account_id;
  return account === undefined || accountId === undefined || account === accountId;
}

function readGiven(records: readonly AuditRecord[], { graceMs }: NoticeOptions) {
  const given: Given[] = [];
  let unreadable = 0;
  for (const record of records) {
    if (record.event_name !== 'removal_noticed') continue;
    const noticedAtMs = Date.parse(record.event_time);
    const entries = entriesOf(record, 'removal_noticed');
    const toldMs = Date.parse(record.due_time ?? '') - noticedAtMs;
    if (entries === undefined || Number.isNaN(toldMs)) {
      unreadable += 1;
      continue;
    }
    const dueAtMs = noticedAtMs + Math.max(graceMs, toldMs);
    for (const { tags, ...ref } of entries) {
      for (const { key, value: digest } of tags) given.push({ ...ref, key, digest, noticedAtMs, dueAtMs });
    }
  }
  return { given, unreadable };
}

/** When each tag was last seen to stay; a record that cannot be read may mean any, and ends all before it. */
function readWithdrawn(records: readonly AuditRecord[]) {
  const at = new Map<string, number>();
  let ofAllMs = -Infinity;
  let unreadable = 0;
  for (const record of records) {
    if (record.event_name !== 'notice_withdrawn') continue;
    const atMs = Date.parse(record.event_time);
    const entries = entriesOf(record, 'notice_withdrawn');
    if (entries === undefined) {
      unreadable += 1;
      ofAllMs = Math.max(ofAllMs, atMs);
      continue;
    }
    for (const { tags } of entries) {
      for (const { value: digest } of tags) at.set(digest, Math.max(at.get(digest) ?? -Infinity, atMs));
    }
  }
  return { at, ofAllMs, unreadable };
}

/** When a request that may have removed it last named a pair, whatever the value. */
function readNamed(records: readonly AuditRecord[], given: readonly Given[]): ReadonlyMap<string, number> {
  const at = new Map<string, number>();
  const noticed = new Set(given.map(nameOf));
  if (noticed.size === 0) return at;
  for (const record of records) {
    if (record.event_name !== 'batch_completed' || record.outcome === 'failure') continue;
    const { region = '', resource_type = '', resource_ids = '', tag_keys = '' } = record;
    const atMs = Date.parse(record.event_time);
    for (const id of parseArray(resource_ids) ?? []) {
      for (const key of parseArray(tag_keys) ?? []) {
        const name = `${region}/${resource_type}/${String(id)} ${String(key)}`;
        if (noticed.has(name)) at.set(name, Math.max(at.get(name) ?? -Infinity, atMs));
      }
    }
  }
  return at;
}

function nameOf({ region, type, id, key }: ResourceRef & { readonly key: TagKey }): string {
  return `${region}/${type}/${id} ${key}`;
}

/** What a record lists; nothing where it was cut, changed, or written by another version. */
function entriesOf(record: AuditRecord, name: JournalName): readonly JournalEntry[] | undefined {
  try {
    return readJournal([record], name).entries;
  } catch {
    return undefined;
  }
}
