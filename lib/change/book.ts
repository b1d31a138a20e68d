import type { Batch } from '../batch/types.ts';
import { CleanupError } from '../errors.ts';
import { type ResourceType, resourceKey, type TagKey } from '../resource.ts';
import { type End, type FailureCause, type Refusal, TAG_ENDS } from './ends.ts';
import type { ChangeTable } from './table.ts';

/** How many failures a book names one by one. */
export const MAX_FAILURES_NAMED = 100;

/** Why one tag was left as it is. */
export interface Left {
  readonly row: number;
  readonly key: TagKey;
  /** One sentence. */
  readonly why: string;
}

/**
 * The book of a run: of every planned tag whether it is in the journal, whether a request asked for it, whether
 * an answer waits for its proof, and how it ended, once.
 *
 * Takes one byte a tag.
 */
export interface Book {
  readonly table: ChangeTable;
  /** The end of what was done: by the action of the table. */
  readonly done: 'removed' | 'restored';
  readonly planned: number;
  /**
   * Gives a tag its end.
   *
   * @param why - kept where the book names what was left.
   * @throws {CleanupError} code `REPORT_UNBALANCED` when it has one, or no such tag is planned.
   */
  end(slot: number, end: End, why?: string): void;
  /** Takes back that tags of one row were changed: what still shows as before has failed. */
  retract(row: number, slots: readonly number[], cause: FailureCause): void;
  /** Gives tags of one row the end `failed`, and notes the cause. */
  fail(row: number, slots: readonly number[], cause: FailureCause): void;
  endOf(slot: number): End | undefined;
  count(end: End): number;
  /** Tags without an end. */
  open(): number;
  /** Ends what was answered as done, and every tag that has no end as `notReached`. */
  close(why?: string): void;
  /** Whether a tag has no end, and no answer of success; a slot below 0 is no tag. */
  isOpen(slot: number): boolean;
  /** The slots of a row. */
  slotsOf(row: number): readonly number[];
  /** The open ones of the planned tags of a row. */
  openOf(row: number): readonly number[];
  isJournaled(slot: number): boolean;
  noteJournaled(slots: Iterable<number>): void;
  /** Notes a request that is about to be sent. */
  noteSent(batch: Batch): void;
  /** Whether a request with this tag was sent. */
  wasSent(slot: number): boolean;
  readonly sent: readonly Batch[];
  /** How many resources of each region and type were named, counted once a request. */
  readonly sentByKind: ReadonlyMap<string, readonly [ResourceType, number]>;
  /** Notes an answer of success that still waits for its proof. */
  noteAnswered(slot: number): void;
  isAnswered(slot: number): boolean;
  /** Notes that a reading showed a tag as it was asked to be. */
  noteSeenDone(slot: number): void;
  wasSeenDone(slot: number): boolean;
  /** The slots of the planned tags in a request. */
  slotsIn(batch: Batch): readonly number[];
  /** Merged by resource and code; at most `MAX_FAILURES_NAMED`. */
  readonly failures: { readonly named: readonly Refusal[]; readonly cut: number };
  /** What was left and why, as far as the book was asked to name it. */
  readonly left: { readonly named: readonly Left[]; readonly cut: number };
}

const ENDS: readonly End[] = [...TAG_ENDS, 'restored'];
const END_BITS = 0x0f;
const JOURNALED = 0x10;
const SENT = 0x20;
const ANSWERED = 0x40;
const SEEN_DONE = 0x80;

export interface BookOptions {
  /** How many tags that were left are named with why; default none. */
  readonly namesLeft?: number;
}

