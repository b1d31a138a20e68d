import { createHash } from 'node:crypto';
import { compareText } from '../resource.ts';
import type { AuditRecord, EventName } from './record.ts';

/**
 * The records that form the chain of an attempt, in the order in which they are written: each carries the hash of
 * the one before, and `run_completed` carries the last one's hash and how many there are. What is done is told by
 * `batch_completed` records, which may be lost without harm; the end carries one hash of them all.
 */
const CHAINED: ReadonlySet<EventName> = new Set([
  'run_started',
  'policy_recorded',
  'removals_planned',
  'restores_planned',
  'removal_noticed',
  'notice_withdrawn',
]);

export function isChained(name: EventName): boolean {
  return CHAINED.has(name);
}

/** The text that is hashed and signed: every field but the signature, by name, so that no store's order matters. */
export function canonicalText(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(record)
      .filter(([name]) => name !== 'signature')
      .sort(([a], [b]) => compareText(a, b)),
  );
}

/** `sha256:` and the hash of a record, in hexadecimal. */
export function hashRecord(record: AuditRecord): string {
  return `sha256:${createHash('sha256').update(canonicalText(record)).digest('hex')}`;
}

/** One hash of many records, in whatever order they are read back; each counts once. */
export function hashAll(hashes: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const one of [...new Set(hashes)].sort(compareText)) hash.update(`${one}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** Where a chain stands: how many records it has, and the hash of the last one. */
export interface ChainState {
  readonly count: number;
  /** Empty: there is none yet. */
  readonly head: string;
}

export const EMPTY_CHAIN: ChainState = { count: 0, head: '' };

/** What the next record of a chain carries. */
export function linkFields({ count, head }: ChainState): Readonly<Record<string, string>> {
  return { chain_index: String(count), chain_prev: head };
}

/** Where the chain stands once `record` was added to it. */
export function chainAfter(state: ChainState, record: AuditRecord): ChainState {
  return { count: state.count + 1, head: hashRecord(record) };
}
