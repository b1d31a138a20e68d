import { createRemoving } from '../apply/removing.ts';
import type { Batch } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { Judge } from '../plan/types.ts';
import type { Policy } from '../policy/policy.ts';
import { proveRun } from '../proof/prove.ts';
import type { Resource } from '../resource.ts';
import type { Work } from './carry-out.ts';
import type { Session } from './session.ts';

/** A removal plan that was admitted, and what it was made from. */
export interface Admitted {
  readonly policy: Policy;
  readonly judge: Judge;
  readonly book: Book;
  readonly batches: readonly Batch[];
  readonly isFree: IsFree;
  /** Every resource as it was before the first request. */
  readonly seen: readonly Resource[];
  readonly observedAtMs: number;
}

/** The direction of a policy's removals. */
export function removingBy({
  policy,
  judge,
  book,
  isFree,
}: Pick<Admitted, 'policy' | 'judge' | 'book' | 'isFree'>) {
  return createRemoving({
    book,
    isFree,
    removableNow: (live) => new Set(judge.removals(live).map((tag) => tag.key)),
    readingAgeMs: policy.limits.readingAgeMs,
    maxFailures: policy.limits.maxFailures,
  });
}

/** How the removals of an admitted plan are carried out. */
export function removalWork(session: Session, admitted: Admitted): Work {
  const { policy, book, seen } = admitted;
  const onProgress = (done: number) =>
    session.options.onProgress?.({ step: 'verify', done, total: seen.length, text: 'Reading again' });
  return {
    book,
    direction: removingBy(admitted),
    unprotected: policy.unprotect,
    batches: admitted.batches,
    canary: policy.limits.canary,
    pace: policy.pace,
    journal: policy.journal,
    seen,
    readAtMs: new Float64Array(book.table.rows.length).fill(admitted.observedAtMs),
    ...(policy.verify === 'all' && { prove: (means) => proveRun({ ...means, seen, onProgress }) }),
    text: 'Removing tags',
  };
}
