import { fieldTest } from './list.ts';
import { listOperation, toSeconds } from './list-operation.ts';

/** DescribeVirtualNodes: at most 20 a page, 20 ids as a JSON array in a string. */
export const describeVirtualNodes = listOperation({
  name: 'DescribeVirtualNodes',
  type: 'VirtualNode',
  array: 'VirtualNodes',
  limit: { default: 20, most: 20 },
  tags: 20,
  idParameter: 'VirtualNodeId',
  ids: (call) => call.parameters.jsonList('VirtualNodeIds', 20),
  filters: (call) => [
    ...fieldTest(call, 'VirtualNodeName', (node) => node.name),
    ...fieldTest(call, 'Status', (node) => node.status),
  ],
  render: (node) => ({
    VirtualNodeId: node.id,
    VirtualNodeName: node.name,
    RegionId: node.region,
    Status: node.status,
    CreationTime: toSeconds(node.createdAtMs),
    ResourceGroupId: node.group,
    IntranetIp: '10.0.0.1',
    VpcId: 'vpc-2zeemulated00001',
    VirtualNodeVSwitchId: 'vsw-2zeemulated00001',
    VirtualNodeSecurityGroupId: 'sg-2zeemulated00001',
    Events: [],
  }),
});
