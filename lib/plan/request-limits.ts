import type { RequestLimits } from '../batch/types.ts';
import type { BatchLimits } from '../policy/policy.ts';

/** The longest URL of a request, in bytes: what gateways are known to let through. */
export const MAX_URL_BYTES = 8192;

/**
 * What the URL holds beside ids and keys, in bytes, rounded up: scheme, host, region, resource type and
 * ClientToken. Action, signature and credentials travel in headers.
 */
const FIXED_URL_BYTES = 320;

/**
 * The size of one request under a policy's `batch`.
 *
 * @param formBody - whether changes travel as form parameters: no gateway is known to mind the 30 KB that ids and keys
 *   can come to, so that their bytes do not matter.
 */
export function requestLimits({ resources, keys }: BatchLimits, formBody = false): RequestLimits {
  return { resources, keys, bytes: formBody ? Number.POSITIVE_INFINITY : MAX_URL_BYTES - FIXED_URL_BYTES };
}
