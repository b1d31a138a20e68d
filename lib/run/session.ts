import type { StartFact } from '../audit/facts.ts';
import { createRecorder, type Recorder } from '../audit/recorder.ts';
import type { TimeLeft } from '../clock.ts';
import { type MeteredEci, meterEci } from '../pace/meter.ts';
import type { SentBefore } from '../pace/pacer.ts';
import type { Pace } from '../policy/policy.ts';
import type { AuditLog, EciApi, Invoker } from '../ports.ts';
import { NOTHING_PROVED, type Report } from '../report/report.ts';
import { plannedOnly, type RunFacts, summarizeRun } from '../report/summarize.ts';
import { type ContinuationPayload, chainRunId } from './chain.ts';
import { createTimeLeft, recordReserveMs } from './deadline.ts';
import { type Habits, habitsOf } from './habits.ts';
import type { RunOptions, RunPorts } from './request.ts';
import { stopOf } from './stop.ts';
import { type Telling, tellRun } from './telling.ts';

/** One execution of a run: what it works with, from its first record to its last. */
export interface Session {
  readonly runId: string;
  /** The run that this one belongs to: itself, or the first of those that went on with its work. */
  readonly familyId: string;
  readonly startedAtMs: number;
  /** Paced and retried. */
  readonly eci: MeteredEci;
  readonly recorder: Recorder;
  /** Up to the last records. */
  readonly time: TimeLeft;
  readonly ports: RunPorts;
  readonly options: RunOptions;
  readonly warnings: string[];
  /** How the services of this account behave, as far as that is known. */
  readonly habits: Habits;
  /** Names of buckets of data caches: those of the policy, and those that the service has told so far. */
  readonly buckets: ReadonlySet<string>;
  /** Run ids that were asked to go on with the work, whether or not the answer came. */
  readonly heirs: ReadonlySet<string>;
}

export interface SessionStart extends StartFact {
  readonly runId: string;
  readonly parentRunId?: string;
  readonly pace: Pace;
  /** Buckets of data caches that the policy names. */
  readonly buckets?: readonly string[] | undefined;
  /** What was sent just before by the run that this one goes on with. */
  readonly sentBefore?: readonly SentBefore[] | undefined;
  /** Whom it tells; left out: the channels of the settings. */
  readonly telling?: Telling;
}

/** What the body of a run finds out; the session adds the rest. */
export type Findings = Pick<
  RunFacts,
  | 'planDigest'
  | 'seen'
  | 'selected'
  | 'unseen'
  | 'skipped'
  | 'totals'
  | 'proof'
  | 'stop'
  | 'children'
  | 'continuation'
  | 'undo'
  | 'noticed'
  | 'notices'
> & {
  readonly untagLowerBound: number;
};

/** Makes what a run works with; nothing is sent or written yet. */
export function openSession(start: SessionStart, ports: RunPorts, options: RunOptions): Session {
  const { clock, chance } = ports;
  const { habits, warning } = habitsOf(ports.profile, { account: options.accountId, atMs: clock.now() });
  const heirs = new Set<string>();
  const deadline = options.deadlineAtMs;
  const callsUntil =
    deadline === undefined ? {} : { deadlineAtMs: deadline - recordReserveMs(deadline - clock.now()) };
  const buckets = new Set(start.buckets);
  const eci = meterEci(noteBuckets(ports.eci, buckets), {
    pace: start.pace,
    before: start.sentBefore,
    clock,
    chance,
    ...callsUntil,
    ...(options.signal && { signal: options.signal }),
  });
  return {
    runId: start.runId,
    familyId: start.parentRunId ?? start.runId,
    startedAtMs: clock.now(),
    eci,
    recorder: createRecorder({
      log: ports.audit ?? NOWHERE,
      runId: start.runId,
      ...(start.parentRunId !== undefined && { parentRunId: start.parentRunId }),
      identity: options.identity,
      signer: ports.signer,
      clock,
      ...(ports.echo !== undefined && { echo: ports.echo }),
    }),
    time: createTimeLeft({
      clock,
      slowestCallMs: eci.slowestCallMs,
      ...(deadline !== undefined && { deadlineAtMs: deadline }),
      signal: options.signal,
    }),
    ports: { ...ports, ...(ports.invoker && { invoker: noteHeirs(ports.invoker, heirs) }) },
    options,
    warnings: warning === undefined ? [] : [warning],
    habits,
    buckets,
    heirs,
  };
}

