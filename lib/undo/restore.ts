import type { BatchFact, JournalEntry } from '../audit/facts.ts';
import type { Clock, TimeLeft } from '../clock.ts';
import { EciError } from '../errors.ts';
import { readByIds } from '../inventory/by-id.ts';
import { workThrough } from '../pace/schedule.ts';
import { wasNotSent } from '../pace/unsent.ts';
import type { EciApi } from '../ports.ts';
import { describeError } from '../redact.ts';
import { type Brake, outOfTime } from '../report/halt.ts';
import type { ResourceRef } from '../resource.ts';
import type { UndoBudget } from './budget.ts';
import { decideRestores, refuse, type UndoBook } from './decide.ts';
import { groupRestores, type Restore, type RestoreCall } from './group.ts';

/** How old the reading of a resource may be before it is looked at again: others may set a tag meanwhile. */
export const MAX_READING_AGE_MS = 30_000;

const UNFINISHED = 'before all tags were put back; undo again for the rest.';

/** Resources of a wave: its tags are in the journal before the first is put back. */
const WAVE = 5000;

export interface RestoreContext {
  readonly book: UndoBook;
  /** Paced and retried. */
  readonly eci: Pick<EciApi, 'listResources' | 'listTagResources' | 'tagResources'>;
  readonly journal: {
    /** Resolves once the entries are kept; rejects when they cannot be. */
    plan(entries: readonly JournalEntry[]): Promise<void>;
    batch(fact: Omit<BatchFact, 'index' | 'attempt' | 'apiName'>): Promise<void>;
  };
  readonly clock: Clock;
  readonly time: TimeLeft;
  readonly brake: Brake;
  readonly budget: UndoBudget;
  readonly concurrency: number;
  /** When each resource was read last, by its position; epoch milliseconds. */
  readonly readAtMs: Float64Array;
  readonly onEnded?: (ended: number) => void;
}

/** Puts back every open tag of the book, in few calls, each wave in the journal before it begins. */
export async function restoreAll(context: RestoreContext): Promise<void> {
  const positions = [...context.book.index.removals.keys()].filter(
    (at) => openTags(context.book, at).length > 0,
  );
  for (let from = 0; from < positions.length; from += WAVE) {
    if (!mayStart(context)) return;
    const restores = restoresOf(context.book, positions.slice(from, from + WAVE));
    if (!(await writeAhead(context, restores))) return;
    const regions = new Map<string, RestoreCall[]>();
    for (const call of groupRestores(restores)) {
      const own = regions.get(call.region);
      if (own === undefined) regions.set(call.region, [call]);
      else own.push(call);
    }
    const schedule = {
      concurrency: context.concurrency,
      mayStart: () => mayStart(context),
      work: (call: RestoreCall) => settleCall(context, call),
    };
    await Promise.all([...regions.values()].map((own) => workThrough(own, schedule)));
  }
}

/** The places in the removal's tags of those that can still be put back. */
function openTags({ index, ledger }: UndoBook, position: number): readonly number[] {
  const first = index.firstSlot(position);
  return [...index.removals[position]!.tags.keys()].filter((at) => ledger.endOf(first + at) === undefined);
}

function restoresOf(book: UndoBook, positions: readonly number[]): readonly Restore[] {
  return positions.map((position) => {
    const removal = book.index.removals[position]!;
    const tags = openTags(book, position).map((at) => removal.tags[at]!);
    return { ...removal, tags: tags.map(({ key, value }) => ({ key, value })) };
  });
}

function mayStart({ brake, time }: RestoreContext): boolean {
  if (brake.pulled !== undefined) return false;
  if (time.mayStart()) return true;
  brake.pull(outOfTime(time, UNFINISHED));
  return false;
}

async function writeAhead(context: RestoreContext, restores: readonly Restore[]): Promise<boolean> {
  try {
    await context.journal.plan(restores);
    return true;
  } catch (error) {
    const reason = `The journal could not be written, so nothing more was put back: ${describeError(error)}`;
    context.brake.pull({ cause: 'journal', reason });
    return false;
  }
}

/** Sends one call and ends its tags; one that fails is cut in halves until the culprit stands alone. */
async function settleCall(context: RestoreContext, call: RestoreCall): Promise<void> {
  for (const part of await freshParts(context, call)) await sendCall(context, part);
}

async function sendCall(context: RestoreContext, call: RestoreCall): Promise<void> {
  if (!mayStart(context)) return;
  const startedAt = context.clock.now();
  const { region, type, ids, tags } = call;
  const fact = { region, type, ids, keys: tags.map((tag) => tag.key) };
  try {
    const receipt = await context.eci.tagResources({ region, type, ids, tags });
    const durationMs = context.clock.now() - startedAt;
    const tagsChanged = endRestored(context.book, call);
    await context.journal.batch({
      ...fact,
      durationMs,
      outcome: 'success',
      tagsChanged,
      requestId: receipt.requestId,
    });
    context.onEnded?.(context.book.ledger.planned - context.book.ledger.open());
  } catch (error) {
    if (!(error instanceof EciError)) throw error;
    const durationMs = context.clock.now() - startedAt;
    await context.journal.batch({
      ...fact,
      durationMs,
      outcome: error.outcomeUnknown ? 'unknown' : 'failure',
      tagsChanged: 0,
      errorCode: error.apiCode,
      errorMessage: error.message,
      errorType: error.kind,
      ...(error.requestId !== undefined && { requestId: error.requestId }),
    });
    await afterFailure(context, call, error);
  }
}

