import { typeOfId } from '../inventory/scope.ts';
import type { Policy } from '../policy/policy.ts';
import type { EciApi } from '../ports.ts';
import type { Region, Resource, ResourceType } from '../resource.ts';

/** What a person calls a resource: its id, with region and type where they are known. */
export interface ResourceName {
  readonly id: string;
  readonly region?: Region;
  readonly type?: ResourceType;
}

/**
 * Finds a resource by its id, in the regions and types of a policy unless the name tells them.
 *
 * @returns the resource with all that is listed of it, or nothing where no list holds it.
 * @throws {EciError} when a list cannot be read.
 */
export async function findResource(
  eci: Pick<EciApi, 'describeRegions' | 'listResources'>,
  name: ResourceName,
  { scope }: Pick<Policy, 'scope'>,
): Promise<Resource | undefined> {
  const guessed = name.type ?? typeOfId(name.id);
  const types = guessed === undefined ? scope.resourceTypes : [guessed];
  const regions =
    name.region !== undefined
      ? [name.region]
      : scope.regions === 'all'
        ? await eci.describeRegions()
        : scope.regions;
  for (const region of regions) {
    for (const type of types) {
      const found = await findInList(eci, { region, type, id: name.id });
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A page may be empty although more follow. */
async function findInList(
  eci: Pick<EciApi, 'listResources'>,
  { region, type, id }: Required<ResourceName>,
): Promise<Resource | undefined> {
  let nextToken: string | undefined;
  do {
    const page = await eci.listResources({
      region,
      type,
      ids: [id],
      ...(nextToken !== undefined && { nextToken }),
    });
    const found = page.items.find((resource) => resource.id === id);
    if (found !== undefined) return found;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}
