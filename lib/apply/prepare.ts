import type { JournalEntry } from '../audit/facts.ts';
import type { Batch } from '../batch/types.ts';
import { readByIds } from '../inventory/by-id.ts';
import { describeError } from '../redact.ts';
import { outOfTime } from '../report/halt.ts';
import { resourceKey } from '../resource.ts';
import { type ApplyContext, isOpen, slotsIn } from './context.ts';
import { reconcile } from './reconcile.ts';

/** How old the reading of a resource may be before it is looked at again. */
export const MAX_READING_AGE_MS = 10 * 60_000;

/**
 * Makes a wave ready to be sent: looked at again where its reading is old, and in the journal.
 *
 * May go on while other waves are at work: what one of their requests holds is left to that request.
 *
 * @param observedAtMs - when the resources were read.
 * @returns what may be sent of it; nothing, with the brake pulled, when it cannot be written ahead.
 */
export async function prepareWave(
  context: ApplyContext,
  wave: readonly Batch[],
  observedAtMs: number,
): Promise<readonly Batch[]> {
  if (!mayStart(context)) return [];
  const isOld = context.clock.now() - observedAtMs > MAX_READING_AGE_MS;
  const batches = isOld ? await lookAgain(context, wave) : wave;
  return (await writeAhead(context, batches)) ? batches : [];
}

/** Whether one more request may be sent; pulls the brake when time has ended. */
export function mayStart(context: ApplyContext): boolean {
  if (context.brake.pulled !== undefined) return false;
  if (context.time.mayStart()) return true;
  context.brake.pull(outOfTime(context.time, 'before all requests were sent.'));
  return false;
}

/** Reads a wave's resources, ends what is gone or changed, and gives back the wave without unread ones. */
async function lookAgain(context: ApplyContext, wave: readonly Batch[]): Promise<readonly Batch[]> {
  const refs = new Map(
    wave.flatMap((batch) =>
      batch.ids.map((id) => {
        const ref = { region: batch.region, type: batch.type, id };
        return [resourceKey(ref), ref] as const;
      }),
    ),
  );
  const { unread } = await readByIds([...refs.values()], {
    eci: context.eci,
    concurrency: context.concurrency,
    mayStart: () => mayStart(context),
    onRead: (ref, live) => {
      reconcile(context, context.index.find(ref.region, ref.type, ref.id), live, 'before');
    },
  });
  const missing = new Set(unread.map(resourceKey));
  return wave
    .map((batch) => ({
      ...batch,
      ids: batch.ids.filter(
        (id) => !missing.has(resourceKey({ region: batch.region, type: batch.type, id })),
      ),
    }))
    .filter((batch) => batch.ids.length > 0);
}

/** Puts the wave's tags in the journal; false, with the brake pulled, when they cannot be. */
async function writeAhead(context: ApplyContext, wave: readonly Batch[]): Promise<boolean> {
  const slots = new Set(wave.flatMap((batch) => slotsIn(context.index, batch)));
  const fresh = [...slots].filter((slot) => context.journaled[slot] === 0 && isOpen(context, slot));
  if (fresh.length === 0) return true;
  try {
    await context.journal.plan(entriesOf(context, wave, new Set(fresh)));
  } catch (error) {
    context.brake.pull({
      cause: 'journal',
      reason: `The journal could not be written, so nothing more was removed: ${describeError(error)}`,
    });
    return false;
  }
  for (const slot of fresh) context.journaled[slot] = 1;
  return true;
}

function entriesOf(
  context: ApplyContext,
  wave: readonly Batch[],
  slots: ReadonlySet<number>,
): readonly JournalEntry[] {
  const positions = new Set(
    wave.flatMap((batch) => batch.ids.map((id) => context.index.find(batch.region, batch.type, id))),
  );
  return [...positions]
    .sort((a, b) => a - b)
    .map((position) => {
      const removal = context.index.removals[position]!;
      const first = context.index.firstSlot(position);
      return { ...removal, tags: removal.tags.filter((_, at) => slots.has(first + at)) };
    })
    .filter((entry) => entry.tags.length > 0);
}
