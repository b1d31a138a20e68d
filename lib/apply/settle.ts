import type { Batch } from '../batch/types.ts';
import { CleanupError, EciError } from '../errors.ts';
import { readByIds } from '../inventory/by-id.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { outOfTime } from '../report/halt.ts';
import { causeOf, type FailureCause } from '../report/ledger.ts';
import { type ApplyContext, isOpen, slotsIn } from './context.ts';
import { halve, lengthOf, remainingParts, type Side } from './parts.ts';
import { reconcile } from './reconcile.ts';

const UNFINISHED = 'before all requests were sent.';

/** A request that did not simply succeed: what is left of it, and why. */
interface Rest {
  readonly parts: readonly Batch[];
  readonly cause: FailureCause;
  /** Sides along which it pays to look for the culprit; none: every part fails. */
  readonly sides: readonly Side[];
  /** Whether reading again gave some tag its end, so that the rest deserves another try as it is. */
  readonly progress: boolean;
}

/**
 * Sends one batch and gives each of its tags an end, unless the run stops first.
 *
 * A request that failed has its resources read again: what is gone is counted, what changed is kept, and
 * the rest is cut in halves until the one resource or key that cannot be done stands alone. One culprit
 * costs a number of calls that grows with the logarithm of the batch. Everything is sent one after the
 * other, since parts of a batch may share resources.
 */
export async function settleBatch(context: ApplyContext, batch: Batch): Promise<void> {
  for (const part of partsToSend(context, batch)) {
    const rest = await attempt(context, part, 0);
    if (rest !== undefined) await settleRest(context, rest, 'resources', 1);
  }
}

/** The batch as it is, unless some of its tags got their end since: looked at again, or in one that overlaps. */
function partsToSend(context: ApplyContext, batch: Batch): readonly Batch[] {
  const isWhole = slotsIn(context.index, batch).every((slot) => isOpen(context, slot));
  return isWhole ? [batch] : remainingParts(context, batch);
}

async function settleRest(context: ApplyContext, rest: Rest, side: Side, round: number): Promise<void> {
  for (const part of rest.parts) {
    if (rest.progress) {
      const again = await attempt(context, part, round);
      if (again !== undefined) await settleRest(context, again, side, round + 1);
    } else {
      await isolate(context, part, rest, side, round);
    }
  }
}

/** Cuts a part that fails as a whole; where both halves fail alike, the other side is tried next. */
async function isolate(
  context: ApplyContext,
  part: Batch,
  { cause, sides }: Rest,
  side: Side,
  round: number,
): Promise<void> {
  const along = [side, otherSide(side)].find((one) => sides.includes(one) && lengthOf(part, one) > 1);
  if (along === undefined) return failOpen(context, part, cause);
  const halves = halve(part, along);
  const rests: Rest[] = [];
  for (const half of halves) {
    for (const piece of remainingParts(context, half)) {
      const rest = await attempt(context, piece, round);
      if (rest !== undefined) rests.push(rest);
    }
  }
  const next = rests.length >= halves.length ? otherSide(along) : along;
  for (const rest of rests) await settleRest(context, rest, next, round + 1);
}

/** Sends one request; `undefined` when nothing of it is left to do, or the run stops. */
async function attempt(context: ApplyContext, batch: Batch, round: number): Promise<Rest | undefined> {
  if (!mayGoOn(context)) return undefined;
  const startedAt = context.clock.now();
  context.sent.add(batch);
  try {
    const receipt = await context.gate.untag(batch, round);
    const tagsChanged = endAnswered(context, batch);
    await note(context, batch, startedAt, { outcome: 'success', tagsChanged, requestId: receipt.requestId });
    context.onEnded?.(context.ledger.planned - context.ledger.open());
    return undefined;
  } catch (error) {
    if (error instanceof EciError) return await afterFailure(context, batch, startedAt, error);
    if (!(error instanceof CleanupError) || error.code !== 'GATE_CLOSED') throw error;
    context.brake.pull({ cause: 'gate', reason: error.message });
    failOpen(context, batch, { code: error.code, message: error.message });
    return undefined;
  }
}

function mayGoOn(context: ApplyContext): boolean {
  if (context.brake.pulled !== undefined) return false;
  if (!context.time.mayStart()) {
    context.brake.pull(outOfTime(context.time, UNFINISHED));
    return false;
  }
  return true;
}

