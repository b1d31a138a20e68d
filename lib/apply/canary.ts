import type { EciError } from '../errors.ts';
import { type ReadByIdsResult, readByIds } from '../inventory/by-id.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { outOfTime } from '../report/halt.ts';
import type { Resource, ResourceRef, Tag } from '../resource.ts';
import { counted } from '../text.ts';
import type { ApplyContext } from './context.ts';

/** Pauses between readings; ECI does not say how long a change takes to show. */
const PAUSES_MS = [0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000] as const;

/** What the brake says where the canary could not be read. */
const UNREAD = 'before the canary could be verified; nothing else was touched.';

/**
 * Reads the canary's resources until every tag that was answered as removed is seen to be gone.
 *
 * A tag that is still seen when patience ends has failed, and the run stops: an API that answers success
 * and does nothing must not be asked a thousand times more. Where the resources cannot be read, the run
 * stops too, and the answers are all that is known.
 */
export async function proveCanary(context: ApplyContext): Promise<void> {
  let waiting = positionsAnswered(context);
  let last: ReadByIdsResult = { unread: [] };
  for (const pauseMs of PAUSES_MS) {
    if (waiting.length === 0) return;
    if (context.time.leftMs() <= pauseMs) {
      stopUnread(context, undefined);
      return;
    }
    await context.clock.sleep(pauseMs);
    last = await readWaiting(context, waiting);
    if (last.error?.kind === 'fatal') {
      stopUnread(context, last.error);
      return;
    }
    waiting = positionsAnswered(context);
  }
  const unread = new Set(last.unread.map((ref) => context.index.find(ref.region, ref.type, ref.id)));
  const seen = waiting.filter((position) => !unread.has(position));
  if (seen.length > 0) giveUp(context, seen);
  if (unread.size > 0) stopUnread(context, last.error);
}

/** Pulls the brake where nothing tells whether the canary's answers are true. */
function stopUnread({ brake, time }: ApplyContext, error: EciError | undefined): void {
  if (error === undefined || wasNotSent(error)) {
    brake.pull(outOfTime(time, UNREAD));
  } else if (error.kind === 'fatal') {
    const reason = `ECI refuses this account or its credentials ${UNREAD} ${error.message}`;
    brake.pull({ cause: 'fatal', reason });
  } else {
    const cause = error.kind === 'throttled' ? 'throttled' : 'canary';
    brake.pull({ cause, reason: `Reading failed ${UNREAD} ${error.message}` });
  }
}

async function readWaiting(context: ApplyContext, waiting: readonly number[]): Promise<ReadByIdsResult> {
  return await readByIds(
    waiting.map((position) => refAt(context, position)),
    {
      eci: context.eci,
      concurrency: context.concurrency,
      mayStart: context.time.mayStart,
      onRead: (ref, live) => confirm(context, context.index.find(ref.region, ref.type, ref.id), live),
    },
  );
}

/** Ends every answered tag that is not seen with its old value any more. */
function confirm(context: ApplyContext, position: number, live: Resource | undefined): void {
  const removal = context.index.removals[position]!;
  const first = context.index.firstSlot(position);
  for (const [at, tag] of removal.tags.entries()) {
    const slot = first + at;
    if (context.sent.answered[slot] === 0) continue;
    if (live !== undefined && (live.tags === undefined || stillThere(live.tags, tag))) continue;
    context.sent.answered[slot] = 0;
    context.ledger.end(slot, 'removed');
  }
}

function stillThere(now: readonly Tag[], tag: Tag): boolean {
  return now.some(({ key, value }) => key === tag.key && value === tag.value);
}

function giveUp(context: ApplyContext, waiting: readonly number[]): void {
  let tags = 0;
  for (const position of waiting) {
    const removal = context.index.removals[position]!;
    const first = context.index.firstSlot(position);
    const keys = removal.tags
      .filter((_, at) => context.sent.answered[first + at] === 1)
      .map((tag) => tag.key);
    for (const [at] of removal.tags.entries()) context.sent.answered[first + at] = 0;
    context.ledger.fail(position, keys, {
      code: 'NotRemoved',
      message: 'ECI answered that the tag was removed, but reading the resource did not show it gone.',
    });
    tags += keys.length;
  }
  const ref = refAt(context, waiting[0]!);
  context.brake.pull({
    cause: 'canary',
    reason: `The canary could not be verified: ${counted(tags, 'tag')} on ${counted(waiting.length, 'resource')}, ${ref.id} among them, not seen to be gone; nothing else was touched.`,
  });
}

function positionsAnswered(context: ApplyContext): readonly number[] {
  const positions = new Set<number>();
  for (const batch of context.sent.batches) {
    for (const id of batch.ids) {
      const position = context.index.find(batch.region, batch.type, id);
      const own = context.sent.answered.subarray(
        context.index.firstSlot(position),
        context.index.firstSlot(position + 1),
      );
      if (own.includes(1)) positions.add(position);
    }
  }
  return [...positions];
}

function refAt(context: ApplyContext, position: number): ResourceRef {
  const { region, type, id } = context.index.removals[position]!;
  return { region, type, id };
}
