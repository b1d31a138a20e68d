import { CleanupError, EciError } from '../errors.ts';
import type { Region, ResourceType } from '../resource.ts';
import type { Gap } from './inventory.ts';

/** Stands for the list of regions itself in a gap. */
export const ALL_REGIONS = 'all';

/**
 * Turns what stopped a listing into a gap; what must end the run is thrown on: fatal answers (credentials,
 * account, clock), an abort, and faults of our own.
 */
export function gapOf(error: unknown, region: Region, resourceType?: ResourceType): Gap {
  const place = resourceType === undefined ? { region } : { region, resourceType };
  if (error instanceof EciError && error.kind !== 'fatal') {
    const closed = isClosed(error) ? { closed: true as const } : {};
    return { ...place, code: error.apiCode, message: error.message, ...closed };
  }
  if (error instanceof CleanupError && error.code === 'INVENTORY_INCOMPLETE') {
    return { ...place, code: error.code, message: error.message };
  }
  throw error;
}

/** A way that cannot be gone is no gap as long as there is another: anything but the end of the run. */
export function isRefusal(error: unknown): boolean {
  return error instanceof EciError
    ? error.kind !== 'fatal'
    : error instanceof CleanupError && error.code === 'INVENTORY_INCOMPLETE';
}

/** Whether a refusal means that the account, or the identity, may not use the place at all. */
function isClosed({ kind, apiCode, httpStatus }: EciError): boolean {
  if (kind !== 'rejected' && kind !== 'gone') return false;
  return (
    httpStatus === 403 ||
    httpStatus === 404 ||
    /^(NoPermission|Forbidden|ServiceNotEnabled|InvalidRegionId|UnsupportedRegion)/.test(apiCode)
  );
}
