import { EciError } from '../errors.ts';
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
 * The second witness is ListTagResources by id, asked together with a resource that is there and has tags: only
 * where it shows that one does its silence on the others mean that they are gone.
 *
 * @param list - paced and retried.
 */
export function createWitness(list: EciApi['listTagResources']): Witness {
  const known = new Map<string, ResourceRef>();
  const kindOf = ({ region, type }: ResourceRef): string => `${region}/${type}`;

  const idsWithTags = async (refs: readonly ResourceRef[]): Promise<ReadonlySet<string>> => {
    const { region, type } = refs[0]!;
    const ids = refs.map(({ id }) => id);
    const found = new Set<string>();
    let nextToken: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const rows = await list({ region, type, ids, ...(nextToken !== undefined && { nextToken }) });
      for (const row of rows.items) found.add(row.id);
      nextToken = rows.nextToken;
      if (nextToken === undefined || nextToken === '') break;
    }
    return found;
  };
  const goneIn = async (refs: readonly ResourceRef[]): Promise<readonly ResourceRef[]> => {
    const control = known.get(kindOf(refs[0]!));
    if (control === undefined) return [];
    try {
      const found = await idsWithTags([control, ...refs]);
      return found.has(control.id) ? refs.filter(({ id }) => !found.has(id)) : [];
    } catch (error) {
      if (!(error instanceof EciError)) throw error;
      return [];
    }
  };

  /** A few may be gone on the word of one reading, as long as nothing speaks against it. */
  const fewGoneIn = async (refs: readonly ResourceRef[]): Promise<readonly ResourceRef[]> => {
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
      if (live.tags === undefined || live.tags.length === 0) return;
      const { region, type, id } = live;
      known.set(kindOf(live), { region, type, id });
    },
    async gone(refs) {
      const kinds = new Map<string, ResourceRef[]>();
      for (const ref of refs) kinds.set(kindOf(ref), [...(kinds.get(kindOf(ref)) ?? []), ref]);
      const gone: ResourceRef[] = [];
      for (const own of kinds.values()) {
        for (let at = 0; at < own.length; at += IDS_A_CALL - 1) {
          const some = own.slice(at, at + IDS_A_CALL - 1);
          gone.push(...(refs.length <= HANDFUL ? await fewGoneIn(some) : await goneIn(some)));
        }
      }
      return gone;
    },
  };
}

/** Reads so that a resource is called gone only where a second witness does not know it either; else it stays unread. */
export function readWitnessed(read: ReadById, witness: Witness): ReadById {
  return async (refs, onRead, mayStart) => {
    const missing: ResourceRef[] = [];
    const take: OnRead = (ref, live) => {
      if (live === undefined) return void missing.push(ref);
      witness.saw(live);
      onRead(ref, live);
    };
    const result = await read(refs, take, mayStart);
    if (missing.length === 0) return result;
    const gone = await witness.gone(missing);
    for (const ref of gone) onRead(ref, undefined);
    return { ...result, unread: [...result.unread, ...missingIn(missing, gone)] };
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
