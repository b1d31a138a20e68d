import { EciError } from '../errors.ts';
import type { EciApi } from '../ports.ts';
import type { Region, Resource, ResourceType } from '../resource.ts';
import { readByIds } from './by-id.ts';
import { gapOf } from './gaps.ts';
import type { Gap } from './inventory.ts';
import type { PlaceReading } from './read-place.ts';
import type { ReadingScope } from './scope.ts';
import { settleAll } from './settle.ts';

/** What speaks against lists that came back empty. */
export interface Denials {
  readonly gaps: readonly Gap[];
  readonly warnings: readonly string[];
}

export const NO_DENIALS: Denials = { gaps: [], warnings: [] };

/** Looks behind every list that came back empty: one that is denied looks the same. */
export async function lookForDenials(
  eci: EciApi,
  { resourceGroups }: ReadingScope,
  places: readonly PlaceReading[],
): Promise<Denials> {
  const isEmpty = ({ collector, populations, gaps }: PlaceReading): boolean =>
    collector.size === 0 && gaps.length === 0 && populations.every((one) => one.ended() && one.seen() === 0);
  const empty = places.filter(isEmpty);
  const found = await settleAll(
    empty.map(({ region, type }) => findDenied(eci, region, type, resourceGroups !== undefined)),
  );
  const denials = found.filter((denial) => denial !== undefined);
  // A refusal of the witness proves nothing where other lists were read; where nothing was, it is all there is.
  const nothing = empty.length === places.length;
  const isGap = ({ refused }: Denial): boolean => nothing || !refused;
  return {
    gaps: denials.filter(isGap).map(({ gap }) => gap),
    warnings: denials.filter((one) => !isGap(one)).map(({ gap }) => gap.message),
  };
}

interface Denial {
  readonly gap: Gap;
  /** Whether ListTagResources itself was refused. */
  readonly refused: boolean;
}

/**
 * Tells an empty place from one that the identity may not look into: ECI answers a list call without
 * permission with an empty list, and not with an error.
 *
 * Asks another operation once. Tags that it knows of resources which the list does not show, or a refusal
 * for want of permission, mean that the list is not to be believed. Any other failure tells nothing.
 *
 * @param grouped - whether only some resource groups were listed: then a resource that can be read by its id
 *   is in another group, and proves that the identity may look.
 */
async function findDenied(
  eci: EciApi,
  region: Region,
  type: ResourceType,
  grouped: boolean,
): Promise<Denial | undefined> {
  const place = { region, resourceType: type };
  try {
    const { items } = await eci.listTagResources({ region, type });
    const id = items[0]?.id;
    if (id === undefined || (grouped && (await isReadable(eci, region, type, id)))) return undefined;
    const message = `The list of ${type} in ${region} is empty, but tags of ${id} are known there: the identity looks denied. Allow it eci:Describe* on this region (\`tagsweep ram POLICY\` prints what is needed).`;
    return { gap: { ...place, code: 'LooksDenied', message }, refused: false };
  } catch (error) {
    if (error instanceof EciError && isDenial(error)) {
      const message = `The list of ${type} in ${region} is empty, and ListTagResources is refused, so that nothing tells whether the identity may look there. Allow it what \`tagsweep ram POLICY\` prints. ${error.message}`;
      return { gap: { ...place, code: error.apiCode, message }, refused: true };
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
