import type { Batch } from '../batch/types.ts';
import type { Book } from '../change/book.ts';
import { type Action, tagOf } from '../change/column.ts';
import { CleanupError } from '../errors.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { EciApi, Receipt } from '../ports.ts';
import { MAX_TAGS_PER_RESOURCE, RESOURCE_TYPES, type TagKey } from '../resource.ts';
import { clientToken } from './client-token.ts';
import { whyOfCloud, whyReserved } from './reserved-keys.ts';

/** The most resource ids of one request, by the API's published schema. */
const MAX_IDS = 100;

/** The most keys of one request. */
const MAX_KEYS = MAX_TAGS_PER_RESOURCE;

/** What the gate judges by. */
export interface GateOptions {
  readonly eci: Pick<EciApi, 'untagResources' | 'tagResources'>;
  readonly book: Book;
  /** Asked of the keys that a planned resource does not lose. Nothing is free where tags are put. */
  readonly isFree: IsFree;
  readonly unprotected: readonly TagKey[];
  /** Names this execution of the run; part of every ClientToken. */
  readonly execution: string;
}

/** The one way to UntagResources and TagResources. */
export interface Gate {
  /**
   * Recomputes every pair of the request, and sends it only if each may go.
   *
   * @param inFinalStatus - whether some of the resources are in a final status.
   *
   * @throws {CleanupError} code `GATE_CLOSED`, nothing sent, when a pair is neither planned nor free, or the
   *   request is not of the form that is ever sent.
   * @throws {EciError} when the call failed.
   */
  send(batch: Batch, round: number, inFinalStatus?: boolean): Promise<Receipt>;
}

/** Makes the gate of one run; nothing else in this code base calls `untagResources` or `tagResources`. */
export function createGate(options: GateOptions): Gate {
  const { eci, book, execution } = options;
  const { action } = book.table;
  const closed = (batch: Batch, why: string): CleanupError => {
    const [verb, done] = action === 'remove' ? ['untag', 'removed'] : ['tag', 'put back'];
    return new CleanupError(
      'GATE_CLOSED',
      `A request to ${verb} ${batch.ids.length} ${batch.type} resources in ${batch.region} was not sent: ${why}. Nothing of it was ${done}; this is a defect.`,
    );
  };
  return {
    async send(batch, round, inFinalStatus = false) {
      const why = whyClosed(options, batch);
      if (why !== undefined) throw closed(batch, why);
      const { region, type, ids, keys } = batch;
      const hint = inFinalStatus ? { inFinalStatus } : {};
      if (action === 'put')
        return await eci.tagResources({ region, type, ids, tags: keys.map(tagOf), ...hint });
      return await eci.untagResources({
        region,
        type,
        ids,
        keys,
        clientToken: clientToken(execution, batch, round),
        ...hint,
      });
    },
  };
}

/**
 * The rule of the gate, and all of it: why a request is not sent; nothing where it is. Pure: the same book and the same
 * request give the same answer.
 *
 * A request goes where it has the form of one, none of its keys is reserved, and each of its pairs is planned, in the
 * journal and not kept since, or free.
 */
export function whyClosed(
  options: Pick<GateOptions, 'book' | 'isFree' | 'unprotected'>,
  batch: Batch,
): string | undefined {
  const { book, unprotected } = options;
  return (
    whyFormless(batch) ?? whyKeyStays(batch, book.table.action, unprotected) ?? whyPairStays(options, batch)
  );
}

function whyFormless({ ids, keys, type }: Batch): string | undefined {
  if (ids.length === 0) return 'it names no resource';
  if (keys.length === 0) return 'it names no key, which could mean all of them';
  if (ids.length > MAX_IDS) return `it names more than ${MAX_IDS} resources`;
  if (keys.length > MAX_KEYS) return `it names more than ${MAX_KEYS} keys`;
  if (new Set(ids).size < ids.length) return 'it names a resource twice';
  if (new Set(keys).size < keys.length) return 'it names a key twice';
  // The SDK skips elements that are empty, and leaves a gap in their numbering.
  if (![...ids, ...keys].every((text) => typeof text === 'string' && text !== '')) {
    return 'it names an empty resource or key';
  }
  return RESOURCE_TYPES.includes(type) ? undefined : 'its resource type is unknown';
}

function whyKeyStays(batch: Batch, action: Action, unprotected: readonly TagKey[]): string | undefined {
  const keys = action === 'remove' ? batch.keys : batch.keys.map((column) => tagOf(column).key);
  if (new Set(keys).size < keys.length) return 'it names a key with two values';
  for (const key of keys) {
    const why = action === 'remove' ? whyReserved(key, unprotected) : whyOfCloud(key);
    if (why !== undefined)
      return `key ${JSON.stringify(key)} never ${action === 'remove' ? 'goes' : 'comes back'}: ${why}`;
  }
  return undefined;
}

function whyPairStays(
  { book, isFree }: Pick<GateOptions, 'book' | 'isFree'>,
  batch: Batch,
): string | undefined {
  const { table } = book;
  for (const id of batch.ids) {
    const row = table.find(batch.region, batch.type, id);
    if (row < 0) return `the plan does not name resource ${id}`;
    for (const column of batch.keys) {
      const slot = table.slotOf(row, column);
      const why =
        slot >= 0
          ? whyKept(book, slot)
          : table.action === 'remove' && isFree(table.rows[row]!, column)
            ? undefined
            : 'is neither planned nor free';
      if (why !== undefined) return `tag ${JSON.stringify(tagOf(column).key)} of ${id} ${why}`;
    }
  }
  return undefined;
}

function whyKept(book: Book, slot: number): string | undefined {
  const end = book.endOf(slot);
  if (end === 'stale') return 'changed since the plan, and is kept';
  // A tag that is there may have another value by now.
  if (book.table.action === 'put' && end !== undefined) return `is ${end} already`;
  return book.isJournaled(slot) ? undefined : 'is not in the journal yet';
}
