import type { BatchFact, JournalEntry } from '../audit/facts.ts';
import type { Batch } from '../batch/types.ts';
import type { Clock, TimeLeft } from '../clock.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { EciApi } from '../ports.ts';
import type { Brake } from '../report/halt.ts';
import type { Ledger } from '../report/ledger.ts';
import type { RemovalIndex } from '../report/removal-index.ts';
import type { Resource, ResourceType, TagKey } from '../resource.ts';
import type { Gate } from './gate.ts';

/** What carrying out one plan needs, and what it notes down. */
export interface ApplyContext {
  readonly index: RemovalIndex;
  readonly ledger: Ledger;
  readonly gate: Gate;
  /** Paced and retried; used for reading. */
  readonly eci: Pick<EciApi, 'listResources' | 'listTagResources'>;
  readonly journal: ApplyJournal;
  readonly clock: Clock;
  readonly time: TimeLeft;
  readonly brake: Brake;
  readonly sent: SentLog;
  readonly isFree: IsFree;
  /** Keys that the policy would remove from the resource as it is now. */
  readonly removableNow: (live: Resource) => ReadonlySet<TagKey>;
  /** List calls in flight while reading again. */
  readonly concurrency: number;
  /** Failed tags above which the run stops. */
  readonly maxFailures: number;
  /** Which slots the journal holds: 1 once it does. */
  readonly journaled: Uint8Array;
  /** Called after each request with the tags that have an end. */
  readonly onEnded?: (ended: number) => void;
}

/** Where a run writes what it is about to do, and what it did. */
export interface ApplyJournal {
  /** Resolves once the entries are kept; rejects when they cannot be, and then nothing of them may go. */
  plan(entries: readonly JournalEntry[]): Promise<void>;
  batch(fact: Omit<BatchFact, 'index' | 'attempt' | 'apiName'>): Promise<void>;
}

/** Every request that was handed to the gate, and which planned tags it held. */
export interface SentLog {
  readonly batches: readonly Batch[];
  /** How many resources of each region and type were named, counted once a request. */
  readonly resourcesByKind: ReadonlyMap<string, readonly [ResourceType, number]>;
  /** Per slot: 1 once a request with it was sent. */
  readonly slots: Uint8Array;
  /** Per slot: 1 while an answer of success still waits for its proof. */
  readonly answered: Uint8Array;
  /** Whether answers of success have to be proved before they count. */
  provisional: boolean;
  add(batch: Batch): void;
}

export function createSentLog(index: RemovalIndex): SentLog {
  const batches: Batch[] = [];
  const resourcesByKind = new Map<string, readonly [ResourceType, number]>();
  const slots = new Uint8Array(index.slots);
  return {
    batches,
    resourcesByKind,
    slots,
    answered: new Uint8Array(index.slots),
    provisional: false,
    add(batch) {
      batches.push(batch);
      const kind = `${batch.region}/${batch.type}`;
      const before = resourcesByKind.get(kind)?.[1] ?? 0;
      resourcesByKind.set(kind, [batch.type, before + batch.ids.length]);
      for (const slot of slotsIn(index, batch)) slots[slot] = 1;
    },
  };
}

/** The slots of the planned tags in a request. */
export function slotsIn(index: RemovalIndex, batch: Batch): readonly number[] {
  const slots: number[] = [];
  for (const id of batch.ids) {
    const position = index.find(batch.region, batch.type, id);
    for (const key of batch.keys) {
      const slot = index.slotOf(position, key);
      if (slot >= 0) slots.push(slot);
    }
  }
  return slots;
}

/** Whether a planned tag still waits to be removed; a slot below 0 is none. */
export function isOpen(context: Pick<ApplyContext, 'ledger' | 'sent'>, slot: number): boolean {
  return context.ledger.endOf(slot) === undefined && context.sent.answered[slot] === 0;
}
