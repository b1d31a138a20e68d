import { type Keeper, type Step, stepFor, type Thing } from './things.ts';

/** A thing with what is to be done, and what came of it. */
export interface SetupStep {
  readonly kind: Thing['kind'];
  readonly name: string;
  readonly of?: string;
  readonly step: Step;
  /** Why it could not be done. */
  readonly failure?: string;
}

/** What setting up, or taking away, comes to; nothing is changed. */
export async function planSetup(things: readonly Thing[], keeper: Keeper): Promise<readonly PlannedStep[]> {
  const steps: PlannedStep[] = [];
  for (const thing of things) steps.push({ thing, step: stepFor(thing, await keeper.find(thing)) });
  return steps;
}

export interface PlannedStep {
  readonly thing: Thing;
  readonly step: Step;
}

/**
 * Does what was planned, in its order.
 *
 * What is made needs what came before it, so that making ends at the first failure; where things are taken away,
 * the others go all the same.
 */
export async function carryOutSetup(
  planned: readonly PlannedStep[],
  keeper: Keeper,
  goOn: boolean,
): Promise<readonly SetupStep[]> {
  const done: SetupStep[] = [];
  for (const one of planned) {
    try {
      await doStep(one, keeper);
      done.push(toldOf(one));
    } catch (error) {
      done.push({ ...toldOf(one), failure: error instanceof Error ? error.message : String(error) });
      if (!goOn) return done;
    }
  }
  return done;
}

export function toldOf({ thing: { kind, name, of }, step }: PlannedStep): SetupStep {
  return { kind, name, ...(of === undefined ? {} : { of }), step };
}

async function doStep({ thing, step }: PlannedStep, keeper: Keeper): Promise<void> {
  if (step === 'make') await keeper.make(thing);
  if (step === 'change') await keeper.change(thing);
  if (step === 'remove') await keeper.remove(thing);
}

/**
 * The same things, to be taken away: in the opposite order, and what holds the records only where that is said.
 *
 * The records are what an undo needs, and nothing brings them back.
 */
export function unwantedThings(things: readonly Thing[], withRecords: boolean): readonly Thing[] {
  const holdsRecords = ({ kind }: Thing) => ['project', 'store', 'index'].includes(kind);
  return things
    .filter((thing) => withRecords || !holdsRecords(thing))
    .map((thing) => ({ ...thing, wanted: false }))
    .reverse();
}
