import { describe, expect, it } from 'vitest';
import { countCall, newCounts } from '../../../lib/pace/counts.ts';
import { callsPerMinute } from '../../../lib/pace/quotas.ts';

describe('callsPerMinute', () => {
  it.each([
    { api: 'UntagResources', share: 0.5, calls: 500 },
    { api: 'UntagResources', share: 1, calls: 1000 },
    { api: 'DescribeContainerGroups', share: 0.0333, calls: 66 },
    { api: 'DescribeDataCaches', share: 0.001, calls: 1 },
  ] as const)('is $calls for a share of $share of $api', ({ api, share, calls }) => {
    expect(callsPerMinute(api, share)).toBe(calls);
  });
});

describe('countCall', () => {
  it('tells list calls from untag calls and from those that put tags back', () => {
    const counts = newCounts();

    countCall(counts, 'DescribeDataCaches', false);
    countCall(counts, 'ListTagResources', true);
    countCall(counts, 'UntagResources', false);
    countCall(counts, 'UntagResources', true);
    countCall(counts, 'TagResources', false);

    expect(counts).toEqual({
      list: 2,
      untag: 2,
      tag: 1,
      retries: 2,
      throttled: 0,
      byApi: { DescribeDataCaches: 1, ListTagResources: 1, UntagResources: 2, TagResources: 1 },
    });
  });
});