async function afterFailure(context: RestoreContext, call: RestoreCall, error: EciError): Promise<void> {
  if (wasNotSent(error)) {
    return context.brake.pull(outOfTime(context.time, UNFINISHED));
  }
  if (error.kind === 'throttled') {
    return context.brake.pull({
      cause: 'throttled',
      reason: `Not all tags were put back: ${error.message}`,
    });
  }
  if (error.kind === 'fatal') {
    context.brake.pull({
      cause: 'fatal',
      reason: `ECI refuses this account or its credentials: ${error.message}`,
    });
    refuseAll(context.book, call, error);
    return;
  }
  const parts = await lookAgain(context, call, true);
  for (const part of parts) {
    const halves = halve(part, error.kind === 'rejected');
    if (halves.length === 0) context.budget.refuse(refuseAll(context.book, part, error), error.message);
    for (const half of halves) await sendCall(context, half);
  }
}

/** The call as it is, or what is left of it where its resources were read too long ago. */
async function freshParts(context: RestoreContext, call: RestoreCall): Promise<readonly RestoreCall[]> {
  const oldest = Math.min(...positionsOf(context.book, call).map((position) => context.readAtMs[position]!));
  const isFresh = context.clock.now() - oldest <= MAX_READING_AGE_MS;
  return isFresh ? [call] : await lookAgain(context, call, false);
}

/**
 * Reads the call's resources and ends what needs nothing more.
 *
 * @param isOurs - whether a tag that is there with its old value is there by our own hand, after a call whose
 *   effect is not known.
 */
async function lookAgain(
  context: RestoreContext,
  call: RestoreCall,
  isOurs: boolean,
): Promise<readonly RestoreCall[]> {
  const { book } = context;
  const refs = call.ids.map((id): ResourceRef => ({ region: call.region, type: call.type, id }));
  const { unread } = await readByIds(refs, {
    eci: context.eci,
    concurrency: context.concurrency,
    onRead: (ref, live) => {
      const position = book.index.find(ref.region, ref.type, ref.id);
      context.readAtMs[position] = context.clock.now();
      if (isOurs)
        endSeen(book, call, position, new Map((live?.tags ?? []).map((tag) => [tag.key, tag.value])));
      decideRestores(book, position, live);
    },
  });
  // What cannot be read is left alone: others may have set the tag meanwhile.
  const missing = new Set(unread.map((ref) => ref.id));
  const positions = positionsOf(book, call).filter((at) => !missing.has(book.index.removals[at]!.id));
  const names = new Set(call.tags.map((tag) => tag.key));
  const rest = restoresOf(book, positions)
    .map((restore) => ({ ...restore, tags: restore.tags.filter((tag) => names.has(tag.key)) }))
    .filter((restore) => restore.tags.length > 0);
  return groupRestores(rest);
}

function endSeen(
  book: UndoBook,
  call: RestoreCall,
  position: number,
  now: ReadonlyMap<string, string>,
): void {
  for (const tag of call.tags) {
    const slot = book.index.slotOf(position, tag.key);
    if (now.get(tag.key) === tag.value && book.ledger.endOf(slot) === undefined)
      book.ledger.end(slot, 'removed');
  }
}

function endRestored(book: UndoBook, call: RestoreCall): number {
  let count = 0;
  for (const position of positionsOf(book, call)) {
    for (const tag of call.tags) {
      const slot = book.index.slotOf(position, tag.key);
      if (book.ledger.endOf(slot) !== undefined) continue;
      book.ledger.end(slot, 'removed');
      count += 1;
    }
  }
  return count;
}

/** Ends what is open of a call as failed; the number of tags. */
function refuseAll(book: UndoBook, call: RestoreCall, error: EciError): number {
  let count = 0;
  for (const position of positionsOf(book, call)) {
    for (const at of openTags(book, position)) {
      const key = book.index.removals[position]!.tags[at]!.key;
      if (!call.tags.some((tag) => tag.key === key)) continue;
      refuse(book, position, at, error.apiCode, error.message, error.requestId);
      count += 1;
    }
  }
  return count;
}

function positionsOf(book: UndoBook, call: RestoreCall): readonly number[] {
  return call.ids.map((id) => book.index.find(call.region, call.type, id));
}

/** Halves of a call: of its resources, or of one resource's tags where it may be one tag's fault. */
function halve(call: RestoreCall, byTags: boolean): readonly RestoreCall[] {
  const { ids, tags } = call;
  if (ids.length > 1) {
    const middle = Math.ceil(ids.length / 2);
    return [
      { ...call, ids: ids.slice(0, middle) },
      { ...call, ids: ids.slice(middle) },
    ];
  }
  if (!byTags || tags.length < 2) return [];
  const middle = Math.ceil(tags.length / 2);
  return [
    { ...call, tags: tags.slice(0, middle) },
    { ...call, tags: tags.slice(middle) },
  ];
}
