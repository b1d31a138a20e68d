import type { Batch } from '../batch/types.ts';
import { tagOf } from '../change/column.ts';
import type { FailureCause } from '../change/ends.ts';
import { CleanupError, EciError, isStatusRefusal } from '../errors.ts';
import { wasNotSent } from '../pace/unsent.ts';
import type { OnRead } from '../proof/reader.ts';
import { readWitnessed } from '../proof/witness.ts';
import { outOfTime } from '../report/halt.ts';
import type { ApplyContext } from './context.ts';
import { halve, lengthOf, remainingParts, type Side } from './parts.ts';
import { mayStart, refsOf } from './prepare.ts';
import { reconcile } from './reconcile.ts';

/** A request that did not simply succeed: what is left of it, and why. */
interface Rest {
  readonly parts: readonly Batch[];
  readonly cause: FailureCause;
  /** Sides along which it pays to look for the culprit; none: every part fails. */
  readonly sides: readonly Side[];
  /** Whether the status of some resource is the cause. */
  readonly isStatus: boolean;
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
  const parts = await freshParts(context, batch);
  for (const part of parts.flatMap(context.final.apart)) {
    const rest = await attempt(context, part, 0);
    if (rest !== undefined) await settleRest(context, rest, 'resources', 1);
  }
}

/**
 * What of a batch may be sent now: the batch as it is, or what is left of it, once its resources were read again
 * where their reading is old. What cannot be read is left alone.
 */
async function freshParts(context: ApplyContext, batch: Batch): Promise<readonly Batch[]> {
  const { book, freshness } = context;
  const { table } = book;
  const onRead: OnRead = (ref, live) => {
    const row = table.find(ref.region, ref.type, ref.id);
    freshness.note(row);
    if (live !== undefined) {
      context.final.note(live);
      context.direction.note(row, live);
      if (!book.slotsOf(row).some(book.wasSent)) context.bystanders.note(live);
    }
    reconcile(context, row, live, 'before');
  };
  const unread = await freshness.renew(batch, onRead, () => mayStart(context));
  const rows = batch.ids.map((id) => table.find(batch.region, batch.type, id));
  const isWhole =
    unread.size === 0 && book.slotsIn(batch).every(book.isOpen) && !rows.some(context.direction.isTaken);
  if (isWhole) return [batch];
  const ids = batch.ids.filter((_, at) => !unread.has(rows[at]!));
  return remainingParts(context, { ...batch, ids });
}

async function settleRest(context: ApplyContext, rest: Rest, side: Side, round: number): Promise<void> {
  for (const part of rest.parts) {
    if (rest.isStatus && context.final.has(part)) {
      await setApart(context, part, side, round);
    } else if (rest.progress) {
      const again = await attempt(context, part, round);
      if (again !== undefined) await settleRest(context, again, side, round + 1);
    } else {
      await isolate(context, part, rest, side, round);
    }
  }
}

/**
 * Sends what is in a final status by itself, status by status: what is refused among its own has ended, and the
 * run keeps its like out of shared requests from then on.
 */
