/** One request's worth of work, as far as conflicts are concerned. */
export interface Piece {
  readonly type: string;
  readonly ids: readonly string[];
}

export interface ScheduleOptions<T> {
  /** Pieces at work at once. */
  readonly concurrency: number;
  /** Asked before each piece; once false, no further one is started. */
  readonly mayStart: () => boolean;
  readonly work: (piece: T) => Promise<void>;
}

/** Works on the pieces of one region, which may come in several lots. */
export interface Workers<T> {
  /**
   * Takes more pieces on; resolves once all of them were started, or none may start any more. The last of
   * them are still at work then, so that the next lot follows without a gap.
   */
  take(pieces: readonly T[]): Promise<void>;
  /** Resolves once nothing is at work; rejects with what the first piece that failed threw. */
  finish(): Promise<void>;
}

/**
 * Works on several pieces at once, in order but for conflicts: no resource is in two of them at the same
 * time (the API answers `OperationConflict`), whichever lot they came in.
 *
 * After a piece that throws no further one is started.
 */
export function createWorkers<T extends Piece>(options: ScheduleOptions<T>): Workers<T> {
  const busy = new Set<string>();
  const atWork = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const namesOf = (piece: T): readonly string[] => piece.ids.map((id) => `${piece.type}/${id}`);
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
  const takeReady = (waiting: T[]): T | undefined => {
    if (atWork.size >= options.concurrency) return undefined;
    const at = waiting.findIndex((piece) => !namesOf(piece).some((name) => busy.has(name)));
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };

  return {
    async take(pieces) {
      const waiting = [...pieces];
      while (waiting.length > 0 && failure === undefined && options.mayStart()) {
        const piece = takeReady(waiting);
        if (piece === undefined) await Promise.race(atWork);
        else start(piece);
      }
    },
    async finish() {
      await Promise.all(atWork);
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** Works through one lot of pieces to the end; see `createWorkers`. */
export async function workThrough<T extends Piece>(
  pieces: readonly T[],
  options: ScheduleOptions<T>,
): Promise<void> {
  const workers = createWorkers(options);
  await workers.take(pieces);
  await workers.finish();
}
