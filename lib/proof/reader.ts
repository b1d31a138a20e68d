import { type ReadByIdsResult, readByIds } from '../inventory/by-id.ts';
import type { EciApi } from '../ports.ts';
import type { Resource, ResourceRef } from '../resource.ts';

/** Called once for each resource that was read; `undefined`: it does not exist any more. */
export type OnRead = (ref: ResourceRef, live: Resource | undefined) => void;

/** Reads resources by id; `mayStart` is asked before each call. */
export type ReadById = (
  refs: readonly ResourceRef[],
  onRead: OnRead,
  mayStart?: () => boolean,
) => Promise<ReadByIdsResult>;

/**
 * The one way in which a run reads what it touches again.
 *
 * @param eci - paced and retried.
 * @param concurrency - list calls in flight.
 * @param buckets - in which data caches are looked for; may grow.
 */
export function createReader(
  eci: Pick<EciApi, 'listResources' | 'listTagResources'>,
  concurrency: number,
  buckets: Iterable<string> = [],
): ReadById {
  return (refs, onRead, mayStart) =>
    readByIds(refs, { eci, concurrency, buckets, onRead, ...(mayStart !== undefined && { mayStart }) });
}
