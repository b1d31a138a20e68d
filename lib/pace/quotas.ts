import { type ListApi, RESOURCE_KINDS } from '../kinds.ts';
import type { ApiName } from '../ports.ts';

/**
 * Calls a minute that an account may make in one region, as published; those of the lists are in the table of kinds.
 *
 * @see ECI flow control page: quotas are counted by API over 60 seconds, shared by the whole account.
 */
const QUOTA_PER_MINUTE: Readonly<Record<Exclude<ApiName, ListApi>, number>> = {
  UntagResources: 1000,
  TagResources: 1000,
  ListTagResources: 1000,
  DescribeRegions: 10_000,
};

const LIST_QUOTAS = new Map<ApiName, number>(
  Object.values(RESOURCE_KINDS)
    .flatMap(({ list, statusList }) => [list, ...(statusList === undefined ? [] : [statusList])])
    .map(({ api, quotaPerMinute }) => [api, quotaPerMinute]),
);

function quotaPerMinute(api: ApiName): number {
  return LIST_QUOTAS.get(api) ?? QUOTA_PER_MINUTE[api as Exclude<ApiName, ListApi>];
}

/** The most calls of one API that a run may send to one region in any 60 seconds; at least 1. */
export function callsPerMinute(api: ApiName, share: number): number {
  return Math.max(1, Math.floor(quotaPerMinute(api) * share));
}
