import { type ApplyOptions, applyPlan } from '../apply/apply.ts';
import { createBystanders } from '../apply/bystanders.ts';
import type { ApplyContext } from '../apply/context.ts';
import type { Direction } from '../apply/direction.ts';
import { createFinalRows } from '../apply/final-rows.ts';
import { createFreshness } from '../apply/freshness.ts';
import { createGate } from '../apply/gate.ts';
import { createPutting } from '../apply/putting.ts';
import { type Book, createBook } from '../change/book.ts';
import { type Change, createChangeTable } from '../change/table.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import { callsPerMinute } from '../pace/quotas.ts';
import type { Pace } from '../policy/policy.ts';
import type { ProofOptions } from '../proof/prove.ts';
import { createReader } from '../proof/reader.ts';
import { createWitness, readWitnessed } from '../proof/witness.ts';
import { describeError } from '../redact.ts';
import { createBrake } from '../report/halt.ts';
import { NOTHING_PROVED, type Proof } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';
import { type Totals, totalsOf } from '../report/totals.ts';
import type { Resource, TagKey } from '../resource.ts';
import { counted } from '../text.ts';
import { planPuts } from '../undo/plan-puts.ts';
import { createTimeLeft } from './deadline.ts';
import { lookAtAll } from './look-at-all.ts';
import type { Session } from './session.ts';
import { stopFrom, stopOf } from './stop.ts';

/** A plan that was admitted, whichever way it goes, and how it is to be carried out. */
export interface Work extends Pick<ApplyOptions, 'batches' | 'canary'> {
  readonly book: Book;
  readonly direction: Direction;
  readonly unprotected: readonly TagKey[];
  readonly pace: Pace;
  /** What the journal keeps. */
  readonly journal: 'values' | 'keys';
  /** The resources as they were before the first request. */
  readonly seen: readonly Resource[];
  /** When each row was read last, epoch milliseconds. */
  readonly readAtMs: Float64Array;
  /** Reads again what was done; left out: it is taken at its word. */
  readonly prove?: (means: Omit<ProofOptions, 'seen' | 'onProgress'>) => Promise<Proof>;
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
  const stop = broken ?? (context.brake.pulled && stopFrom(context.brake.pulled));
  try {
    const proof = await prove(session, work, context);
    // What the proof still sees has not been done.
    return { totals: totalsOf(book), ...(stop !== undefined && { stop }), proof };
  } catch (error) {
    // What cannot be read is told by the proof itself: an error is a defect, and nothing is known to be well.
    const reason = `What was ${direction.doneWord} could not be verified: ${describeError(error)}`;
    const failed = { ...stopOf(error), kind: 'failed' as const, reason };
    return { totals: totalsOf(book), stop: stop ?? failed, proof: NOTHING_PROVED };
  }
}

function createContext(session: Session, work: Work): ApplyContext {
  const { book, direction, unprotected, pace } = work;
  const { recorder, eci, options } = session;
  const { clock } = session.ports;
  const read = createReader(eci, pace.concurrency, session.buckets);
  const witness = createWitness(eci);
  let requests = 0;
  return {
    book,
    direction,
    clock,
    final: createFinalRows(book.table, work.seen),
    seen: work.seen,
    bystanders: createBystanders(book, [], new Set()),
    witness,
    visibleAfterMs: session.habits.visibleAfterMs,
    ...(book.table.action === 'remove' && { giveBack: (changes) => giveBack(session, work, changes) }),
    isProvisional: false,
    brake: createBrake(),
    read,
    freshness: createFreshness({
      book,
      read: readWitnessed(read, witness),
      clock,
      maxAgeMs: direction.readingAgeMs,
      readAtMs: work.readAtMs,
    }),
    gate: createGate({
      eci,
      book,
      isFree: ({ region, type, id }, key) => direction.isFree(book.table.find(region, type, id), key),
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

/** Puts back what went without being asked for, where its key is absent; the number of tags. */
async function giveBack(session: Session, { pace }: Work, changes: readonly Change[]): Promise<number> {
  const book = createBook(createChangeTable(changes, 'put'));
  const direction = createPutting({ book, wasAsked: () => true, isValueKept: () => true });
  const { seen, readAtMs } = await lookAtAll(session, { book, direction }, { ...pace, text: 'Looking' });
  const batches = planPuts(book, { formBody: session.ports.formBody });
  const work: Work = {
    book,
    direction,
    pace,
    seen,
    readAtMs,
    batches,
    canary: 0,
    journal: 'values',
    unprotected: [],
    text: 'Putting back what should not have gone',
  };
  const { concurrency } = pace;
  await applyPlan(createContext(session, work), { batches, canary: 0, isProved: true, concurrency });
  return book.count('restored');
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

async function prove(session: Session, work: Work, context: ApplyContext): Promise<Proof> {
  if (work.prove === undefined) return NOTHING_PROVED;
  const { book, read, clock, witness, direction } = context;
  const { time } = session;
  const { visibleAfterMs } = session.habits;
  const notShown = direction.notShown;
  const proof = await work.prove({ book, read, clock, witness, time, visibleAfterMs, notShown });
  if (proof.unread > 0) {
    const later =
      book.table.action === 'remove' ? `; \`tagsweep verify ${session.runId}\` does it later` : '';
    session.warnings.push(
      `Not verified: ${counted(proof.unread, 'resource')} could not be read again${later}.`,
    );
  }
  return proof;
}
