import type { BatchFact, JournalEntry } from '../audit/facts.ts';
import type { Book } from '../change/book.ts';
import type { Clock, TimeLeft } from '../clock.ts';
import type { ReadById } from '../proof/reader.ts';
import type { Brake } from '../report/halt.ts';
import type { Direction } from './direction.ts';
import type { FinalRows } from './final-rows.ts';
import type { Freshness } from './freshness.ts';
import type { Gate } from './gate.ts';

/** What carrying out one plan needs, and what it notes down. */
export interface ApplyContext {
  readonly book: Book;
  readonly direction: Direction;
  readonly gate: Gate;
  readonly read: ReadById;
  readonly journal: ApplyJournal;
  readonly clock: Clock;
  readonly time: TimeLeft;
  readonly brake: Brake;
  readonly freshness: Freshness;
  readonly final: FinalRows;
  /** Whether an answer of success has to be proved before it counts. */
  isProvisional: boolean;
  /** Called after each request with the tags that have an end. */
  readonly onEnded?: (ended: number) => void;
}

/** Where a run writes what it is about to do, and what it did. */
export interface ApplyJournal {
  /** Resolves once the entries are kept; rejects when they cannot be, and then nothing of them may go. */
  plan(entries: readonly JournalEntry[]): Promise<void>;
  batch(fact: Omit<BatchFact, 'index' | 'attempt' | 'apiName'>): Promise<void>;
}
