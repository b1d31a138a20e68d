import { createOperation } from './create.ts';

/** CreateVirtualNode: the node is ready at once. */
export const createVirtualNode = createOperation({
  name: 'CreateVirtualNode',
  type: 'VirtualNode',
  nameParameter: 'VirtualNodeName',
  idField: 'VirtualNodeId',
  prefix: 'vnd',
  status: 'Ready',
});
