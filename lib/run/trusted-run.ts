import { type Aside, type Attempt, leave, readAttempts } from '../audit/attempts.ts';
import { heirsOf, nextMember, placeOfMember } from '../audit/members.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { Signer } from '../audit/sign.ts';
import { CleanupError } from '../errors.ts';
import { compareText } from '../resource.ts';
import { counted } from '../text.ts';
import type { RunPorts } from './request.ts';

/** What the log proves of a run and of those that went on with its work. */
export interface TrustedRun {
  readonly runId: string;
  /** Of the attempts that are taken, oldest first. */
  readonly records: readonly AuditRecord[];
  readonly attempts: readonly Attempt[];
  /** Attempts that nothing vouches for, since the log is not signed and the run has several. */
  readonly others: readonly Attempt[];
  /** What was left aside, by name. */
  readonly aside: readonly Aside[];
  /** Whether every record that is taken was signed by a holder of the key. */
  readonly isSigned: boolean;
  /** What a reader should know before acting on it. */
  readonly warnings: readonly string[];
}

/** Which attempts are taken where nothing but their own word tells them from another hand's. */
export type WantedAttempts = readonly string[] | 'all' | undefined;

/**
 * Reads a run and its family from the log, and takes what is proved to be theirs.
 *
 * Whose a record is, is told by the chain of its attempt, and who belongs to a family by the ends of its members:
 * a record that only says so of itself is named and left aside. Where the key is at hand, what is not signed is
 * nobody's. Without it, whoever may write into the log could write a whole attempt of its own: a run that has
 * several is taken by the one that came to its end, unless they are named.
 *
 * @param wanted - ids of attempts to take, or all of them.
 * @throws {CleanupError} `AUDIT_UNAVAILABLE` when there is no log, records are missing, or it cannot be told which
 *   attempt is the run's own; `RUN_NOT_FOUND` when the log holds nothing of it.
 */
export async function readTrustedRun(
  runId: string,
  ports: Pick<RunPorts, 'audit' | 'signer'>,
  wanted?: WantedAttempts,
): Promise<TrustedRun> {
  if (ports.audit === null) {
    throw new CleanupError(
      'AUDIT_UNAVAILABLE',
      `Run ${runId} cannot be looked up: no log store is set. Set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE, or TAGSWEEP_LOG_FILE.`,
    );
  }
  const records = await ports.audit.read({ runId, family: true });
  const trusted = trustRun(runId, records, ports.signer, wanted);
  if (trusted.attempts.length > 0) return trusted;
  const outside =
    trusted.aside.length === 0
      ? ''
      : ` Left aside: ${trusted.aside
          .slice(0, 3)
          .map(({ eventId, why }) => `${eventId} (${why})`)
          .join(' ')}`;
  throw new CleanupError(
    'RUN_NOT_FOUND',
    `The log holds nothing of run ${runId} that can be used. Look for it with \`tagsweep history\`; records that are older than the log store keeps them are gone.${outside}`,
  );
}

/** `readTrustedRun`, of records that were read. */
export function trustRun(
  runId: string,
  records: readonly AuditRecord[],
  signer?: Signer,
  wanted?: WantedAttempts,
): TrustedRun {
  const { own, aside } = keepSigned(records, signer);
  const byRun = groupByRun(own);
  const taken: Attempt[] = [];
  const others: Attempt[] = [];
  const warnings: string[] = [];
  const known = new Set<string>();
  const waiting = [runId];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    if (known.has(id)) continue;
    known.add(id);
    const proved = readAttempts(byRun.get(id) ?? [], signer !== undefined);
    aside.push(...proved.aside);
    const membersOf = (attempt: Attempt) => findMembers(attempt, runId, byRun);
    const { chosen, rest } = chooseAttempts(id, proved.attempts, {
      areSigned: signer !== undefined,
      wanted,
      membersOf,
    });
    taken.push(...chosen);
    others.push(...rest);
    for (const attempt of chosen) waiting.push(...membersOf(attempt));
  }
  for (const [id, strangers] of byRun) {
    if (known.has(id)) continue;
    for (const record of strangers)
      aside.push(leave(record, `It names run ${runId} as its parent, which knows nothing of it.`));
  }
  warnings.push(...warningsOf(taken, others, aside, signer !== undefined));
  const all = taken.flatMap((attempt) => attempt.records);
  return {
    runId,
    records: [...all].sort((a, b) => compareText(a.event_time, b.event_time)),
    attempts: taken,
    others,
    aside,
    isSigned: signer !== undefined && taken.length > 0,
    warnings,
  };
}

/** What a holder of the key wrote; everything, where there is no key to tell by. */
export function keepSigned(
  records: readonly AuditRecord[],
  signer: Signer | undefined,
): { readonly own: readonly AuditRecord[]; readonly aside: Aside[] } {
  if (signer === undefined) return { own: records, aside: [] };
  const aside: Aside[] = [];
  const own = records.filter((record) => {
    const verdict = signer.check(record);
    if (verdict !== 'signed') aside.push(leave(record, SIGNATURE_FAULTS[verdict]));
    return verdict === 'signed';
  });
  return { own, aside };
}

const SIGNATURE_FAULTS = {
  unsigned: 'It is not signed.',
  'other key': 'It is signed with a key that is not in TAGSWEEP_JOURNAL_KEY.',
  forged: 'Its signature is not right: it was changed, or made without the key.',
} as const;

