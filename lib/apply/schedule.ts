import type { Batch } from '../batch/types.ts';

export interface ScheduleOptions {
  /** Batches at work at once. */
  readonly concurrency: number;
  /** Asked before each batch; once false, no further one is started. */
  readonly mayStart: () => boolean;
  readonly work: (batch: Batch) => Promise<void>;
}

/**
 * Works through the batches of one region, several at once, in order but for conflicts: no resource is in
 * two of them at the same time (the API answers `OperationConflict`).
 *
 * A batch that throws ends the work: those at work finish first, then the error is passed on.
 */
export async function runBatches(batches: readonly Batch[], options: ScheduleOptions): Promise<void> {
  const waiting = [...batches];
  const busy = new Set<string>();
  const atWork = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const start = (batch: Batch): void => {
    const names = batch.resourceIds.map((id) => `${batch.resourceType}/${id}`);
    for (const name of names) busy.add(name);
    const work = options
      .work(batch)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        for (const name of names) busy.delete(name);
        atWork.delete(work);
      });
    atWork.add(work);
  };
  const nextReady = (): Batch | undefined => {
    const at = waiting.findIndex(
      (batch) => !batch.resourceIds.some((id) => busy.has(`${batch.resourceType}/${id}`)),
    );
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };

  while (failure === undefined) {
    while (atWork.size < options.concurrency && waiting.length > 0 && options.mayStart()) {
      const batch = nextReady();
      if (batch === undefined) break;
      start(batch);
    }
    if (atWork.size === 0) break;
    await Promise.race(atWork);
  }
  await Promise.all(atWork);
  if (failure !== undefined) throw failure.error;
}
