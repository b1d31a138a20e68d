import type { StoredResource } from '../resource.ts';
import { fieldTest } from './list.ts';
import { listOperation, toSeconds } from './list-operation.ts';
import type { Call } from './operation.ts';

/** DescribeContainerGroups: at most 20 a page, 20 ids as a JSON array in a string. */
export const describeContainerGroups = listOperation({
  name: 'DescribeContainerGroups',
  type: 'ContainerGroup',
  array: 'ContainerGroups',
  limit: { default: 20, most: 20 },
  tags: 10,
  idParameter: 'ContainerGroupId',
  ids: (call) => call.parameters.jsonList('ContainerGroupIds', 20),
  filters: (call) => [
    ...fieldTest(call, 'ContainerGroupName', (group) => group.name),
    ...fieldTest(call, 'Status', (group) => group.status),
    ...fieldTest(call, 'ZoneId', zoneOf),
    ...fieldTest(call, 'VSwitchId', () => VSWITCH),
  ],
  render: renderContainerGroup,
});

const VSWITCH = 'vsw-2zeemulated00001';

function zoneOf(group: StoredResource): string {
  return `${group.region}-${'abc'[group.sequence % 3]}`;
}

function renderContainerGroup(group: StoredResource, call: Call): Readonly<Record<string, unknown>> {
  return {
    ContainerGroupId: group.id,
    ContainerGroupName: group.name,
    RegionId: group.region,
    ZoneId: zoneOf(group),
    Status: group.status,
    CreationTime: toSeconds(group.createdAtMs),
    ResourceGroupId: group.group,
    Cpu: 2,
    Memory: 4,
    RestartPolicy: 'Always',
    IntranetIp: `10.${(group.sequence >> 16) & 255}.${(group.sequence >> 8) & 255}.${group.sequence & 255}`,
    VpcId: 'vpc-2zeemulated00001',
    VSwitchId: VSWITCH,
    SecurityGroupId: 'sg-2zeemulated00001',
    SpotStrategy: 'NoSpot',
    Containers: [
      {
        Name: 'app',
        Image: `registry-vpc.${group.region}.aliyuncs.com/apps/${group.name.slice(0, 40)}:latest`,
        ImagePullPolicy: 'IfNotPresent',
        Cpu: 2,
        Memory: 4,
        Ready: group.status === 'Running',
        RestartCount: 0,
        CurrentState: { State: group.status === 'Running' ? 'Running' : 'Waiting' },
      },
    ],
    Volumes: [],
    ...(call.parameters.boolean('WithEvent') === true ? { Events: [] } : {}),
  };
}
