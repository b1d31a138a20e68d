import type { JournalEntry } from '../audit/facts.ts';
import type { Batch } from '../batch/types.ts';
import { readAgain } from '../inventory/read-again.ts';
import { workThrough } from '../pace/schedule.ts';
import { describeError } from '../redact.ts';
import { resourceKey } from '../resource.ts';
import { proveCanary } from './canary.ts';
import { type ApplyContext, isOpen, slotsIn } from './context.ts';
import { remainingParts } from './parts.ts';
import { reconcile } from './reconcile.ts';
import { settleBatch } from './settle.ts';
import { groupByRegion, planWaves } from './waves.ts';

/** How old the reading of a resource may be before it is looked at again. */
export const MAX_READING_AGE_MS = 10 * 60_000;

export interface ApplyOptions {
  readonly batches: readonly Batch[];
  /** Resources in the first wave; 0 means no canary. */
  readonly canary: number;
  /** Requests in flight per region. */
  readonly concurrency: number;
  /** When the resources were read, epoch milliseconds. */
  readonly observedAtMs: number;
}

/**
 * Carries out a plan: canary first, then growing waves, each in the journal before it begins.
 *
 * Every tag that was dealt with has its end in the ledger afterwards; what has none was not reached, and
 * `context.brake` says why.
 */
export async function applyPlan(context: ApplyContext, options: ApplyOptions): Promise<void> {
  const waves = planWaves(options.batches, options.canary);
  if (waves.canary.length > 0) {
    context.sent.provisional = true;
    await runWave(context, waves.canary, options);
    await proveCanary(context);
    context.sent.provisional = false;
  }
  const regions = [...waves.byRegion.values()].map(async (ofRegion) => {
    for (const wave of ofRegion) await runWave(context, wave, options);
  });
  await Promise.all(regions);
}

async function runWave(context: ApplyContext, wave: readonly Batch[], options: ApplyOptions): Promise<void> {
  if (!mayStart(context)) return;
  const isOld = context.clock.now() - options.observedAtMs > MAX_READING_AGE_MS;
  const batches = isOld ? await lookAgain(context, wave) : wave;
  if (!(await writeAhead(context, batches))) return;
  const schedule = {
    concurrency: options.concurrency,
    mayStart: () => mayStart(context),
    work: (batch: Batch) => settleBatch(context, batch),
  };
  await Promise.all([...groupByRegion(batches).values()].map((own) => workThrough(own, schedule)));
}

function mayStart(context: ApplyContext): boolean {
  if (context.brake.pulled !== undefined) return false;
  if (context.time.mayStart()) return true;
  context.brake.pull({ cause: 'time', reason: 'The time ended before all requests were sent.' });
  return false;
}

/** Reads a wave's resources, ends what is gone or changed, and gives back what is left; unread ones are left out. */
async function lookAgain(context: ApplyContext, wave: readonly Batch[]): Promise<readonly Batch[]> {
  const refs = new Map(
    wave.flatMap((batch) =>
      batch.resourceIds.map((id) => {
        const ref = { region: batch.region, type: batch.resourceType, id };
        return [resourceKey(ref), ref] as const;
      }),
    ),
  );
  const { unread } = await readAgain([...refs.values()], {
    eci: context.eci,
    concurrency: context.concurrency,
    mayStart: () => mayStart(context),
    onRead: (ref, live) => {
      reconcile(context, context.index.find(ref.region, ref.type, ref.id), live, 'before');
    },
  });
  const missing = new Set(unread.map(resourceKey));
  return wave.flatMap((batch) => {
    const resourceIds = batch.resourceIds.filter(
      (id) => !missing.has(resourceKey({ region: batch.region, type: batch.resourceType, id })),
    );
    return remainingParts(context, { ...batch, resourceIds });
  });
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
    wave.flatMap((batch) =>
      batch.resourceIds.map((id) => context.index.find(batch.region, batch.resourceType, id)),
    ),
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
