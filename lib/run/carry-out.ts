import { type ApplyOptions, applyPlan } from '../apply/apply.ts';
import type { ApplyContext } from '../apply/context.ts';
import type { Direction } from '../apply/direction.ts';
import { createFinalRows } from '../apply/final-rows.ts';
import { createFreshness } from '../apply/freshness.ts';
import { createGate } from '../apply/gate.ts';
import type { Book } from '../change/book.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import { callsPerMinute } from '../pace/quotas.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { Pace } from '../policy/policy.ts';
import type { ProofOptions } from '../proof/prove.ts';
import { createReader } from '../proof/reader.ts';
import { describeError } from '../redact.ts';
import { createBrake } from '../report/halt.ts';
import { NOTHING_PROVED, type Proof } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';
import { type Totals, totalsOf } from '../report/totals.ts';
import type { Resource, TagKey } from '../resource.ts';
import { counted } from '../text.ts';
import { createTimeLeft } from './deadline.ts';
import type { Session } from './session.ts';
import { stopFrom, stopOf } from './stop.ts';

/** A plan that was admitted, whichever way it goes, and how it is to be carried out. */
export interface Work extends Pick<ApplyOptions, 'batches' | 'canary'> {
  readonly book: Book;
  readonly direction: Direction;
  readonly isFree: IsFree;
  readonly unprotected: readonly TagKey[];
  readonly pace: Pace;
  /** What the journal keeps. */
  readonly journal: 'values' | 'keys';
  /** The resources as they were before the first request. */
  readonly seen: readonly Resource[];
  /** When each row was read last, epoch milliseconds. */
  readonly readAtMs: Float64Array;
  /** Reads again what was done; left out: it is taken at its word. */
  readonly prove?: (means: Pick<ProofOptions, 'book' | 'read' | 'clock' | 'time'>) => Promise<Proof>;
  /** What a person who watches is told. */
  readonly text: string;
}

export interface CarriedOut {
  readonly totals: Totals;
  readonly proof: Proof;
  readonly stop?: RunStop;
}

/** Applies an admitted plan and proves it; every planned tag has its end afterwards. */
export async function carryOut(session: Session, work: Work): Promise<CarriedOut> {
  const context = createContext(session, work);
  const { book, direction, pace } = work;
  let broken: RunStop | undefined;
  try {
    await applyPlan(context, {
      batches: work.batches,
      canary: work.canary,
      isProved: work.prove !== undefined,
      concurrency: pace.concurrency,
    });
  } catch (error) {
    broken = { ...stopOf(error), kind: 'failed' };
  }
  // What was answered as done and not proved any more is taken at its word; the proof looks at it.
  book.close(direction.whyLeft);
  const totals = totalsOf(book);
  const stop = broken ?? (context.brake.pulled && stopFrom(context.brake.pulled));
  const rest = { totals, ...(stop !== undefined && { stop }) };
  try {
    return { ...rest, proof: await prove(session, work, context) };
  } catch (error) {
    // What cannot be read is told by the proof itself: an error is a defect, and nothing is known to be well.
    const reason = `What was ${direction.doneWord} could not be verified: ${describeError(error)}`;
    return { ...rest, stop: stop ?? { ...stopOf(error), kind: 'failed', reason }, proof: NOTHING_PROVED };
  }
}

function createContext(session: Session, work: Work): ApplyContext {
  const { book, direction, isFree, unprotected, pace } = work;
  const { recorder, eci, options } = session;
  const { clock } = session.ports;
  const read = createReader(eci, pace.concurrency);
  let requests = 0;
  return {
    book,
    direction,
    clock,
    final: createFinalRows(book.table, work.seen),
    isProvisional: false,
    brake: createBrake(),
    read,
    freshness: createFreshness({
      book,
      read,
      clock,
      maxAgeMs: direction.readingAgeMs,
      readAtMs: work.readAtMs,
    }),
    gate: createGate({
      eci,
      book,
      isFree,
      unprotected,
      execution: `${session.runId} ${session.startedAtMs}`,
    }),
    journal: {
      plan: (entries) => recorder.journal(direction.journal, entries, work.journal),
      batch: (fact) =>
        recorder.batchCompleted({ index: requests++, attempt: 1, apiName: direction.api, ...fact }),
    },
    time: createTimeLeft({
      clock,
      slowestCallMs: eci.slowestCallMs,
      ...(options.deadlineAtMs !== undefined && { deadlineAtMs: options.deadlineAtMs }),
      signal: options.signal,
      afterMs: () => (work.prove === undefined ? 0 : proofMs(book, pace.share)),
    }),
    onEnded: (done) => options.onProgress?.({ step: 'apply', done, total: book.planned, text: work.text }),
  };
}

/** What it takes to read again what was sent, at the quota: kinds are read side by side. */
function proofMs({ sentByKind }: Book, share: number): number {
  let longest = 0;
  for (const [type, resources] of sentByKind.values()) {
    const { api, ids } = RESOURCE_KINDS[type].list;
    const calls = Math.ceil(resources / ids.most);
    longest = Math.max(longest, (calls / callsPerMinute(api, share)) * 60_000);
  }
  return longest;
}

async function prove(session: Session, work: Work, { book, read, clock }: ApplyContext): Promise<Proof> {
  if (work.prove === undefined) return NOTHING_PROVED;
  const proof = await work.prove({ book, read, clock, time: session.time });
  if (proof.unread > 0) {
    const later =
      book.table.action === 'remove' ? `; \`tagsweep verify ${session.runId}\` does it later` : '';
    session.warnings.push(
      `Not verified: ${counted(proof.unread, 'resource')} could not be read again${later}.`,
    );
  }
  return proof;
}
