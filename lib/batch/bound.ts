import type { KeyUses } from './key-uses.ts';
import type { CoverGroup, RequestLimits } from './types.ts';

/** A lower bound of one group, and why it holds. */
export interface GroupBound {
  readonly requests: number;
  readonly argument: string;
}

/** The best of the bounds of one group. */
export function boundGroup(group: CoverGroup, uses: KeyUses, limits: RequestLimits): GroupBound {
  const bounds = [boundByRows(group, uses, limits), boundBySlots(uses, limits)];
  return bounds.reduce((best, bound) => (bound.requests > best.requests ? bound : best));
}

function boundByRows(group: CoverGroup, { rowsOfLength }: KeyUses, limits: RequestLimits): GroupBound {
  let seats = 0;
  for (let length = 1; length < rowsOfLength.length; length++) {
    seats += rowsOfLength[length]! * Math.ceil(length / limits.keys);
  }
  return {
    requests: Math.ceil(seats / limits.resources),
    argument:
      `${group.must.length} resources need at least ${seats} places in requests ` +
      `and a request has ${limits.resources}.`,
  };
}

function boundBySlots({ uses }: KeyUses, limits: RequestLimits): GroupBound {
  let slots = 0;
  for (const count of uses) slots += Math.ceil(count / limits.resources);
  return {
    requests: Math.ceil(slots / limits.keys),
    argument:
      `Each key must be named once for every ${limits.resources} of its resources, ${slots} times in all, ` +
      `and a request names ${limits.keys}.`,
  };
}
