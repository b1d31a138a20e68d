import { applyPlan } from '../apply/apply.ts';
import { type ApplyContext, createSentLog, type SentLog } from '../apply/context.ts';
import { createGate } from '../apply/gate.ts';
import type { Batch } from '../batch/types.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import { callsPerMinute } from '../pace/quotas.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { Judge } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import { proveRun } from '../proof/prove.ts';
import { describeError } from '../redact.ts';
import { createBrake } from '../report/halt.ts';
import type { Ledger, LedgerTotals } from '../report/ledger.ts';
import type { RemovalIndex } from '../report/removal-index.ts';
import { NOTHING_PROVED, type Proof } from '../report/report.ts';
import type { RunStop } from '../report/summarize.ts';
import type { Resource } from '../resource.ts';
import { createTimeLeft } from './deadline.ts';
import type { Session } from './session.ts';
import { stopFrom, stopOf } from './stop.ts';

/** A plan that was admitted, and what it was made from. */
export interface Admitted {
  readonly policy: Policy;
  readonly judge: Judge;
  readonly index: RemovalIndex;
  readonly ledger: Ledger;
  readonly batches: readonly Batch[];
  readonly isFree: IsFree;
  /** Every resource as it was before the first request. */
  readonly seen: readonly Resource[];
  readonly observedAtMs: number;
}

export interface CarriedOut {
  readonly totals: LedgerTotals;
  readonly proof: Proof;
  readonly stop?: RunStop;
}

/** Applies an admitted plan and proves it; every planned tag has its end afterwards. */
export async function carryOut(session: Session, admitted: Admitted): Promise<CarriedOut> {
  const context = createContext(session, admitted);
  const { policy, ledger, index } = admitted;
  let broken: RunStop | undefined;
  try {
    await applyPlan(context, {
      batches: admitted.batches,
      canary: policy.limits.canary,
      isProved: policy.verify === 'all',
      concurrency: policy.pace.concurrency,
      observedAtMs: admitted.observedAtMs,
    });
  } catch (error) {
    broken = { ...stopOf(error), kind: 'failed' };
  }
  // What was answered as removed and not proved any more is taken at its word; the proof looks at it.
  for (let slot = 0; slot < index.slots; slot++) {
    if (context.sent.answered[slot] === 1) ledger.end(slot, 'removed');
  }
  ledger.close();
  const totals = ledger.totals();
  const stop = broken ?? (context.brake.pulled && stopFrom(context.brake.pulled));
  const rest = { totals, ...(stop !== undefined && { stop }) };
  try {
    return { ...rest, proof: await prove(session, admitted, context.sent) };
  } catch (error) {
    // What cannot be read is told by the proof itself: an error is a defect, and nothing is known to be well.
    const reason = `What was removed could not be verified: ${describeError(error)}`;
    return {
      ...rest,
      stop: stop ?? { ...stopOf(error), kind: 'failed', reason },
      proof: NOTHING_PROVED,
    };
  }
}

function createContext(session: Session, admitted: Admitted): ApplyContext {
  const { policy, index, ledger, isFree, judge } = admitted;
  const { recorder, eci, options } = session;
  const { clock } = session.ports;
  const sent = createSentLog(index);
  const journaled = new Uint8Array(index.slots);
  let requests = 0;
  return {
    index,
    ledger,
    isFree,
    eci,
    clock,
    sent,
    journaled,
    brake: createBrake(),
    concurrency: policy.pace.concurrency,
    maxFailures: policy.limits.maxFailures,
    removableNow: (live) => new Set(judge.removals(live).map((tag) => tag.key)),
    gate: createGate({
      eci,
      index,
      ledger,
      isFree,
      isJournaled: (slot) => journaled[slot] === 1,
      unprotected: policy.unprotect,
      execution: `${session.runId} ${session.startedAtMs}`,
    }),
    journal: {
      plan: (entries) => recorder.journal('removals_planned', entries, policy.journal),
      batch: (fact) =>
        recorder.batchCompleted({ index: requests++, attempt: 1, apiName: 'UntagResources', ...fact }),
    },
    time: createTimeLeft({
      clock,
      slowestCallMs: session.eci.slowestCallMs,
      ...(options.deadlineAtMs !== undefined && { deadlineAtMs: options.deadlineAtMs }),
      signal: options.signal,
      afterMs: () => (policy.verify === 'all' ? proofMs(sent, policy.pace.share) : 0),
    }),
    onEnded: (done) =>
      options.onProgress?.({ step: 'apply', done, total: index.slots, text: 'Removing tags' }),
  };
}

/** What it takes to read again what was sent, at the quota: kinds are read side by side. */
function proofMs(sent: SentLog, share: number): number {
  let longest = 0;
  for (const [type, resources] of sent.resourcesByKind.values()) {
    const { api, ids } = RESOURCE_KINDS[type].list;
    const calls = Math.ceil(resources / ids.most);
    longest = Math.max(longest, (calls / callsPerMinute(api, share)) * 60_000);
  }
  return longest;
}

async function prove(session: Session, admitted: Admitted, sent: SentLog): Promise<Proof> {
  if (admitted.policy.verify === 'none') return NOTHING_PROVED;
  const proof = await proveRun({
    seen: admitted.seen,
    index: admitted.index,
    ledger: admitted.ledger,
    sent,
    eci: session.eci,
    concurrency: admitted.policy.pace.concurrency,
    clock: session.ports.clock,
    time: session.time,
    onProgress: (done) =>
      session.options.onProgress?.({
        step: 'verify',
        done,
        total: admitted.seen.length,
        text: 'Reading again',
      }),
  });
  if (proof.unread > 0) {
    session.warnings.push(
      `Not verified: ${proof.unread} of ${admitted.seen.length} resources could not be read again; \`tagsweep verify ${session.runId}\` does it later.`,
    );
  }
  return proof;
}
