import type { Batch } from '../batch/types.ts';
import { CleanupError } from '../errors.ts';
import type { IsFree } from '../plan/free-pairs.ts';
import type { EciApi, Receipt } from '../ports.ts';
import type { Ledger } from '../report/ledger.ts';
import type { RemovalIndex } from '../report/removal-index.ts';
import { MAX_TAGS_PER_RESOURCE, RESOURCE_TYPES, type TagKey } from '../resource.ts';
import { clientToken } from './client-token.ts';
import { whyReserved } from './reserved-keys.ts';

/** The most resource ids of one request, by the API's published schema. */
const MAX_IDS = 100;

/** The most keys of one request. */
const MAX_KEYS = MAX_TAGS_PER_RESOURCE;

/** What the gate judges by. */
export interface GateOptions {
  readonly eci: Pick<EciApi, 'untagResources'>;
  readonly index: RemovalIndex;
  readonly ledger: Pick<Ledger, 'endOf'>;
  /** Asked of the keys that a planned resource does not lose. */
  readonly isFree: IsFree;
  /** Whether the tag of this slot is kept in the journal. */
  readonly isJournaled: (slot: number) => boolean;
  readonly unprotected: readonly TagKey[];
  /** Names this execution of the run; part of every ClientToken. */
  readonly execution: string;
}

/** The one way to UntagResources. */
export interface Gate {
  /**
   * Recomputes every pair of the request, and sends it only if each may go.
   *
   * @throws {CleanupError} code `GATE_CLOSED`, nothing sent, when a pair is neither planned nor free, or the
   *   request is not of the form that is ever sent.
   * @throws {EciError} when the call failed.
   */
  untag(batch: Batch, round: number): Promise<Receipt>;
}

/** Makes the gate of one run; nothing else in this code base calls `untagResources`. */
export function createGate(options: GateOptions): Gate {
  return {
    async untag(batch, round) {
      refuseForm(batch);
      for (const key of batch.keys) {
        const why = whyReserved(key, options.unprotected);
        if (why !== undefined) throw closed(batch, `key ${JSON.stringify(key)} never goes: ${why}`);
      }
      for (const id of batch.ids) refusePairs(options, batch, id);
      return await options.eci.untagResources({
        region: batch.region,
        type: batch.type,
        ids: batch.ids,
        keys: batch.keys,
        clientToken: clientToken(options.execution, batch, round),
      });
    },
  };
}

function refuseForm(batch: Batch): void {
  const { ids, keys } = batch;
  if (ids.length === 0) throw closed(batch, 'it names no resource');
  if (keys.length === 0) throw closed(batch, 'it names no key, which could mean all of them');
  if (ids.length > MAX_IDS) throw closed(batch, `it names more than ${MAX_IDS} resources`);
  if (keys.length > MAX_KEYS) throw closed(batch, `it names more than ${MAX_KEYS} keys`);
  if (new Set(ids).size < ids.length) throw closed(batch, 'it names a resource twice');
  if (new Set(keys).size < keys.length) throw closed(batch, 'it names a key twice');
  // The SDK skips elements that are empty, and leaves a gap in their numbering.
  if (![...ids, ...keys].every((text) => typeof text === 'string' && text !== '')) {
    throw closed(batch, 'it names an empty resource or key');
  }
  if (!RESOURCE_TYPES.includes(batch.type)) throw closed(batch, 'its resource type is unknown');
}

function refusePairs(options: GateOptions, batch: Batch, id: string): void {
  const position = options.index.find(batch.region, batch.type, id);
  if (position < 0) throw closed(batch, `the plan does not name resource ${id}`);
  for (const key of batch.keys) {
    const why = whyKept(options, position, key);
    if (why !== undefined) throw closed(batch, `tag ${JSON.stringify(key)} of ${id} ${why}`);
  }
}

function whyKept(options: GateOptions, position: number, key: TagKey): string | undefined {
  const slot = options.index.slotOf(position, key);
  if (slot < 0) {
    const ref = options.index.removals[position]!;
    return options.isFree(ref, key) ? undefined : 'is neither planned nor free';
  }
  if (options.ledger.endOf(slot) === 'stale') return 'changed since the plan, and is kept';
  return options.isJournaled(slot) ? undefined : 'is not in the journal yet';
}

function closed(batch: Batch, why: string): CleanupError {
  return new CleanupError(
    'GATE_CLOSED',
    `A request to untag ${batch.ids.length} ${batch.type} resources in ${batch.region} was not sent: ${why}. Nothing of it was removed; this is a defect.`,
  );
}
