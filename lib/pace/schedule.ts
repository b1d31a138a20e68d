/** One request's worth of work, as far as conflicts are concerned. */
export interface Piece {
  readonly resourceType: string;
  readonly resourceIds: readonly string[];
}

export interface ScheduleOptions<T> {
  /** Pieces at work at once. */
  readonly concurrency: number;
  /** Asked before each piece; once false, no further one is started. */
  readonly mayStart: () => boolean;
  readonly work: (piece: T) => Promise<void>;
}

/**
 * Works through the pieces of one region, several at once, in order but for conflicts: no resource is in
 * two of them at the same time (the API answers `OperationConflict`).
 *
 * A piece that throws ends the work: those at work finish first, then the error is passed on.
 */
export async function workThrough<T extends Piece>(
  pieces: readonly T[],
  options: ScheduleOptions<T>,
): Promise<void> {
  const waiting = [...pieces];
  const busy = new Set<string>();
  const atWork = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const namesOf = (piece: T): readonly string[] =>
    piece.resourceIds.map((id) => `${piece.resourceType}/${id}`);
  const start = (piece: T): void => {
    const names = namesOf(piece);
    for (const name of names) busy.add(name);
    const work = options
      .work(piece)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        for (const name of names) busy.delete(name);
        atWork.delete(work);
      });
    atWork.add(work);
  };
  const nextReady = (): T | undefined => {
    const at = waiting.findIndex((piece) => !namesOf(piece).some((name) => busy.has(name)));
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };

  while (failure === undefined) {
    while (atWork.size < options.concurrency && waiting.length > 0 && options.mayStart()) {
      const piece = nextReady();
      if (piece === undefined) break;
      start(piece);
    }
    if (atWork.size === 0) break;
    await Promise.race(atWork);
  }
  await Promise.all(atWork);
  if (failure !== undefined) throw failure.error;
}
