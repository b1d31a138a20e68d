import type { ApiName, EciApi } from '../../lib/ports.ts';

/**
 * ECI whose lists find nothing any more, as with a permission that was revoked: at once, or from the first call of
 * another operation on.
 */
export function blindAfter(eci: EciApi, first?: Extract<ApiName, 'TagResources' | 'UntagResources'>): EciApi {
  let isBlind = first === undefined;
  return {
    ...eci,
    listResources: async (query) => (isBlind ? { items: [] } : await eci.listResources(query)),
    listContainerGroupStatus: async (query) =>
      isBlind ? { items: [] } : await eci.listContainerGroupStatus(query),
    untagResources: async (request) => {
      isBlind ||= first === 'UntagResources';
      return await eci.untagResources(request);
    },
    tagResources: async (request) => {
      isBlind ||= first === 'TagResources';
      return await eci.tagResources(request);
    },
  };
}
