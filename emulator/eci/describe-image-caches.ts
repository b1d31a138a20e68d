import { fieldTest } from './list.ts';
import { listOperation, toSeconds } from './list-operation.ts';

/** DescribeImageCaches: one id at a time; the most for `Limit` is undocumented, and 20 is assumed. */
export const describeImageCaches = listOperation({
  name: 'DescribeImageCaches',
  type: 'ImageCache',
  array: 'ImageCaches',
  limit: { default: 20, most: 20 },
  tags: 20,
  idParameter: 'ImageCacheId',
  ids: (call) => {
    const id = call.parameters.text('ImageCacheId');
    return id === undefined ? undefined : [id];
  },
  filters: (call) => [
    ...fieldTest(call, 'ImageCacheName', (cache) => cache.name),
    ...fieldTest(call, 'SnapshotId', (cache) => `s-${cache.id}`),
  ],
  render: (cache) => ({
    ImageCacheId: cache.id,
    ImageCacheName: cache.name,
    RegionId: cache.region,
    Status: cache.status,
    CreationTime: toSeconds(cache.createdAtMs),
    ResourceGroupId: cache.group,
    SnapshotId: `s-${cache.id}`,
    ImageCacheSize: 20,
    Images: [`registry-vpc.${cache.region}.aliyuncs.com/base/${cache.name.slice(0, 40)}:latest`],
    Progress: '100%',
    EliminationStrategy: 'LRU',
    Events: [],
  }),
});
