import type { RequestLimits } from '../batch/types.ts';
import type { BatchLimits } from '../policy/policy.ts';

/** The longest URL of a request, in bytes: what gateways are known to let through. */
export const MAX_URL_BYTES = 8192;

/**
 * What the URL holds beside ids and keys, in bytes, rounded up: scheme, host, region, resource type and
 * ClientToken. Action, signature and credentials travel in headers.
 */
const FIXED_URL_BYTES = 320;

/** The size of one request under a policy's `batch`. */
export function requestLimits(batch: BatchLimits): RequestLimits {
  return { resources: batch.resources, keys: batch.keys, bytes: MAX_URL_BYTES - FIXED_URL_BYTES };
}
