import type { Region, ResourceType } from '../resource.ts';
import type { Gap, SkippedPlace } from './inventory.ts';
import type { ReadingScope } from './scope.ts';

/** What is left of the gaps, and what was skipped instead. */
export interface Closed {
  readonly gaps: readonly Gap[];
  readonly skipped: readonly SkippedPlace[];
}

/**
 * Takes places that are closed to the account out of the gaps, where the scope does not name them: one region or
 * type must not block all others. What the scope names is missed, so that it stays a gap; and where everything is
 * closed, nothing was seen at all.
 */
export function skipClosed(
  gaps: readonly Gap[],
  regions: readonly Region[],
  scope: Pick<ReadingScope, 'resourceTypes' | 'namesRegions' | 'namesTypes'>,
): Closed {
  const left: Gap[] = gaps.filter((gap) => !isClosed(gap));
  const skipped: SkippedPlace[] = [];
  let closedRegions = 0;
  for (const region of regions) {
    const closed = gaps.filter((gap) => isClosed(gap) && gap.region === region);
    const types = new Map(closed.map((gap) => [gap.resourceType as ResourceType, gap]));
    const isWhole = types.size === scope.resourceTypes.length;
    if (isWhole) closedRegions += 1;
    if (types.size === 0) continue;
    if (isWhole ? scope.namesRegions : scope.namesTypes) left.push(...closed);
    else if (isWhole) skipped.push(skippedOf(closed[0]!, region));
    else skipped.push(...[...types].map(([type, gap]) => skippedOf(gap, region, type)));
  }
  return closedRegions === regions.length && gaps.length > 0
    ? { gaps, skipped: [] }
    : { gaps: left, skipped };
}

function isClosed({ closed, resourceType }: Gap): boolean {
  return closed === true && resourceType !== undefined;
}

function skippedOf({ code, message }: Gap, region: Region, resourceType?: ResourceType): SkippedPlace {
  const what = resourceType ?? 'Every type';
  const named = resourceType === undefined ? 'scope.regions' : 'scope.resourceTypes';
  return {
    region,
    ...(resourceType && { resourceType }),
    code,
    why: `${what} in ${region} was not looked at, since the account may not use it; name it in ${named} if that must stop the run. ${message}`,
  };
}
