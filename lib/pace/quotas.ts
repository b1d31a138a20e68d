import type { ApiName } from '../ports.ts';

/**
 * Calls a minute that an account may make in one region, as published.
 *
 * DescribeImageCaches, DescribeDataCaches and DescribeVirtualNodes are not listed anywhere: a low guess.
 *
 * @see ECI flow control page: quotas are counted by API over 60 seconds, shared by the whole account.
 */
const QUOTA_PER_MINUTE: Readonly<Record<ApiName, number>> = {
  UntagResources: 1000,
  TagResources: 1000,
  ListTagResources: 1000,
  DescribeContainerGroups: 2000,
  DescribeContainerGroupStatus: 10_000,
  DescribeRegions: 10_000,
  DescribeImageCaches: 200,
  DescribeDataCaches: 200,
  DescribeVirtualNodes: 200,
};

/** The most calls of one API that a run may send to one region in any 60 seconds; at least 1. */
export function callsPerMinute(api: ApiName, share: number): number {
  return Math.max(1, Math.floor(QUOTA_PER_MINUTE[api] * share));
}
