import type { BatchFact, JournalEntry } from '../audit/facts.ts';
import type { Book } from '../change/book.ts';
import type { Change } from '../change/table.ts';
import type { Clock, TimeLeft } from '../clock.ts';
import type { ReadById } from '../proof/reader.ts';
import type { Witness } from '../proof/witness.ts';
import type { Brake } from '../report/halt.ts';
import type { Resource } from '../resource.ts';
import type { Bystanders } from './bystanders.ts';
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
  /** How long a change is known to take until it shows, milliseconds; left out: nothing is known. */
  readonly visibleAfterMs?: number;
  readonly brake: Brake;
  readonly freshness: Freshness;
  readonly final: FinalRows;
  /** The resources as they were before the first request. */
  readonly seen: readonly Resource[];
  /** Watches kept tags of the canary and of a sample of each wave; set once the waves are known. */
  bystanders: Bystanders;
  readonly witness: Witness;
  /** Puts tags back that went without being asked for; the number of those that are there again. */
  readonly giveBack?: (changes: readonly Change[]) => Promise<number>;
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
