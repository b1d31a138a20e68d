import type { JournalEntry } from '../audit/facts.ts';
import type { Batch } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import { describeError } from '../redact.ts';
import { outOfTime } from '../report/halt.ts';
import type { ResourceRef } from '../resource.ts';
import type { ApplyContext } from './context.ts';

/** Whether one more request may be sent; pulls the brake when time has ended. */
export function mayStart({ brake, time, direction }: ApplyContext): boolean {
  if (brake.pulled !== undefined) return false;
  if (time.mayStart()) return true;
  brake.pull(outOfTime(time, direction.unfinished));
  return false;
}

/**
 * Makes a wave ready to be sent: puts its open tags in the journal.
 *
 * May go on while other waves are at work.
 *
 * @returns what may be sent of it; nothing, with the brake pulled, when it cannot be written ahead.
 */
export async function prepareWave(context: ApplyContext, wave: readonly Batch[]): Promise<readonly Batch[]> {
  if (!mayStart(context)) return [];
  context.freshness.follow(wave);
  const { book, journal, brake, direction } = context;
  const slots = new Set(wave.flatMap((batch) => book.slotsIn(batch)));
  const fresh = new Set([...slots].filter((slot) => !book.isJournaled(slot) && book.isOpen(slot)));
  if (fresh.size === 0) return wave;
  try {
    await journal.plan(entriesOf(book, wave, fresh));
  } catch (error) {
    const reason = `The journal could not be written, so nothing more was ${direction.doneWord}: ${describeError(error)}`;
    brake.pull({ code: 'AUDIT_UNAVAILABLE', reason });
    return [];
  }
  book.noteJournaled(fresh);
  return wave;
}

function entriesOf(
  { table }: Book,
  wave: readonly Batch[],
  slots: ReadonlySet<number>,
): readonly JournalEntry[] {
  const rows = new Set(
    wave.flatMap((batch) => batch.ids.map((id) => table.find(batch.region, batch.type, id))),
  );
  return [...rows]
    .sort((a, b) => a - b)
    .map((row) => {
      const change = table.rows[row]!;
      const first = table.firstSlot(row);
      return { ...change, tags: change.tags.filter((_, at) => slots.has(first + at)) };
    })
    .filter((entry) => entry.tags.length > 0);
}

/** The resources that a batch names. */
export function refsOf({ region, type, ids }: Batch): readonly ResourceRef[] {
  return ids.map((id) => ({ region, type, id }));
}