/** Opens a book in which no tag has an end yet. */
export function createBook(table: ChangeTable, { namesLeft = 0 }: BookOptions = {}): Book {
  const done = table.action === 'remove' ? 'removed' : 'restored';
  const marks = new Uint8Array(table.slots);
  const counts = new Map<End, number>(ENDS.map((end) => [end, 0]));
  const failures = createFailureList();
  const left: Left[] = [];
  let leftCut = 0;
  const sent: Batch[] = [];
  const sentByKind = new Map<string, readonly [ResourceType, number]>();

  const noteLeft = (slot: number, why: string): void => {
    if (left.length >= namesLeft) {
      leftCut += 1;
      return;
    }
    const row = rowOf(table, slot);
    left.push({ row, key: table.rows[row]!.tags[slot - table.firstSlot(row)]!.key, why });
  };
  const endOf = (slot: number): End | undefined => ENDS[((marks[slot] ?? 0) & END_BITS) - 1];
  const setEnd = (slot: number, end: End, why?: string): void => {
    if (!(slot in marks)) throw unbalanced(`tag ${slot} is not planned, and cannot end as ${end}`);
    const before = endOf(slot);
    if (before !== undefined)
      throw unbalanced(`tag ${slot} ended as ${before}, and cannot end as ${end} as well`);
    marks[slot] = (marks[slot]! & ~ANSWERED) | (ENDS.indexOf(end) + 1);
    counts.set(end, counts.get(end)! + 1);
    if (why !== undefined && namesLeft > 0) noteLeft(slot, why);
  };
  const fail: Book['fail'] = (row, slots, cause) => {
    const { region, type, id, tags } = table.rows[row]!;
    for (const slot of slots) setEnd(slot, 'failed', cause.message);
    const keys = slots.map((slot) => tags[slot - table.firstSlot(row)]!.key);
    failures.add({ region, type, id, keys, ...cause });
  };
  const isOpen = (slot: number): boolean => slot in marks && (marks[slot]! & (END_BITS | ANSWERED)) === 0;
  const slotsIn = (batch: Batch): readonly number[] => {
    const slots: number[] = [];
    for (const id of batch.ids) {
      const row = table.find(batch.region, batch.type, id);
      for (const column of batch.keys) {
        const slot = table.slotOf(row, column);
        if (slot >= 0) slots.push(slot);
      }
    }
    return slots;
  };
  const slotsOf = (row: number): readonly number[] => {
    const first = table.firstSlot(row);
    return Array.from({ length: table.firstSlot(row + 1) - first }, (_, at) => first + at);
  };
  const is = (slot: number, mark: number): boolean => ((marks[slot] ?? 0) & mark) !== 0;

  return {
    table,
    done,
    planned: table.slots,
    end: setEnd,
    retract(row, slots, cause) {
      for (const slot of slots) {
        if (endOf(slot) !== done) throw unbalanced(`tag ${slot} is not ${done}, and cannot be taken back`);
        marks[slot]! &= ~END_BITS;
        counts.set(done, counts.get(done)! - 1);
      }
      fail(row, slots, cause);
    },
    fail,
    endOf,
    count: (end) => counts.get(end)!,
    open() {
      let ended = 0;
      for (const count of counts.values()) ended += count;
      return table.slots - ended;
    },
    close(why) {
      for (let slot = 0; slot < marks.length; slot++) {
        if (is(slot, END_BITS)) continue;
        if (is(slot, ANSWERED)) setEnd(slot, done);
        else setEnd(slot, 'notReached', why);
      }
    },
    isOpen,
    slotsOf,
    openOf: (row) => slotsOf(row).filter(isOpen),
    isJournaled: (slot) => is(slot, JOURNALED),
    noteJournaled(slots) {
      for (const slot of slots) marks[slot]! |= JOURNALED;
    },
    noteSent(batch) {
      sent.push(batch);
      const kind = `${batch.region}/${batch.type}`;
      const before = sentByKind.get(kind)?.[1] ?? 0;
      sentByKind.set(kind, [batch.type, before + batch.ids.length]);
      for (const slot of slotsIn(batch)) marks[slot]! |= SENT;
    },
    wasSent: (slot) => is(slot, SENT),
    sent,
    sentByKind,
    noteAnswered(slot) {
      if (isOpen(slot)) marks[slot]! |= ANSWERED;
    },
    isAnswered: (slot) => is(slot, ANSWERED),
    noteSeenDone(slot) {
      marks[slot]! |= SEEN_DONE;
    },
    wasSeenDone: (slot) => is(slot, SEEN_DONE),
    slotsIn,
    get failures() {
      return { named: failures.named(), cut: failures.cut() };
    },
    get left() {
      return { named: left, cut: leftCut };
    },
  };
}

/** The row that a slot belongs to: the last one that does not begin after it. */
function rowOf(table: ChangeTable, slot: number): number {
  let low = 0;
  let high = table.rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (table.firstSlot(middle) <= slot) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Merges failures of one resource with one code; names the first of them, counts the rest. */
function createFailureList() {
  const named = new Map<string, Refusal>();
  let cut = 0;
  return {
    named: (): readonly Refusal[] => [...named.values()],
    cut: () => cut,
    add(refusal: Refusal) {
      const name = `${resourceKey(refusal)} ${refusal.code}`;
      const known = named.get(name);
      if (known === undefined && named.size >= MAX_FAILURES_NAMED) cut += 1;
      else
        named.set(name, known === undefined ? refusal : { ...known, keys: [...known.keys, ...refusal.keys] });
    },
  };
}

export function unbalanced(what: string): CleanupError {
  return new CleanupError('REPORT_UNBALANCED', `The report does not balance: ${what}. This is a defect.`);
}
