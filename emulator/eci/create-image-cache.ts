import { createOperation } from './create.ts';

/** CreateImageCache: the cache is ready at once, and no helper group is made. */
export const createImageCache = createOperation({
  name: 'CreateImageCache',
  type: 'ImageCache',
  nameParameter: 'ImageCacheName',
  idField: 'ImageCacheId',
  prefix: 'imc',
  status: 'Ready',
});
