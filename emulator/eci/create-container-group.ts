import { createOperation } from './create.ts';

/** CreateContainerGroup: the group runs at once. */
export const createContainerGroup = createOperation({
  name: 'CreateContainerGroup',
  type: 'ContainerGroup',
  nameParameter: 'ContainerGroupName',
  idField: 'ContainerGroupId',
  prefix: 'eci',
  status: 'Running',
});
