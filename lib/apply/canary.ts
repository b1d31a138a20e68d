import type { EciError } from '../errors.ts';
import type { ReadByIdsResult } from '../inventory/by-id.ts';
import { lookAgain } from '../inventory/look-again.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { createPending, type Pending } from '../proof/pending.ts';
import type { OnRead } from '../proof/reader.ts';
import { outOfTime } from '../report/halt.ts';
import { counted } from '../text.ts';
import type { ApplyContext } from './context.ts';

/** What the brake says where the canary could not be read. */
const UNREAD = 'before the canary could be verified; nothing else was touched.';

/**
 * Reads the canary's resources until every tag that was answered as done shows so.
 *
 * A tag that does not when patience ends has failed, and the run stops: an API that answers success
 * and does nothing must not be asked a thousand times more. Where the resources cannot be read, the run
 * stops too, and the answers are all that is known.
 */
export async function proveCanary(context: ApplyContext): Promise<void> {
  const { book, direction, clock, time } = context;
  const pending = createPending(book, direction.isShown);
  for (const [row, slots] of answeredRows(context)) pending.add(row, slots);
  if (pending.size === 0) return;
  let last: ReadByIdsResult = { unread: [] };
  const look = async (): Promise<void> => {
    const onRead: OnRead = (ref, live) => {
      for (const { slot } of pending.look(ref, live)) book.end(slot, book.done);
    };
    last = await context.read(pending.refs(), onRead, time.mayStart);
  };
  await look();
  const isWaiting = (): boolean => pending.size > 0 && last.error?.kind !== 'fatal';
  const isSettled = await lookAgain({ clock, time, isWaiting, look });
  if (pending.size === 0) return;
  if (last.error?.kind === 'fatal') return stopUnread(context, last.error);
  if (!isSettled) return stopUnread(context, undefined);
  const unread = new Set(last.unread.map(({ region, type, id }) => book.table.find(region, type, id)));
  giveUp(context, pending, unread);
  if (unread.size > 0) stopUnread(context, last.error);
}

/** The tags of each row that were answered as done. */
function answeredRows({ book }: ApplyContext): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, Set<number>>();
  for (const batch of book.sent) {
    for (const id of batch.ids) {
      const row = book.table.find(batch.region, batch.type, id);
      const answered = book.slotsIn({ ...batch, ids: [id] }).filter(book.isAnswered);
      if (answered.length > 0) rows.set(row, new Set([...(rows.get(row) ?? []), ...answered]));
    }
  }
  return new Map([...rows].map(([row, slots]) => [row, [...slots].sort((a, b) => a - b)]));
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
