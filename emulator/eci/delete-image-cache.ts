import { deleteOperation } from './create.ts';

/** DeleteImageCache by id: gone at once. */
export const deleteImageCache = deleteOperation('DeleteImageCache', 'ImageCache', 'ImageCacheId');
