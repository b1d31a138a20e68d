import type { CoverGroup, RequestLimits } from './types.ts';

/** A lower bound of one group, and why it holds. */
export interface GroupBound {
  readonly requests: number;
  readonly argument: string;
}

/** The best of the bounds of one group. */
export function boundGroup(group: CoverGroup, limits: RequestLimits): GroupBound {
  const bounds = [boundByRows(group, limits), boundBySlots(group, limits)];
  return bounds.reduce((best, bound) => (bound.requests > best.requests ? bound : best));
}

function boundByRows(group: CoverGroup, limits: RequestLimits): GroupBound {
  let seats = 0;
  for (const keys of group.must) seats += Math.ceil(keys.length / limits.keys);
  return {
    requests: Math.ceil(seats / limits.resources),
    argument:
      `${group.must.length} resources need at least ${seats} places in requests ` +
      `and a request has ${limits.resources}.`,
  };
}

function boundBySlots(group: CoverGroup, limits: RequestLimits): GroupBound {
  const uses = new Int32Array(group.keys.length);
  for (const keys of group.must) for (let j = 0; j < keys.length; j++) uses[keys[j]!]!++;
  let slots = 0;
  for (const count of uses) slots += Math.ceil(count / limits.resources);
  return {
    requests: Math.ceil(slots / limits.keys),
    argument:
      `Each key must be named once for every ${limits.resources} of its resources, ${slots} times in all, ` +
      `and a request names ${limits.keys}.`,
  };
}