async function setApart(context: ApplyContext, part: Batch, side: Side, round: number): Promise<void> {
  const { book, direction, final } = context;
  const status = final.shared(part);
  if (status !== undefined) {
    final.learn(status);
    for (const slot of book.slotsIn(part).filter(book.isOpen)) book.end(slot, 'ended', direction.whyEnded);
    return;
  }
  for (const piece of final.split(part)) {
    const again = await attempt(context, piece, round);
    if (again !== undefined) await settleRest(context, again, side, round + 1);
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
  if (!mayStart(context)) return undefined;
  const startedAt = context.clock.now();
  context.book.noteSent(batch);
  try {
    const receipt = await context.gate.send(batch, round, context.final.has(batch));
    const tagsChanged = endAnswered(context, batch);
    await note(context, batch, startedAt, { outcome: 'success', tagsChanged, requestId: receipt.requestId });
    context.onEnded?.(context.book.planned - context.book.open());
    return undefined;
  } catch (error) {
    if (error instanceof EciError) return await afterFailure(context, batch, startedAt, error);
    if (!(error instanceof CleanupError) || error.code !== 'GATE_CLOSED') throw error;
    context.brake.pull({ code: 'GATE_CLOSED', reason: error.message });
    failOpen(context, batch, { code: error.code, message: error.message });
    return undefined;
  }
}

async function afterFailure(
  context: ApplyContext,
  batch: Batch,
  startedAt: number,
  error: EciError,
): Promise<Rest | undefined> {
  const goOn = stopFor(context, error);
  const rest = goOn ? await lookAfter(context, batch, error) : undefined;
  const tagsChanged = rest?.changed ?? 0;
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
    context.brake.pull(outOfTime(context.time, context.direction.unfinished));
    return error.outcomeUnknown;
  }
  if (error.kind === 'fatal') {
    context.brake.pull({
      code: 'ECI',
      reason: `ECI refuses this account or its credentials: ${error.message}`,
    });
  }
  if (error.kind === 'throttled') {
    context.brake.pull({
      code: 'THROTTLED',
      reason: `ECI kept throttling until the retries ran out: ${error.message}`,
    });
  }
  return error.kind !== 'fatal' && error.kind !== 'throttled';
}

async function lookAfter(
  context: ApplyContext,
  batch: Batch,
  error: EciError,
): Promise<(Rest & { readonly changed: number }) | undefined> {
  const { book } = context;
  const before = book.count(book.done);
  const cause = causeOf(error);
  let progress = false;
  const { unread } = await readWitnessed(context.read, context.witness)(refsOf(batch), (ref, live) => {
    const row = book.table.find(ref.region, ref.type, ref.id);
    context.freshness.note(row);
    if (live !== undefined) context.final.note(live);
    if (reconcile(context, row, live, 'after') > 0) progress = true;
  });
  const changed = book.count(book.done) - before;
  if (unread.length > 0 && error.outcomeUnknown) {
    // What cannot be read after a lost answer may be half done: nothing more is asked of it.
    failOpen(context, batch, { ...cause, message: `${cause.message} What it did could not be read either.` });
  }
  return {
    parts: remainingParts(context, batch),
    cause,
    sides: sidesOf(error),
    isStatus: isStatusRefusal(error),
    progress,
    changed,
  };
}

/** A resource in a moving state fails with all its keys; any other refusal may be about one key. */
function sidesOf(error: EciError): readonly Side[] {
  return error.kind === 'rejected' ? ['resources', 'keys'] : ['resources'];
}

/** Ends what an answer of success means, and counts it; the canary's answers wait for their proof. */
function endAnswered({ book, isProvisional }: ApplyContext, batch: Batch): number {
  const open = book.slotsIn(batch).filter((slot) => book.isOpen(slot));
  for (const slot of open) {
    if (isProvisional) book.noteAnswered(slot);
    else book.end(slot, book.done);
  }
  return open.length;
}

function failOpen({ book, direction, brake }: ApplyContext, batch: Batch, cause: FailureCause): void {
  let failed = 0;
  for (const id of batch.ids) {
    const row = book.table.find(batch.region, batch.type, id);
    const slots = batch.keys.map((column) => book.table.slotOf(row, column)).filter(book.isOpen);
    failed += slots.length;
    if (slots.length > 0) book.fail(row, slots, cause);
  }
  const halt = direction.overBudget(failed, cause);
  if (halt !== undefined) brake.pull(halt);
}

/** The cause that a failed call gives. */
export function causeOf(error: EciError): FailureCause {
  const requestId = error.requestId === undefined ? {} : { requestId: error.requestId };
  return { code: error.apiCode, message: error.message, ...requestId };
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
    keys: batch.keys.map((column) => tagOf(column).key),
    durationMs: context.clock.now() - startedAt,
    ...result,
  });
}

function otherSide(side: Side): Side {
  return side === 'resources' ? 'keys' : 'resources';
}
