import { EciError } from '../errors.ts';
import type { ReadByIdsResult } from '../inventory/by-id.ts';
import type { EciApi } from '../ports.ts';
import { type Resource, type ResourceRef, resourceKey } from '../resource.ts';
import type { OnRead, ReadById } from './reader.ts';

/** Of so many resources the silence of a second witness suffices; of more, it must be shown to see. */
const HANDFUL = 5;

/** Ids a call of ListTagResources, the one that is known to be there included. */
const IDS_A_CALL = 50;

/** The most pages of one call: 50 resources hold at most 1000 tags. */
const MOST_PAGES = 60;

/** Tells resources that are gone from those that a reading does not show: a denied list is an empty one, too. */
export interface Witness {
  /** Notes a resource that a reading does show. */
  saw(live: Resource): void;
  /** Of resources that a reading did not show, those that are gone by a second witness as well. */
  gone(refs: readonly ResourceRef[]): Promise<readonly ResourceRef[]>;
}

/**
 * The second witness is ListTagResources by id, asked together with a resource that is there and has tags: only where
 * it shows that one does its silence on the others mean that they are gone. The list has to show that one now, too: it
 * is a list gone blind that this is about, and what lost its last tag has no row either way.
 *
 * @param eci - paced and retried.
 */
export function createWitness(eci: Pick<EciApi, 'listResources' | 'listTagResources'>): Witness {
  const known = new Map<string, ResourceRef>();
  const kindOf = ({ region, type }: ResourceRef): string => `${region}/${type}`;
  const note = ({ region, type, id }: Resource): void =>
    void known.set(kindOf({ region, type, id }), { region, type, id });

  const idsWithTags = async (refs: readonly ResourceRef[]): Promise<ReadonlySet<string>> => {
    const { region, type } = refs[0]!;
    const ids = refs.map(({ id }) => id);
    const found = new Set<string>();
    let nextToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const rows = await eci.listTagResources({
        region,
        type,
        ids,
        ...(nextToken !== undefined && { nextToken }),
      });
      for (const row of rows.items) found.add(row.id);
      nextToken = rows.nextToken;
      if (nextToken === undefined || nextToken === '') break;
    }
    return found;
  };

  /** A resource with tags that the list shows now: one that was seen before, or else any on the first page. */
  const controlOf = async (ref: ResourceRef): Promise<ResourceRef | undefined> => {
    const { region, type } = ref;
    const before = known.get(kindOf(ref));
    if (before !== undefined) {
      const { items } = await eci.listResources({ region, type, ids: [before.id] });
      if (items.some(({ id }) => id === before.id)) return before;
    }
    const { items } = await eci.listResources({ region, type });
    const tagged = items.find(hasTags);
    if (tagged !== undefined) note(tagged);
    return tagged;
  };

  const goneOfKind = async (refs: readonly ResourceRef[]): Promise<readonly ResourceRef[]> => {
    try {
      const control = await controlOf(refs[0]!);
      if (control === undefined) return [];
      const gone = await Promise.all(
        partsOf(refs).map(async (some) => {
          const found = await idsWithTags([control, ...some]);
          return found.has(control.id) ? some.filter(({ id }) => !found.has(id)) : [];
        }),
      );
      return gone.flat();
    } catch (error) {
      if (!(error instanceof EciError)) throw error;
      return [];
    }
  };

  /** A few may be gone on the word of one reading, as long as nothing speaks against it. */
  const fewGone = async (refs: readonly ResourceRef[]): Promise<readonly ResourceRef[]> => {
    try {
      const found = await idsWithTags(refs);
      return refs.filter(({ id }) => !found.has(id));
    } catch (error) {
      if (!(error instanceof EciError)) throw error;
      return refs;
    }
  };

  return {
    saw(live) {
      if (hasTags(live)) note(live);
    },
    async gone(refs) {
      const kinds = new Map<string, ResourceRef[]>();
      for (const ref of refs) kinds.set(kindOf(ref), [...(kinds.get(kindOf(ref)) ?? []), ref]);
      const gone: ResourceRef[] = [];
      for (const own of kinds.values()) {
        gone.push(...(refs.length <= HANDFUL ? await fewGone(own) : await goneOfKind(own)));
      }
      return gone;
    },
  };
}

function hasTags({ tags }: Resource): boolean {
  return tags !== undefined && tags.length > 0;
}

/** As many as one call takes beside the one that is known to be there. */
function partsOf(refs: readonly ResourceRef[]): readonly (readonly ResourceRef[])[] {
  const parts: (readonly ResourceRef[])[] = [];
  for (let at = 0; at < refs.length; at += IDS_A_CALL - 1) parts.push(refs.slice(at, at + IDS_A_CALL - 1));
  return parts;
}

/** What a witnessed reading came to. */
export interface WitnessedResult extends ReadByIdsResult {
  /** Of the unread, those that the list does not show, and of which nothing else says that they are gone. */
  readonly doubted: number;
}

/** Reads so that a resource is called gone only where a second witness does not know it either; else it stays unread. */
export function readWitnessed(
  read: ReadById,
  witness: Witness,
): (...how: Parameters<ReadById>) => Promise<WitnessedResult> {
  return async (refs, onRead, mayStart) => {
    const missing: ResourceRef[] = [];
    const take: OnRead = (ref, live) => {
      if (live === undefined) return void missing.push(ref);
      witness.saw(live);
      onRead(ref, live);
    };
    const result = await read(refs, take, mayStart);
    if (missing.length === 0) return { ...result, doubted: 0 };
    const gone = await witness.gone(missing);
    for (const ref of gone) onRead(ref, undefined);
    const doubted = missingIn(missing, gone);
    return { ...result, unread: [...result.unread, ...doubted], doubted: doubted.length };
  };
}

/** The names of what is in one list of resources and not in another. */
export function missingIn(
  refs: readonly ResourceRef[],
  others: readonly ResourceRef[],
): readonly ResourceRef[] {
  const there = new Set(others.map(resourceKey));
  return refs.filter((ref) => !there.has(resourceKey(ref)));
}
