import type { Batch } from '../batch/types.ts';
import { wasNotSent } from '../pace/unsent.ts';
import type { ResourceRef } from '../resource.ts';
import { explainHarm, type Harm, lostOf } from './bystanders.ts';
import type { ApplyContext } from './context.ts';

/** Resources of a wave whose kept tags are looked at before the next: one of each of its first batches. */
export const SAMPLE = 20;

/** The resources of a wave that are looked at: one of each batch, from its beginning. */
export function sampleOf(wave: readonly Batch[]): readonly ResourceRef[] {
  return wave.slice(0, SAMPLE).map(({ region, type, ids }) => ({ region, type, id: ids[0]! }));
}

/** Reads the sample of a wave that was sent, and stops the run where something went that the plan keeps. */
export async function checkSample(context: ApplyContext, wave: readonly Batch[]): Promise<void> {
  const { book, bystanders, read, time } = context;
  const rowOf = ({ region, type, id }: ResourceRef): number => book.table.find(region, type, id);
  // A request that is at work may have done a part: only what is done with tells.
  const refs = sampleOf(wave).filter((ref) => book.openOf(rowOf(ref)).length === 0);
  const harms: Harm[] = [];
  const { error } = await read(
    refs,
    (ref, live) => {
      const harm = bystanders.harm(rowOf(ref), live);
      if (harm !== undefined) harms.push(harm);
    },
    time.mayStart,
  );
  if (harms.length > 0) await stopForHarm(context, harms);
  else if (error !== undefined && !wasNotSent(error) && error.kind === 'fatal') {
    const reason = `ECI refuses this account or its credentials: ${error.message}`;
    context.brake.pull({ code: 'ECI', reason });
  }
}

/** Stops the run at once, gives back what was lost, and says what kind of service would do such harm. */
export async function stopForHarm(context: ApplyContext, harms: readonly Harm[]): Promise<void> {
  const halt = { code: 'CANARY' as const, reason: `${explainHarm(harms)} The run stopped.` };
  context.brake.pull(halt);
  const lost = lostOf(harms);
  if (lost.length === 0 || context.giveBack === undefined) return;
  const tags = lost.reduce((sum, change) => sum + change.tags.length, 0);
  const back = await context.giveBack(lost);
  halt.reason += ` Of the ${tags} that went ${back} were put back.`;
}