function chooseAttempts(
  runId: string,
  attempts: readonly Attempt[],
  {
    areSigned,
    wanted,
    membersOf,
  }: {
    readonly areSigned: boolean;
    readonly wanted: WantedAttempts;
    readonly membersOf: (attempt: Attempt) => readonly string[];
  },
): { readonly chosen: readonly Attempt[]; readonly rest: readonly Attempt[] } {
  const isNamed = ({ attemptId }: Attempt) => wanted === 'all' || wanted?.includes(attemptId) === true;
  // What changed nothing and started nobody takes no part, whoever wrote it.
  const acting = attempts.filter((one) => !one.isDryRun && (one.announced > 0 || membersOf(one).length > 0));
  const idle = attempts.filter((one) => !acting.includes(one) && one.records.length > 0);
  const named = acting.filter(isNamed);
  if (named.length > 0) return { chosen: named, rest: acting.filter((one) => !isNamed(one)) };
  const candidates = areSigned ? acting : preferEnded(acting);
  const broken = candidates.find(({ state }) => state === 'broken');
  if (broken !== undefined) throw lacks(runId, broken);
  if (!areSigned && candidates.length > 1) throw ambiguous(runId, candidates);
  if (candidates.length === 0) {
    const unproved = attempts.find(({ state }) => state === 'broken');
    if (unproved !== undefined) throw lacks(runId, unproved);
    return { chosen: idle.slice(-1), rest: [] };
  }
  return { chosen: candidates, rest: acting.filter((one) => !candidates.includes(one)) };
}

function preferEnded(attempts: readonly Attempt[]): readonly Attempt[] {
  const ended = attempts.filter(({ state }) => state === 'ended');
  return ended.length > 0 ? ended : attempts;
}

/** A log store shows records some seconds after they were written, and not in order. */
function lacks(runId: string, { missing, attemptId }: Attempt): CleanupError {
  return new CleanupError(
    'AUDIT_UNAVAILABLE',
    `The journal of run ${runId} lacks ${missing} of its records. If the run has just ended, try again in 10 seconds; otherwise the log store no longer holds all of them, or its end was written by another hand. To take what is there: --attempt ${attemptId}.`,
  );
}

function ambiguous(runId: string, attempts: readonly Attempt[]): CleanupError {
  const list = attempts
    .map(
      ({ attemptId, startedAt, state, announced }) =>
        `${attemptId} (${startedAt}, ${state === 'ended' ? 'ended' : 'without end'}, ${counted(announced, 'tag')})`,
    )
    .join(', ');
  return new CleanupError(
    'AUDIT_UNAVAILABLE',
    `Run ${runId} has ${attempts.length} attempts: ${list}. The log is not signed, so nothing proves that all are its own. Look at them with \`tagsweep show ${runId}\`, and name those to take: --attempt ID, or --attempt all. With TAGSWEEP_JOURNAL_KEY set, later runs need no such question.`,
  );
}

/** Who goes on with an attempt: whom its end names, and where it has none, whoever bears the id that it would give. */
function findMembers(
  attempt: Attempt,
  familyId: string,
  byRun: ReadonlyMap<string, readonly AuditRecord[]>,
): readonly string[] {
  const { ends, runId } = attempt;
  if (ends.length > 0) {
    const named = ends.map((end) => new Set(heirsOf(end)));
    return [...named[0]!].filter((id) => named.every((ids) => ids.has(id)));
  }
  const place = placeOfMember(familyId, runId);
  if (place !== undefined) return [nextMember(runId, familyId, place.hop + 1)].filter((id) => byRun.has(id));
  return [...byRun.keys()].filter((id) => placeOfMember(familyId, id) !== undefined);
}

function warningsOf(
  taken: readonly Attempt[],
  others: readonly Attempt[],
  aside: readonly Aside[],
  areSigned: boolean,
): readonly string[] {
  const warnings: string[] = [];
  for (const { runId, state, attemptId } of taken) {
    if (state !== 'ended') {
      warnings.push(
        `Run ${runId} has no end in the log: it still goes on, or was killed. Attempt ${attemptId} is taken as far as its records hang together.`,
      );
    }
  }
  for (const { runId, attemptId, announced, startedAt } of others) {
    warnings.push(
      `Attempt ${attemptId} of run ${runId} (${startedAt}, ${counted(announced, 'tag')}) was left aside, since the log is not signed and nothing vouches for it: --attempt ${attemptId} names it.`,
    );
  }
  if (aside.length > 0) {
    const shown = aside
      .slice(0, MAX_NAMED)
      .map(({ eventId, runId, why }) => `${eventId} of run ${runId}: ${why}`);
    const rest = aside.length > MAX_NAMED ? ` And ${aside.length - MAX_NAMED} more.` : '';
    warnings.push(
      `${counted(aside.length, 'record')} left aside, since nothing proves ${aside.length === 1 ? 'it' : 'them'} to be the run's: ${shown.join(' ')}${rest}`,
    );
  }
  if (!areSigned && taken.some(({ records }) => records.some(({ signature }) => signature !== undefined))) {
    warnings.push(
      'The records are signed, and TAGSWEEP_JOURNAL_KEY is not set: their signatures were not looked at.',
    );
  }
  return warnings;
}

const MAX_NAMED = 5;

/** Of records of many runs, those that the chain of some attempt proves to be its own. */
export function trustedRecords(records: readonly AuditRecord[], signer?: Signer): readonly AuditRecord[] {
  const byRun = groupByRun(keepSigned(records, signer).own);
  return [...byRun.values()].flatMap((own) =>
    readAttempts(own, signer !== undefined).attempts.flatMap((attempt) => attempt.records),
  );
}

function groupByRun(records: readonly AuditRecord[]): ReadonlyMap<string, readonly AuditRecord[]> {
  const byRun = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const own = byRun.get(record.run_id);
    if (own === undefined) byRun.set(record.run_id, [record]);
    else own.push(record);
  }
  return byRun;
}
