import type { Book } from '../change/book.ts';
import type { EciError } from '../errors.ts';
import type { ReadByIdsResult } from '../inventory/by-id.ts';
import { lookAgain } from '../inventory/look-again.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { createPending, type Pending } from '../proof/pending.ts';
import { missingIn } from '../proof/witness.ts';
import { outOfTime } from '../report/halt.ts';
import type { Resource, ResourceRef } from '../resource.ts';
import { counted } from '../text.ts';
import { isHarmed } from './bystanders.ts';
import type { ApplyContext } from './context.ts';
import { stopForHarm } from './harm.ts';
import type { Observed } from './taker.ts';

/** What the brake says where the canary could not be read. */
const UNREAD = 'before the canary could be verified; nothing else was touched.';

/** What is known of the canary's resources after a reading. */
interface Seen extends ReadByIdsResult {
  /** Not shown by the reading, and no second witness says that they are gone. */
  readonly unwitnessed: readonly ResourceRef[];
}

/**
 * Reads the canary's resources until every tag that was answered as done shows so, and nothing else went.
 *
 * A tag that does not when patience ends has failed, and the run stops: an API that answers success
 * and does nothing must not be asked a thousand times more. The run stops at once where a tag went, or changed,
 * that the plan keeps (`stopForHarm`). Where the resources cannot be read, the run
 * stops too, and the answers are all that is known.
 */
export async function proveCanary(context: ApplyContext): Promise<void> {
  const { book, direction, clock, time } = context;
  const pending = createPending(book, direction.isShown);
  for (const [row, slots] of answeredRows(context)) pending.add(row, slots);
  // What had no answer was found out by reading, which did not look at what is kept.
  const touched = touchedRefs(book);
  if (touched.length === 0) return;
  const observed = new Map<number, Observed>();
  let last: Seen = { unread: [], unwitnessed: [] };
  const look = async (refs = pending.refs()): Promise<void> => {
    last = await lookOnce(context, pending, { refs, observed });
  };
  await look(touched);
  const isSafe = (): boolean => ![...observed.values()].some(isHarmed);
  const isWaiting = (): boolean => pending.size > 0 && last.error?.kind !== 'fatal' && isSafe();
  const isSettled = await lookAgain({
    clock,
    time,
    isWaiting,
    look: () => look(),
    visibleAfterMs: context.visibleAfterMs,
  });
  if (!isSafe()) return await stopForHarm(context, [...observed.values()]);
  if (pending.size === 0) return;
  if (last.error?.kind === 'fatal') return stopUnread(context, last.error);
  if (!isSettled) return stopUnread(context, undefined);
  const rowOf = ({ region, type, id }: ResourceRef): number => book.table.find(region, type, id);
  const unread = new Set([...last.unread, ...last.unwitnessed].map(rowOf));
  giveUp(context, pending, unread);
  if (last.unwitnessed.length > 0) stopBlind(context, last.unwitnessed.length);
  if (unread.size > 0) stopUnread(context, last.error);
}

async function lookOnce(
  context: ApplyContext,
  pending: Pending,
  { refs, observed }: { readonly refs: readonly ResourceRef[]; readonly observed: Map<number, Observed> },
): Promise<Seen> {
  const { book, bystanders, witness } = context;
  const missing: ResourceRef[] = [];
  const take = (ref: ResourceRef, live: Resource | undefined): void => {
    for (const { slot } of pending.look(ref, live)) {
      book.end(slot, book.done);
      if (live !== undefined) book.noteSeenDone(slot);
    }
    const row = book.table.find(ref.region, ref.type, ref.id);
    const seen = bystanders.look(row, live);
    if (seen !== undefined) observed.set(row, seen);
  };
  const read = await context.read(
    refs,
    (ref, live) => {
      if (live === undefined) return void missing.push(ref);
      witness.saw(live);
      take(ref, live);
    },
    context.time.mayStart,
  );
  const gone = await witness.gone(missing);
  for (const ref of gone) take(ref, undefined);
  return { ...read, unwitnessed: missingIn(missing, gone) };
}

/** Every resource that a request changed, by its answer or by what was read after it; each once. */
function touchedRefs({ sent, table, slotsOf, isAnswered, endOf, done }: Book): readonly ResourceRef[] {
  const rows = new Set(
    sent.flatMap(({ region, type, ids }) => ids.map((id) => table.find(region, type, id))),
  );
  return [...rows]
    .filter((row) => slotsOf(row).some((slot) => isAnswered(slot) || endOf(slot) === done))
    .map((row) => table.rows[row]!);
}

/** The tags of each row that were answered as done. */
function answeredRows({ book }: ApplyContext): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, readonly number[]>();
  for (const batch of book.sent) {
    for (const id of batch.ids) {
      const row = book.table.find(batch.region, batch.type, id);
      const answered = book.slotsOf(row).filter(book.isAnswered);
      if (answered.length > 0) rows.set(row, answered);
    }
  }
  return rows;
}

/** Pulls the brake where nothing tells whether the canary's answers are true. */
function stopUnread({ brake, time }: ApplyContext, error: EciError | undefined): void {
  if (error === undefined || wasNotSent(error)) {
    brake.pull(outOfTime(time, UNREAD));
  } else if (error.kind === 'fatal') {
    const reason = `ECI refuses this account or its credentials ${UNREAD} ${error.message}`;
    brake.pull({ code: 'ECI', reason });
  } else {
    const code = error.kind === 'throttled' ? 'THROTTLED' : 'CANARY';
    brake.pull({ code, reason: `Reading failed ${UNREAD} ${error.message}` });
  }
}

/** Pulls the brake where a list that went empty says that the canary is gone. */
function stopBlind({ brake }: ApplyContext, resources: number): void {
  brake.pull({
    code: 'CANARY',
    reason: `${counted(resources, 'resource')} of the canary are not listed any more, and nothing else says that they are gone: the identity may have lost its right to look. Nothing else was touched.`,
  });
}

/** Ends as failed what was read, and does not show as done. */
function giveUp(
  { book, direction, brake }: ApplyContext,
  pending: Pending,
  unread: ReadonlySet<number>,
): void {
  const seen = pending.rows().filter(([row]) => !unread.has(row));
  if (seen.length === 0) return;
  let tags = 0;
  for (const [row, slots] of seen) {
    book.fail(row, slots, direction.notShown);
    tags += slots.length;
  }
  brake.pull({
    code: 'CANARY',
    reason: `The canary could not be verified: ${counted(tags, 'tag')} on ${counted(seen.length, 'resource')}, ${book.table.rows[seen[0]![0]]!.id} among them, not seen to be ${direction.shownWord}; nothing else was touched.`,
  });
}
