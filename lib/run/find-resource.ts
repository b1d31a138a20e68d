import type { EciError } from '../errors.ts';
import { readByIds } from '../inventory/by-id.ts';
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
 * @throws {EciError} when it is not found, and a list where it might be cannot be read.
 */
export async function findResource(
  eci: Pick<EciApi, 'describeRegions' | 'listResources' | 'listTagResources'>,
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
  let found: Resource | undefined;
  let failure: EciError | undefined;
  for (const region of regions) {
    for (const type of types) {
      const { error } = await readByIds([{ region, type, id: name.id }], {
        eci,
        concurrency: 1,
        buckets: scope.buckets ?? [],
        onRead: (_, live) => {
          found = live;
        },
      });
      if (found !== undefined) return found;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}
