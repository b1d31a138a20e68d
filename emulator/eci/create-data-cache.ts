import { createOperation } from './create.ts';

/** CreateDataCache: the cache is available at once, and no helper group is made. */
export const createDataCache = createOperation({
  name: 'CreateDataCache',
  type: 'DataCache',
  nameParameter: 'Name',
  idField: 'DataCacheId',
  prefix: 'edc',
  status: 'Available',
});
