import type { Batch } from '../batch/types.ts';
import { wasNotSent } from '../pace/unsent.ts';
import { isKubernetesKey } from '../policy/reserved.ts';
import type { ResourceRef, TagKey } from '../resource.ts';
import { explainHarm, givenBack, isHarmed } from './bystanders.ts';
import type { ApplyContext } from './context.ts';
import { findTaker, type Observed, type Taker } from './taker.ts';

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
  const observed: Observed[] = [];
  const { error } = await read(
    refs,
    (ref, live) => {
      const seen = bystanders.look(rowOf(ref), live);
      if (seen !== undefined) observed.push(seen);
    },
    time.mayStart,
  );
  if (observed.some(isHarmed)) await stopForHarm(context, observed);
  else if (error !== undefined && !wasNotSent(error) && error.kind === 'fatal') {
    const reason = `ECI refuses this account or its credentials: ${error.message}`;
    context.brake.pull({ code: 'ECI', reason });
  }
}

/**
 * Stops the run at once, gives back what the service took, and says what kind of service would do such harm; what others
 * took is theirs to give back.
 *
 * @param observed - what was looked at and shows its request, harmed or not.
 */
export async function stopForHarm(context: ApplyContext, observed: readonly Observed[]): Promise<void> {
  const harms = observed.filter(isHarmed);
  const taker = findTaker(observed);
  const halt = { code: 'CANARY' as const, reason: `${explainHarm(harms, taker)} The run stopped.` };
  context.brake.pull(halt);
  const went = harms.reduce((sum, { lost }) => sum + lost.length, 0);
  if (went === 0 || context.giveBack === undefined) return;
  const changes = givenBack(harms, taker);
  const back = changes.length === 0 ? 0 : await context.giveBack(changes);
  halt.reason += ` Of the ${went} that went ${back} were put back.`;
  const platform = harms.flatMap(({ lost }) => lost.filter(({ key }) => isLeftForPerson(key, taker)));
  if (platform.length > 0) {
    const keys = [...new Set(platform.map(({ key }) => key))].slice(0, 5).join(', ');
    halt.reason += ` By ${keys} Kubernetes finds its pods: one resource alone does not tell who took it, so it was left to a person.`;
  }
}

/** A key of Kubernetes that was not put back although a common one would have been. */
function isLeftForPerson(key: TagKey, { mayGiveBack, isService }: Taker): boolean {
  return isService && isKubernetesKey(key) && !mayGiveBack(key);
}
