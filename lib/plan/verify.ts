import type { Batch, RequestLimits } from '../batch/types.ts';
import { CleanupError } from '../errors.ts';
import { readerOf } from '../lazy-list.ts';
import { createRefIndex, type RefIndex } from '../ref-index.ts';
import type { TagKey } from '../resource.ts';
import type { IsFree } from './free-pairs.ts';
import type { Removal } from './types.ts';

/** Offences named in the message; one is enough to refuse. */
const MOST_NAMED = 5;

/**
 * Proves that batches do what the plan says and nothing else: every planned pair is in some batch, every
 * other pair of a batch is free, every batch is within the limits.
 *
 * Shares no code with the planner of the batches, so that no mistake can be made twice.
 *
 * @throws {CleanupError} code `PLAN_UNPROVED`, naming the first offences.
 */
export function verifyBatches(proof: {
  readonly removals: readonly Removal[];
  readonly batches: readonly Batch[];
  /** Of pairs that are not planned. */
  readonly isFree: IsFree;
  readonly limits: RequestLimits;
}): void {
  const offences: string[] = [];
  const found = (offence: string): boolean => offences.push(offence) >= MOST_NAMED;
  const planned = indexRemovals(proof.removals, found);
  // What the rest would say of a plan that names a resource twice means nothing.
  if (offences.length === 0) {
    proof.batches.some(
      (batch, number) =>
        checkSize(batch, number, proof.limits, found) ||
        markPairs(batch, number, planned, proof.isFree, found),
    );
    if (offences.length < MOST_NAMED) {
      findUncovered(proof.removals, planned, found);
    }
  }
  if (offences.length > 0) {
    throw new CleanupError(
      'PLAN_UNPROVED',
      `The batches do not carry out the plan exactly, so nothing was sent: ${offences.join('; ')}. Plan again; if it happens again, it is a fault of this program: report it with the plan.`,
    );
  }
}

interface PlannedPairs {
  readonly removals: readonly Removal[];
  /** Numbered as in `removals`. */
  readonly resources: RefIndex;
  /** Where the tags of each removal begin in `covered`. */
  readonly firstTag: Float64Array;
  /** One per planned tag: 1 once a batch holds it. */
  readonly covered: Uint8Array;
}

/** Reports an offence; true when enough are known. */
type Found = (offence: string) => boolean;

function groupName(region: string, type: string): string {
  return `${region}/${type}`;
}

function indexRemovals(removals: readonly Removal[], found: Found): PlannedPairs {
  const resources = createRefIndex();
  const firstTag = new Float64Array(removals.length);
  let tags = 0;
  for (const [place, removal] of removals.entries()) {
    if (resources.add(removal) !== place) {
      found(`the plan names ${groupName(removal.region, removal.type)}/${removal.id} twice`);
      break;
    }
    firstTag[place] = tags;
    tags += removal.tags.length;
  }
  return { removals, resources, firstTag, covered: new Uint8Array(tags) };
}

function checkSize(batch: Batch, number: number, limits: RequestLimits, found: Found): boolean {
  const { ids, keys } = batch;
  const name = `batch ${number}`;
  if (ids.length === 0 || keys.length === 0) {
    return found(`${name} has no ${ids.length === 0 ? 'resources' : 'keys'}`);
  }
  if (new Set(ids).size < ids.length || new Set(keys).size < keys.length) {
    return found(`${name} names a resource or key twice`);
  }
  if (ids.length > limits.resources || keys.length > limits.keys) {
    return found(
      `${name} holds ${ids.length} resources × ${keys.length} keys, at most ${limits.resources} × ${limits.keys} may be`,
    );
  }
  const bytes = queryBytes('ResourceId', ids) + queryBytes('TagKey', keys);
  return bytes > limits.bytes && found(`${name} takes ${bytes} bytes of URL, at most ${limits.bytes} may be`);
}

/** The bytes of `&Name.1=…&Name.2=…`. */
function queryBytes(name: string, values: readonly string[]): number {
  return values.reduce(
    (sum, value, at) => sum + `&${name}.${at + 1}=`.length + percentEncodedLength(value),
    0,
  );
}

function percentEncodedLength(value: string): number {
  const bare = value.match(/[A-Za-z0-9_.~-]/g)?.length ?? 0;
  return bare + 3 * (new TextEncoder().encode(value).length - bare);
}

function markPairs(
  batch: Batch,
  number: number,
  planned: PlannedPairs,
  isFree: IsFree,
  found: Found,
): boolean {
  const removalAt = readerOf(planned.removals);
  return batch.ids.some((id) => {
    const place = planned.resources.find(batch.region, batch.type, id);
    const tags = place < 0 ? [] : removalAt(place).tags;
    const first = place < 0 ? 0 : planned.firstTag[place]!;
    return batch.keys.some((key) => {
      const at = placeOfKey(tags, key);
      if (at >= 0) {
        planned.covered[first + at] = 1;
        return false;
      }
      const ref = { region: batch.region, type: batch.type, id };
      return (
        !isFree(ref, key) &&
        found(
          `batch ${number} would remove ${JSON.stringify(key)} from ${groupName(batch.region, batch.type)}/${id}, which is neither planned nor free`,
        )
      );
    });
  });
}

function placeOfKey(tags: Removal['tags'], key: TagKey): number {
  for (let at = 0; at < tags.length; at += 1) {
    if (tags[at]!.key === key) {
      return at;
    }
  }
  return -1;
}

function findUncovered(removals: readonly Removal[], planned: PlannedPairs, found: Found): void {
  removals.some((removal, place) =>
    removal.tags.some((tag, at) => {
      const ref = removal;
      return (
        planned.covered[planned.firstTag[place]! + at] === 0 &&
        found(`no batch removes ${JSON.stringify(tag.key)} from ${groupName(ref.region, ref.type)}/${ref.id}`)
      );
    }),
  );
}
