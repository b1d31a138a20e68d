import { compareText } from '../resource.ts';
import { hashAll, hashRecord, isChained } from './chain.ts';
import { number } from './decode.ts';
import { type AuditRecord, SCHEMA_VERSION } from './record.ts';

/** A record that nothing proves to be of its run: it is named, and left aside. */
export interface Aside {
  readonly runId: string;
  readonly eventId: string;
  /** One sentence. */
  readonly why: string;
}

/** One execution of a run, as far as its records prove each other. */
export interface Attempt {
  readonly runId: string;
  readonly attemptId: string;
  /**
   * `ended`: its end names the chain, and all of it is there. `open`: it has no end (it goes on, or was killed), and
   * the chain is what is there from its beginning. `broken`: its end names records that are not there.
   */
  readonly state: 'ended' | 'open' | 'broken';
  readonly isDryRun: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Those that are proved: the chain in its order, then what was done, then the ends. */
  readonly records: readonly AuditRecord[];
  /** `run_completed` records that agree with the chain; more than one only where somebody else wrote into the log. */
  readonly ends: readonly AuditRecord[];
  /** Records of the chain that are named and not there. */
  readonly missing: number;
  /** Tags that it announced to remove, or to put back. */
  readonly announced: number;
}

/**
 * Sorts the records of one run into its attempts, and proves each.
 *
 * @param records - of one run, without repeats, in any order.
 * @param areSigned - whether each is known to be written by a holder of the key: then what lies beside the chain of an
 *   attempt without end is its own, too.
 */
export function readAttempts(
  records: readonly AuditRecord[],
  areSigned: boolean,
): { readonly attempts: readonly Attempt[]; readonly aside: readonly Aside[] } {
  const aside: Aside[] = [];
  const groups = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const fault = faultOf(record);
    if (fault !== undefined) {
      aside.push(leave(record, fault));
      continue;
    }
    const own = groups.get(record.attempt_id!);
    if (own === undefined) groups.set(record.attempt_id!, [record]);
    else own.push(record);
  }
  const attempts = [...groups.values()].map((own) => proveAttempt(own, areSigned, aside));
  attempts.sort((a, b) => compareText(a.startedAt, b.startedAt) || compareText(a.attemptId, b.attemptId));
  return { attempts, aside };
}

/** How a record that is left aside is told. */
export function leave(record: AuditRecord, why: string): Aside {
  return { runId: record.run_id, eventId: record.event_id, why };
}

function faultOf(record: AuditRecord): string | undefined {
  if (record.schema_version !== SCHEMA_VERSION) {
    return `Its schema_version is ${JSON.stringify(record.schema_version ?? '')}, and this program reads ${SCHEMA_VERSION}.`;
  }
  return record.attempt_id === undefined ? 'It names no attempt of its run.' : undefined;
}

function proveAttempt(records: readonly AuditRecord[], areSigned: boolean, aside: Aside[]): Attempt {
  const links = new Map<string, AuditRecord>();
  for (const record of records) if (isChained(record.event_name)) links.set(hashRecord(record), record);
  const batches = records.filter((record) => record.event_name === 'batch_completed');
  const claims = records.filter((record) => record.event_name === 'run_completed');
  const walks = claims.map((end) => ({ end, chain: walkBack(links, end) }));
  const proved = walks.filter(({ end, chain }) => chain.length === number(end.chain_count));
  const state = proved.length > 0 ? 'ended' : claims.length > 0 ? 'broken' : 'open';
  const chain =
    state === 'ended'
      ? commonBeginning(proved.map((walk) => walk.chain))
      : walkOn(links, areSigned && state === 'open');
  const ends = proved.map(({ end }) => end);
  const done = state === 'ended' ? provedBatches(batches, ends, aside) : batches;
  noteOutside(records, new Set([...chain, ...batches, ...ends]), state, aside);
  if (ends.length > 1) {
    for (const end of ends)
      aside.push(leave(end, 'The attempt has more than one end: only what all of them say is taken.'));
  }
  const first = chain[0] ?? records[0]!;
  return {
    runId: first.run_id,
    attemptId: first.attempt_id!,
    state,
    isDryRun: first.dry_run === 'true',
    startedAt: first.event_time,
    records: [...chain, ...done, ...ends],
    ends,
    missing: state === 'broken' ? missingOf(links, claims) : 0,
    announced: chain.reduce(
      (sum, record) => sum + (record.event_name.endsWith('_planned') ? number(record.tags_planned) : 0),
      0,
    ),
  };
}

