import { deleteOperation } from './create.ts';

/** DeleteVirtualNode by id: gone at once. */
export const deleteVirtualNode = deleteOperation('DeleteVirtualNode', 'VirtualNode', 'VirtualNodeId');
