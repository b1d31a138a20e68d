import { CleanupError, type EciError } from '../errors.ts';
import type { TagKey } from '../resource.ts';
import { compareText, resourceKey } from '../resource.ts';
import type { RemovalIndex } from './removal-index.ts';
import { type Failure, type Report, TAG_ENDS, type TagEnd } from './report.ts';

/** How many failures a report names one by one. */
export const MAX_FAILURES_NAMED = 100;

/** How many keys `removedByKey` names: those with the most removals. */
export const MAX_KEYS_NAMED = 1000;

/** Why a tag could not be removed. */
export type FailureCause = Pick<Failure, 'code' | 'message' | 'requestId'>;

/**
 * The book of a run: every planned tag gets one end, once.
 *
 * Slots are those of the `RemovalIndex`. Takes one byte a tag.
 */
export interface Ledger {
  readonly planned: number;
  /**
   * Gives a tag its end.
   *
   * @throws {CleanupError} code `REPORT_UNBALANCED` when it has one, or no such tag is planned.
   */
  end(slot: number, end: TagEnd): void;
  /** Gives tags of the resource at `position` the end `failed`, and notes the cause. */
  fail(position: number, keys: readonly TagKey[], cause: FailureCause): void;
  endOf(slot: number): TagEnd | undefined;
  count(end: TagEnd): number;
  /** Tags without an end. */
  open(): number;
  /** Ends every tag that has no end as `notReached`. */
  close(): void;
  /**
   * Adds up.
   *
   * @throws {CleanupError} code `REPORT_UNBALANCED` when a tag has no end.
   */
  totals(): LedgerTotals;
}

/** What the ledger adds up to. */
export interface LedgerTotals {
  readonly tags: Report['tags'];
  /** Resources that lost a tag. */
  readonly resourcesChanged: number;
  /** Resources with a tag that could not be removed. */
  readonly resourcesFailed: number;
  /** Resources with a tag that was not reached. */
  readonly resourcesLeft: number;
  readonly removedByKey: Readonly<Record<TagKey, number>>;
  /** Keys that `removedByKey` leaves out. */
  readonly removedByKeyCut: number;
  readonly failures: readonly Failure[];
  readonly failuresCut: number;
}

const OPEN = 0;
const CODE_OF = Object.fromEntries(TAG_ENDS.map((end, at) => [end, at + 1])) as Record<TagEnd, number>;

/** Opens a ledger in which no tag has an end yet. */
export function createLedger(index: RemovalIndex): Ledger {
  const ends = new Uint8Array(index.slots);
  const counts = new Map<TagEnd, number>(TAG_ENDS.map((end) => [end, 0]));
  const failures = createFailureList();

  function end(slot: number, end: TagEnd): void {
    const before = ends[slot];
    if (before === undefined) throw unbalanced(`tag ${slot} is not planned, and cannot end as ${end}`);
    if (before !== OPEN) {
      throw unbalanced(`tag ${slot} ended as ${TAG_ENDS[before - 1]}, and cannot end as ${end} as well`);
    }
    ends[slot] = CODE_OF[end];
    counts.set(end, counts.get(end)! + 1);
  }
  function open(): number {
    let ended = 0;
    for (const count of counts.values()) ended += count;
    return index.slots - ended;
  }

  return {
    planned: index.slots,
    end,
    open,
    fail(position, keys, cause) {
      for (const key of keys) end(index.slotOf(position, key), 'failed');
      const ref = index.removals[position]!;
      failures.add(resourceKey(ref), {
        region: ref.region,
        resourceType: ref.type,
        resourceId: ref.id,
        keys,
        ...cause,
      });
    },
    endOf: (slot) => TAG_ENDS[(ends[slot] ?? OPEN) - 1],
    count: (end) => counts.get(end)!,
    close() {
      for (let slot = 0; slot < ends.length; slot++) if (ends[slot] === OPEN) end(slot, 'notReached');
    },
    totals() {
      if (open() > 0) throw unbalanced(`${open()} of ${index.slots} planned tags have no end`);
      const tags = Object.fromEntries(counts) as Record<TagEnd, number>;
      return {
        tags: { planned: index.slots, ...tags },
        ...addUpResources(index, ends),
        ...addUpKeys(index, ends),
        failures: failures.named(),
        failuresCut: failures.cut(),
      };
    },
  };
}

/** The cause that a failed call gives. */
export function causeOf(error: EciError): FailureCause {
  const requestId = error.requestId === undefined ? {} : { requestId: error.requestId };
  return { code: error.apiCode, message: error.message, ...requestId };
}

function addUpResources(index: RemovalIndex, ends: Uint8Array) {
  let resourcesChanged = 0;
  let resourcesFailed = 0;
  let resourcesLeft = 0;
  for (let position = 0; position < index.removals.length; position++) {
    const own = ends.subarray(index.firstSlot(position), index.firstSlot(position + 1));
    if (own.includes(CODE_OF.removed)) resourcesChanged += 1;
    if (own.includes(CODE_OF.failed)) resourcesFailed += 1;
    if (own.includes(CODE_OF.notReached)) resourcesLeft += 1;
  }
  return { resourcesChanged, resourcesFailed, resourcesLeft };
}

function addUpKeys(index: RemovalIndex, ends: Uint8Array) {
  const byKey = new Map<TagKey, number>();
  let slot = 0;
  for (const removal of index.removals) {
    for (const tag of removal.tags) {
      if (ends[slot++] === CODE_OF.removed) byKey.set(tag.key, (byKey.get(tag.key) ?? 0) + 1);
    }
  }
  const most = [...byKey].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])).slice(0, MAX_KEYS_NAMED);
  // fromEntries also keeps a key called __proto__, which an assignment would lose.
  return {
    removedByKey: Object.fromEntries(most.sort((a, b) => compareText(a[0], b[0]))),
    removedByKeyCut: byKey.size - most.length,
  };
}

/** Merges failures of one resource with one code; names the first of them, counts the rest. */
function createFailureList() {
  const named = new Map<string, Failure>();
  let cut = 0;
  return {
    named: (): readonly Failure[] => [...named.values()],
    cut: () => cut,
    add(resource: string, failure: Failure) {
      const name = `${resource} ${failure.code}`;
      const known = named.get(name);
      if (known === undefined && named.size >= MAX_FAILURES_NAMED) cut += 1;
      else
        named.set(name, known === undefined ? failure : { ...known, keys: [...known.keys, ...failure.keys] });
    },
  };
}

function unbalanced(what: string): CleanupError {
  return new CleanupError('REPORT_UNBALANCED', `The report does not balance: ${what}. This is a defect.`);
}
