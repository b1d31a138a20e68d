import { deleteOperation } from './create.ts';

/** DeleteContainerGroup by id: gone at once. */
export const deleteContainerGroup = deleteOperation(
  'DeleteContainerGroup',
  'ContainerGroup',
  'ContainerGroupId',
);
