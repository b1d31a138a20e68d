import { EciError } from '../errors.ts';
import type { EciApi } from '../ports.ts';
import type { Region, Resource, ResourceType } from '../resource.ts';
import { readByIds } from './by-id.ts';
import { gapOf } from './gaps.ts';
import type { Gap } from './inventory.ts';

/**
 * Tells an empty region from one that the identity may not look into: ECI answers a list call without
 * permission with an empty list, and not with an error.
 *
 * Asks another operation once. Tags that it knows of resources which the list does not show, or a refusal
 * for want of permission, mean that the list is not to be believed. Any other failure tells nothing.
 *
 * @param grouped - whether only some resource groups were listed: then a resource that can be read by its id
 *   is in another group, and proves that the identity may look.
 */
export async function findDenied(
  eci: EciApi,
  region: Region,
  type: ResourceType,
  grouped: boolean,
): Promise<Gap | undefined> {
  try {
    const { items } = await eci.listTagResources({ region, type });
    const id = items[0]?.id;
    const readable = grouped && id !== undefined && (await isReadable(eci, region, type, id));
    return id === undefined || readable
      ? undefined
      : {
          region,
          resourceType: type,
          code: 'LooksDenied',
          message: `The list of ${type} in ${region} is empty, but tags of ${id} are known there: the identity looks denied. Allow it eci:Describe* on this region (\`tagsweep ram POLICY\` prints what is needed).`,
        };
  } catch (error) {
    if (error instanceof EciError && isDenial(error)) {
      return {
        region,
        resourceType: type,
        code: error.apiCode,
        message: `The list of ${type} in ${region} is empty, and ListTagResources is refused: the identity looks denied. Allow it what \`tagsweep ram POLICY\` prints. ${error.message}`,
      };
    }
    // Throws on what must end the run.
    gapOf(error, region, type);
    return undefined;
  }
}

async function isReadable(eci: EciApi, region: Region, type: ResourceType, id: string): Promise<boolean> {
  let live: Resource | undefined;
  const { error } = await readByIds([{ region, type, id }], {
    eci,
    concurrency: 1,
    onRead: (_, read) => {
      live = read;
    },
  });
  if (error !== undefined) throw error;
  return live !== undefined;
}

function isDenial(error: EciError): boolean {
  return error.kind === 'rejected' && /^(NoPermission|Forbidden)/.test(error.apiCode);
}
