import type { Batch } from '../batch/types.ts';
import { createWorkers, type ScheduleOptions, workThrough } from '../pace/schedule.ts';
import { findCasePair } from '../plan/case-pairs.ts';
import type { ResourceRef } from '../resource.ts';
import { createBystanders } from './bystanders.ts';
import { proveCanary } from './canary.ts';
import type { ApplyContext } from './context.ts';
import { checkSample, SAMPLE, sampleOf } from './harm.ts';
import { mayStart, prepareWave, refsOf } from './prepare.ts';
import { settleBatch } from './settle.ts';
import { groupByRegion, planWaves, type Waves } from './waves.ts';

export interface ApplyOptions {
  readonly batches: readonly Batch[];
  /** Resources in the first wave; 0 means no canary. */
  readonly canary: number;
  /** Whether what was sent is read again afterwards, so that a canary with nothing behind it need not be. */
  readonly isProved: boolean;
  /** Requests in flight per region. */
  readonly concurrency: number;
}

/**
 * Carries out a plan: canary first, then growing waves, each in the journal before it begins.
 *
 * Every tag that was dealt with has its end in the book afterwards; what has none was not reached, and
 * `context.brake` says why.
 */
export async function applyPlan(context: ApplyContext, options: ApplyOptions): Promise<void> {
  const waves = chooseWaves(context, options);
  context.bystanders = createBystanders(context.book, context.seen, watchedRows(context, waves));
  if (waves.canary.length > 0) {
    context.isProvisional = true;
    const ready = await prepareWave(context, waves.canary);
    await Promise.all(
      [...groupByRegion(ready).values()].map((own) => workThrough(own, scheduleOf(context, options))),
    );
    await proveCanary(context);
    context.isProvisional = false;
  }
  await Promise.all([...waves.byRegion.values()].map((own) => runWaves(context, own, options)));
}

/** The rows whose kept tags are watched: all of the canary, and a sample of each wave. */
function watchedRows({ book }: ApplyContext, { canary, byRegion }: Waves): ReadonlySet<number> {
  const sampled = [...byRegion.values()].flatMap((waves) => waves.flatMap(sampleOf));
  const refs = [...canary.flatMap(refsOf), ...sampled];
  return new Set(refs.map(({ region, type, id }) => book.table.find(region, type, id)));
}

/** Resources that keep a key which differs by case alone from one that goes. */
function rowsThatTell({ book: { table }, seen }: ApplyContext): (ref: ResourceRef) => boolean {
  const rows = new Set<number>();
  if (table.action === 'remove') {
    for (const resource of seen) {
      const row = table.find(resource.region, resource.type, resource.id);
      if (row >= 0 && findCasePair(resource, table.rows[row]!.tags) !== undefined) rows.add(row);
    }
  }
  return ({ region, type, id }) => rows.size > 0 && rows.has(table.find(region, type, id));
}

/** A canary that nothing follows protects nothing: where all is read again anyway, it is a wave like any other. */
function chooseWaves(context: ApplyContext, { batches, canary, isProved }: ApplyOptions): Waves {
  const waves = planWaves(batches, canary, canary === 0 ? undefined : rowsThatTell(context));
  return isProved && waves.byRegion.size === 0 ? planWaves(batches, 0) : waves;
}

/**
 * Works through the waves of one region without a gap: while one is at work, the next is looked at and
 * written ahead, so the journal is at most one wave further than the removal.
 */
async function runWaves(
  context: ApplyContext,
  waves: readonly (readonly Batch[])[],
  options: ApplyOptions,
): Promise<void> {
  const atWork = new Map<Batch, Promise<void>>();
  const schedule = scheduleOf(context, options);
  const work = (batch: Batch): Promise<void> => {
    const settled = schedule.work(batch);
    atWork.set(batch, settled);
    return settled;
  };
  const workers = createWorkers({ ...schedule, work });
  const check = async (wave: readonly Batch[]): Promise<void> => {
    const sample = wave.slice(0, SAMPLE).flatMap((batch) => atWork.get(batch) ?? []);
    // One that is done tells enough: others may have to be tried again. What failed is told by the workers.
    if (sample.length > 0) await Promise.race(sample.map((settled) => settled.catch(() => undefined)));
    await checkSample(context, wave);
  };
  const prepare = (wave: readonly Batch[] | undefined): Promise<readonly Batch[]> => {
    const prepared = wave === undefined ? Promise.resolve([]) : prepareWave(context, wave);
    // It is awaited once the wave before it has started; until then a failure must not count as unhandled.
    prepared.catch(() => undefined);
    return prepared;
  };
  let checked = Promise.resolve();
  let next = prepare(waves[0]);
  try {
    for (const at of waves.keys()) {
      const batches = await next;
      next = prepare(waves[at + 1]);
      await checked;
      atWork.clear();
      await workers.take(batches);
      // What follows the last one is the proof, where one is wanted.
      if (at + 1 < waves.length) checked = check(batches);
      checked.catch(() => undefined);
    }
  } finally {
    await Promise.allSettled([next, checked]);
    await workers.finish();
  }
}

function scheduleOf(context: ApplyContext, { concurrency }: ApplyOptions): ScheduleOptions<Batch> {
  return {
    concurrency,
    mayStart: () => mayStart(context),
    work: (batch) => settleBatch(context, batch),
  };
}
