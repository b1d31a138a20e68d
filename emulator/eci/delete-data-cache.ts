import { deleteOperation } from './create.ts';

/** DeleteDataCache by id: gone at once. */
export const deleteDataCache = deleteOperation('DeleteDataCache', 'DataCache', 'DataCacheId');
