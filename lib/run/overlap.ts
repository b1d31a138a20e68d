import { readJournal } from '../audit/decode.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { Book } from '../change/book.ts';
import { CleanupError } from '../errors.ts';
import { describeError } from '../redact.ts';
import { counted } from '../text.ts';
import type { CleanupRequest, RunPorts } from './request.ts';
import type { Session } from './session.ts';

/** How long a run without a deadline may be at work before it is taken for one that was killed. */
const HOUR_MS = 3_600_000;

/** Of a request, what tells which runs are its own, and which could take the same tags. */
type Asker = Pick<CleanupRequest, 'policy' | 'mode' | 'trigger' | 'runId' | 'parentRunId' | 'chain'>;

/** A run that was at work at the same time. */
export interface OtherRun {
  readonly runId: string;
  readonly policyName: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/**
 * Looks whether another run of the same policy is at work: one that began, within the time that such a run may take,
 * and did not end. Two at once do no harm, but neither can tell what the other did; what a person asks the function
 * for waits until the other is done. The rest is told at the end, by `tellOverlap`.
 *
 * @throws {CleanupError} code `BUSY` for a request.
 */
export async function lookForOthers(session: Session, request: CleanupRequest): Promise<void> {
  const { policy, trigger, mode, chain } = request;
  if (mode === 'dry-run' || chain !== undefined || trigger.type !== 'manual') return;
  // A log that cannot be read is told of where it matters: before the first removal, as one that allows no undo.
  const [other] = await findAtWork(session.ports, request, session).catch(() => []);
  if (other === undefined) return;
  throw new CleanupError(
    'BUSY',
    `${sentenceOf(other, policy.name)}. Nothing was removed; ask again when it is done, or, should it have been killed, in ${Math.ceil(mostMs(session) / 60_000)} minutes.`,
  );
}

/** That a run has begun and not ended, without the full stop. */
export function sentenceOf({ runId, startedAt }: OtherRun, policyName: string): string {
  return `Run ${runId} of policy ${policyName} began at ${startedAt} and has not ended`;
}

/**
 * Warns where another run of the policy was at work while this one removed tags: ECI answers success for a tag that
 * is gone already, so both may tell of the same one. What a reading shows to be gone before a request is `absent`;
 * what goes between that reading and the request nobody can tell apart. Call it last, so that each of the two sees
 * the other, whichever began first. Of a run of another policy it is told only where that one announced some of the
 * same tags, which its journal says.
 *
 * Events do not look: each has resources of its own, and a run over all of them tells of the events beside it.
 */
export async function tellOverlap(session: Session, request: Asker, book: Book): Promise<void> {
  const { policy, mode, trigger } = request;
  const { time, warnings } = session;
  const removed = book.count('removed');
  if (mode === 'dry-run' || trigger.type === 'event' || removed === 0) return;
  const unknown = (why: string): void => {
    warnings.push(
      `Whether another run was at work at the same time, and tells of the same tags, is not known: ${why}`,
    );
  };
  // What is left is for the last records.
  if (!time.mayStart() && time.wasInterrupted?.() !== true) return unknown('the time had ended.');
  try {
    const others = await findDuring(session, request);
    const own = others.filter(({ policyName }) => policyName === policy.name);
    if (own.length > 0) {
      warnings.push(
        `${namesOf(own)} of policy ${policy.name} was at work at the same time: of the ${counted(removed, 'tag')} told as removed here, any may have been removed by it and be told there as well, so what both say may overlap.`,
      );
    }
    const foreign = others.filter(({ policyName }) => policyName !== policy.name);
    const shared = await countShared(session, foreign, book);
    if (shared.tags > 0) {
      warnings.push(
        `${namesOf(shared.runs)} of policy ${shared.runs[0]!.policyName} was at work at the same time, and announced ${counted(shared.tags, 'tag')} of those told as removed here: what both say may overlap.`,
      );
    }
  } catch (error) {
    unknown(describeError(error));
  }
}

function namesOf([first, ...more]: readonly OtherRun[]): string {
  return `Run ${first!.runId}${more.length > 0 ? ` (and ${counted(more.length, 'other run')})` : ''}`;
}

/** Which runs of other policies announced tags that are told as removed here, and how many of them. */
async function countShared(
  { ports }: Session,
  others: readonly OtherRun[],
  book: Book,
): Promise<{ readonly runs: readonly OtherRun[]; readonly tags: number }> {
  if (others.length === 0) return { runs: [], tags: 0 };
  const byId = new Map(others.map((other) => [other.runId, other]));
  const fromMs = Math.min(...others.map(({ startedAt }) => Date.parse(startedAt)));
  const records = (await ports.audit?.read({ fromMs, eventNames: ['removals_planned'] })) ?? [];
  const theirs = records.filter(({ run_id, dry_run }) => byId.has(run_id) && dry_run === 'false');
  const runs = new Set<OtherRun>();
  const slots = new Set<number>();
  for (const { region, type, id, tags, record } of readJournal(theirs, 'removals_planned').announced) {
    const row = book.table.find(region, type, id);
    if (row < 0) continue;
    for (const { key } of tags) {
      const slot = book.table.slotOf(row, key);
      if (slot < 0 || book.endOf(slot) !== 'removed') continue;
      slots.add(slot);
      runs.add(byId.get(record.run_id)!);
    }
  }
  return { runs: [...runs], tags: slots.size };
}

/**
 * The runs of a policy that have begun and not ended, oldest first.
 *
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when the log cannot be read.
 */
export async function findAtWork(
  { audit, clock }: Pick<RunPorts, 'audit' | 'clock'>,
  request: Asker,
  time: Pick<Session, 'startedAtMs' | 'options'> = { startedAtMs: clock.now(), options: { identity: {} } },
): Promise<readonly OtherRun[]> {
  const records = await readEnds(audit, time);
  return othersIn(records, request).flatMap(({ other, end }) =>
    end === undefined && other.policyName === request.policy.name ? [other] : [],
  );
}

/** The runs that had not ended when this one began, or began since. */
async function findDuring(session: Session, request: Asker): Promise<readonly OtherRun[]> {
  const records = await readEnds(session.ports.audit, session);
  return othersIn(records, request).flatMap(({ other, end }) =>
    end === undefined || Date.parse(end) >= session.startedAtMs ? [other] : [],
  );
}

type Times = Pick<Session, 'startedAtMs' | 'options'>;

function mostMs({ startedAtMs, options: { deadlineAtMs } }: Times): number {
  return deadlineAtMs === undefined ? HOUR_MS : deadlineAtMs - startedAtMs;
}

async function readEnds(audit: RunPorts['audit'], time: Times): Promise<readonly AuditRecord[]> {
  const fromMs = time.startedAtMs - mostMs(time);
  return (await audit?.read({ fromMs, eventNames: ['run_started', 'run_completed'] })) ?? [];
}

/** The other runs that may remove, each with the time of its end. */
function othersIn(records: readonly AuditRecord[], { runId, parentRunId, chain }: Omit<Asker, 'policy'>) {
  const family = new Set([runId, parentRunId, chain?.familyId].filter((id) => id !== undefined));
  const ends = new Map(
    records.flatMap(({ event_name, run_id, event_time }) =>
      event_name === 'run_completed' ? [[run_id, event_time] as const] : [],
    ),
  );
  return records.flatMap(
    ({ event_name, run_id, parent_run_id = '', policy_name = '', dry_run, event_time }) => {
      const isOther = !family.has(run_id) && !family.has(parent_run_id);
      if (event_name !== 'run_started' || dry_run !== 'false' || !isOther) return [];
      return [
        { other: { runId: run_id, policyName: policy_name, startedAt: event_time }, end: ends.get(run_id) },
      ];
    },
  );
}