/** Places of the chain that nothing is there for; at least one, since what is there does not fit the end. */
function missingOf(links: ReadonlyMap<string, AuditRecord>, ends: readonly AuditRecord[]): number {
  const places = new Set([...links.values()].map(({ chain_index }) => chain_index));
  return Math.max(1, Math.min(...ends.map((end) => number(end.chain_count) - places.size)));
}

/** The chain that an end names, oldest first; shorter than it says where a record is missing. */
function walkBack(links: ReadonlyMap<string, AuditRecord>, end: AuditRecord): readonly AuditRecord[] {
  const chain: AuditRecord[] = [];
  let hash = end.chain_head;
  for (let at = number(end.chain_count) - 1; at >= 0; at -= 1) {
    const record = hash === undefined ? undefined : links.get(hash);
    if (record === undefined || record.chain_index !== String(at)) break;
    chain.push(record);
    hash = record.chain_prev;
  }
  // What begins with a record before its first is a piece of some other chain.
  const isWhole = hash === undefined || chain.length < number(end.chain_count);
  return isWhole ? chain.reverse() : [];
}

/** What hangs together from the first record on, as far as nothing is missing and no two claim the same place. */
function walkOn(links: ReadonlyMap<string, AuditRecord>, areSigned: boolean): readonly AuditRecord[] {
  if (areSigned) {
    return [...links.values()].sort((a, b) => number(a.chain_index) - number(b.chain_index));
  }
  const followers = new Map<string, AuditRecord[]>();
  for (const record of links.values()) {
    const before = record.chain_prev ?? '';
    followers.set(before, [...(followers.get(before) ?? []), record]);
  }
  const chain: AuditRecord[] = [];
  for (let hash = ''; ; hash = hashRecord(chain.at(-1)!)) {
    const claims = (followers.get(hash) ?? []).filter(
      ({ chain_index }) => chain_index === String(chain.length),
    );
    // A record that was added by another hand has none that goes on from it.
    const followed = claims.filter((record) => followers.has(hashRecord(record)));
    const [next, ...others] = claims.length > 1 ? followed : claims;
    if (next === undefined || others.length > 0) break;
    chain.push(next);
  }
  return chain;
}

function commonBeginning(chains: readonly (readonly AuditRecord[])[]): readonly AuditRecord[] {
  const [first = [], ...others] = chains;
  const differs = first.findIndex((record, at) => others.some((other) => other[at] !== record));
  const shortest = Math.min(...chains.map((chain) => chain.length));
  return first.slice(0, differs < 0 ? shortest : differs);
}

/** What was done, where the end tells that these are all and no others; else it is not told, which takes nothing away. */
function provedBatches(
  batches: readonly AuditRecord[],
  ends: readonly AuditRecord[],
  aside: Aside[],
): readonly AuditRecord[] {
  const hash = hashAll(batches.map(hashRecord));
  if (ends.every((end) => end.batches_hash === hash)) return batches;
  const [end] = ends;
  aside.push(
    leave(
      end!,
      `It counts ${number(end?.batches_total)} requests, and the ${batches.length} records of them are not those that it wrote (lost, late, or not all its own): whatever the journal announced is taken for asked.`,
    ),
  );
  return [];
}

function noteOutside(
  records: readonly AuditRecord[],
  inside: ReadonlySet<AuditRecord>,
  state: Attempt['state'],
  aside: Aside[],
): void {
  const why =
    state === 'ended'
      ? 'It is not in the chain that the end of its run names.'
      : 'It does not follow from the records before it: one is missing, or two claim the same place.';
  for (const record of records) {
    if (inside.has(record)) continue;
    aside.push(
      leave(record, record.event_name === 'run_completed' ? 'It names records that are not there.' : why),
    );
  }
}