/** Remembers in which buckets the data caches are that were listed. */
function noteBuckets(eci: EciApi, buckets: Set<string>): EciApi {
  return {
    ...eci,
    listResources: async (query) => {
      const page = await eci.listResources(query);
      for (const { bucket } of page.items) if (bucket !== undefined) buckets.add(bucket);
      return page;
    },
  };
}

/** An answer that was lost does not undo what was submitted: whoever may go on is known before it is asked. */
function noteHeirs(invoker: Invoker, heirs: Set<string>): Invoker {
  return {
    ...invoker,
    submit: (payload, taskId, delaySeconds) => {
      const { familyId } = payload as Partial<ContinuationPayload>;
      // An undo that goes on is a run of its own, which its `undo_of` tells.
      if (familyId !== undefined) heirs.add(chainRunId(payload as ContinuationPayload));
      return invoker.submit(payload, taskId, delaySeconds);
    },
  };
}

/** Records of a run that has no place for them: they are only echoed. */
const NOWHERE: AuditLog = {
  place: { file: '' },
  write: async () => undefined,
  read: async () => [],
};

/**
 * Runs `body` between the first record and the last: whatever happens in it ends in a report, and the
 * report in the log.
 */
export async function runSession(
  session: Session,
  start: SessionStart,
  body: () => Promise<Findings>,
): Promise<Report> {
  await session.recorder.runStarted(start);
  let findings: Findings;
  try {
    findings = await body();
  } catch (error) {
    findings = { ...NOTHING_SEEN, stop: stopOf(error) };
  }
  return await closeSession(session, start, findings);
}

/** What is known when a run breaks before there is a plan. */
const NOTHING_SEEN: Findings = {
  seen: 0,
  selected: 0,
  totals: plannedOnly(0),
  proof: NOTHING_PROVED,
  untagLowerBound: 0,
};

/** How the warning begins that no record tells of a run's end. */
export const END_NOT_KEPT = 'The end of this run could not be written down';

async function closeSession(session: Session, start: SessionStart, findings: Findings): Promise<Report> {
  const { recorder, ports, eci } = session;
  await recorder.flush();
  const { list, untag, tag, retries, throttled } = eci.counts;
  const { untagLowerBound, ...found } = findings;
  const summarize = (): Report =>
    summarizeRun({
      runId: start.runId,
      ...(start.parentRunId !== undefined && { parentRunId: start.parentRunId }),
      policy: start.policy,
      trigger: start.trigger,
      mode: start.mode,
      startedAtMs: session.startedAtMs,
      endedAtMs: ports.clock.now(),
      ...found,
      calls: { list, untag, tag, retries, throttled, untagLowerBound },
      // The summary itself is a record, too.
      audit: ports.audit === null ? null : { ...ports.audit.place, records: recorder.records + 1 },
      warnings: [...session.warnings],
    });
  await tellRun(session, summarize(), start.telling ?? { isPart: false });
  const report = summarize();
  await recorder.runCompleted(report, session.heirs);
  if (recorder.failure === undefined || report.audit === null) return report;
  const isEndKept = recorder.waiting === 0;
  return {
    ...report,
    outcome: report.outcome === 'success' ? 'partial' : report.outcome,
    code: report.code ?? 'AUDIT_UNAVAILABLE',
    reason: report.reason === '' ? recorder.failure.message : report.reason,
    audit: { ...report.audit, records: recorder.records - recorder.waiting },
    warnings: [
      ...report.warnings,
      `${isEndKept ? 'Some records of this run may be missing' : END_NOT_KEPT}: ${recorder.failure.message}`,
    ],
  };
}