async function afterFailure(
  context: ApplyContext,
  batch: Batch,
  startedAt: number,
  error: EciError,
): Promise<Rest | undefined> {
  const goOn = stopFor(context, error);
  const rest = goOn ? await lookAfter(context, batch, error) : undefined;
  const tagsChanged = rest?.removed ?? 0;
  await note(context, batch, startedAt, {
    outcome: error.outcomeUnknown ? 'unknown' : 'failure',
    tagsChanged,
    errorCode: error.apiCode,
    errorMessage: error.message,
    errorType: error.kind,
    ...(error.requestId !== undefined && { requestId: error.requestId }),
    ...(error.httpStatus !== undefined && { httpStatus: error.httpStatus }),
  });
  if (error.kind === 'fatal') failOpen(context, batch, causeOf(error));
  return rest;
}

/** Pulls the brake for what no other request would survive either; true when the run goes on. */
function stopFor(context: ApplyContext, error: EciError): boolean {
  if (wasNotSent(error)) {
    context.brake.pull(outOfTime(context.time, UNFINISHED));
    return error.outcomeUnknown;
  }
  if (error.kind === 'fatal') {
    context.brake.pull({
      cause: 'fatal',
      reason: `ECI refuses this account or its credentials: ${error.message}`,
    });
  }
  if (error.kind === 'throttled') {
    context.brake.pull({
      cause: 'throttled',
      reason: `ECI kept throttling until the retries ran out: ${error.message}`,
    });
  }
  return error.kind !== 'fatal' && error.kind !== 'throttled';
}

async function lookAfter(
  context: ApplyContext,
  batch: Batch,
  error: EciError,
): Promise<(Rest & { readonly removed: number }) | undefined> {
  const before = context.ledger.count('removed');
  const cause = causeOf(error);
  let progress = false;
  const refs = batch.ids.map((id) => ({ region: batch.region, type: batch.type, id }));
  const { unread } = await readByIds(refs, {
    eci: context.eci,
    concurrency: context.concurrency,
    onRead: (ref, live) => {
      const position = context.index.find(ref.region, ref.type, ref.id);
      if (reconcile(context, position, live, 'after') > 0) progress = true;
    },
  });
  const removed = context.ledger.count('removed') - before;
  if (unread.length > 0 && error.outcomeUnknown) {
    // What cannot be read after a lost answer may be half done: nothing more is asked of it.
    failOpen(context, batch, { ...cause, message: `${cause.message} What it did could not be read either.` });
  }
  return { parts: remainingParts(context, batch), cause, sides: sidesOf(error), progress, removed };
}

/** A resource in a moving state fails with all its keys; any other refusal may be about one key. */
function sidesOf(error: EciError): readonly Side[] {
  return error.kind === 'rejected' ? ['resources', 'keys'] : ['resources'];
}

/** Ends what an answer of success means, and counts it; the canary's answers wait for their proof. */
function endAnswered(context: ApplyContext, batch: Batch): number {
  let count = 0;
  for (const slot of slotsIn(context.index, batch)) {
    if (!isOpen(context, slot)) continue;
    if (context.sent.provisional) context.sent.answered[slot] = 1;
    else context.ledger.end(slot, 'removed');
    count += 1;
  }
  return count;
}

function failOpen(context: ApplyContext, batch: Batch, cause: FailureCause): void {
  for (const id of batch.ids) {
    const position = context.index.find(batch.region, batch.type, id);
    const keys = batch.keys.filter((key) => isOpen(context, context.index.slotOf(position, key)));
    if (keys.length > 0) context.ledger.fail(position, keys, cause);
  }
  const failed = context.ledger.count('failed');
  if (failed > context.maxFailures) {
    const reason = `${failed} tags failed, more than the ${context.maxFailures} of limits.maxFailures; the last cause: ${cause.message}`;
    context.brake.pull({ cause: 'budget', reason });
  }
}

type Result = Omit<
  Parameters<ApplyContext['journal']['batch']>[0],
  'region' | 'type' | 'ids' | 'keys' | 'durationMs'
>;

async function note(context: ApplyContext, batch: Batch, startedAt: number, result: Result): Promise<void> {
  await context.journal.batch({
    region: batch.region,
    type: batch.type,
    ids: batch.ids,
    keys: batch.keys,
    durationMs: context.clock.now() - startedAt,
    ...result,
  });
}

function otherSide(side: Side): Side {
  return side === 'resources' ? 'keys' : 'resources';
}
