import type { Operation } from './operation.ts';

/** DescribeRegions: the regions of the account, open to every identity. */
export const describeRegions: Operation = {
  name: 'DescribeRegions',
  kind: 'read',
  needsRegion: false,
  resources: 'none',
  prepare: (call) => ({
    commit: () => ({
      Regions: call.context.regions().map((region) => ({
        RegionId: region,
        RegionEndpoint: region === 'cn-hangzhou' ? 'eci.aliyuncs.com' : `eci.${region}.aliyuncs.com`,
        Zones: [`${region}-a`, `${region}-b`],
        RecommendZones: [`${region}-a`],
        UnavailableZones: [],
      })),
    }),
  }),
};
