import { invalid } from '../errors.ts';
import { fieldTest } from './list.ts';
import { listOperation, toMinutes } from './list-operation.ts';

/** DescribeDataCaches: the name is `Name`, and times have no seconds. */
export const describeDataCaches = listOperation({
  name: 'DescribeDataCaches',
  type: 'DataCache',
  array: 'DataCaches',
  limit: { default: 20, most: 20 },
  tags: 20,
  idParameter: 'DataCacheId',
  ids: (call) => {
    const ids = call.parameters.list('DataCacheId');
    if (ids.length > 100) throw invalid('DataCacheId', 'at most 100 ids are allowed');
    return ids.length === 0 ? undefined : ids;
  },
  filters: (call) => [...fieldTest(call, 'Path', (cache) => `/data/${cache.name}`)],
  render: (cache) => ({
    DataCacheId: cache.id,
    Name: cache.name,
    RegionId: cache.region,
    Status: cache.status,
    CreationTime: toMinutes(cache.createdAtMs),
    ResourceGroupId: cache.group,
    Bucket: cache.bucket,
    Path: `/data/${cache.name}`,
    Size: 20,
    SnapshotId: `s-${cache.id}`,
    Progress: '100%',
    DataSource: { Type: 'URL' },
    Events: [],
  }),
});
