import { encodedBytes } from './encoded-bytes.ts';
import type { Batch, BatchPlan, CoverGroup, RequestLimits } from './types.ts';

/** The name, number and signs around one id or key: `&ResourceId.100=`. */
const PARAMETER_BYTES = '&ResourceId.100='.length;

/**
 * Covers every group with requests, group by group: resources with the same key set together, or one key
 * at a time, whichever needs fewer.
 *
 * Only planned pairs are named, so no kept pair can be hit. The same groups give the same batches.
 */
export function planBatches(
  groups: readonly CoverGroup[],
  limits: RequestLimits,
  _options?: { readonly budgetMs?: number; readonly elapsedMs?: () => number },
): BatchPlan {
  const batches: Batch[] = [];
  const reasons: string[] = [];
  let requests = 0;
  for (const group of groups) {
    const bySet = rectanglesBySet(group, limits);
    const byKey = rectanglesByKey(group, limits);
    batches.push(...(byKey.length < bySet.length ? byKey : bySet));
    const bound = boundOf(group, limits);
    requests += bound.requests;
    reasons.push(bound.reason);
  }
  return { batches, lowerBound: { requests, arguments: reasons } };
}

function rectanglesBySet(group: CoverGroup, limits: RequestLimits): Batch[] {
  const sets = new Map<string, { readonly keys: ArrayLike<number>; readonly rows: number[] }>();
  group.must.forEach((keys, row) => {
    const signature = Array.from(keys).join(',');
    const set = sets.get(signature);
    if (set) {
      set.rows.push(row);
    } else {
      sets.set(signature, { keys, rows: [row] });
    }
  });
  return [...sets.values()].flatMap((set) => rectangles(group, Array.from(set.keys), set.rows, limits));
}

function rectanglesByKey(group: CoverGroup, limits: RequestLimits): Batch[] {
  const rowsOfKey = group.keys.map((): number[] => []);
  group.must.forEach((keys, row) => {
    for (let at = 0; at < keys.length; at += 1) {
      rowsOfKey[keys[at]!]!.push(row);
    }
  });
  return rowsOfKey.flatMap((rows, key) => rectangles(group, [key], rows, limits));
}

/** Cuts keys × rows to the limits: keys first, to half of the bytes at most, then rows into what is left. */
function rectangles(
  group: CoverGroup,
  keys: readonly number[],
  rows: readonly number[],
  limits: RequestLimits,
): Batch[] {
  const batches: Batch[] = [];
  const names = keys.map((key) => group.keys[key]!);
  for (const tagKeys of chunks(names, limits.keys, limits.bytes / 2)) {
    const left = limits.bytes - tagKeys.reduce((sum, key) => sum + sizeOf(key), 0);
    const ids = rows.map((row) => group.resourceIds[row]!);
    for (const resourceIds of chunks(ids, limits.resources, left)) {
      batches.push({ region: group.region, resourceType: group.resourceType, resourceIds, tagKeys });
    }
  }
  return batches;
}

function chunks(texts: readonly string[], most: number, mostBytes: number): string[][] {
  const result: string[][] = [];
  let chunk: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const size = sizeOf(text);
    if (chunk.length > 0 && (chunk.length === most || bytes + size > mostBytes)) {
      result.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(text);
    bytes += size;
  }
  return chunk.length > 0 ? [...result, chunk] : result;
}

function sizeOf(text: string): number {
  return PARAMETER_BYTES + encodedBytes(text);
}

function boundOf(group: CoverGroup, limits: RequestLimits): { requests: number; reason: string } {
  const rowsOfKey = new Array<number>(group.keys.length).fill(0);
  for (const keys of group.must) {
    for (let at = 0; at < keys.length; at += 1) {
      rowsOfKey[keys[at]!]! += 1;
    }
  }
  const byRows = Math.ceil(group.must.length / limits.resources);
  const slots = rowsOfKey.reduce((sum, rows) => sum + Math.ceil(rows / limits.resources), 0);
  const bySlots = Math.ceil(slots / limits.keys);
  const place = `${group.region} ${group.resourceType}`;
  return byRows >= bySlots
    ? {
        requests: byRows,
        reason: `${place}: ${group.must.length} resources, at most ${limits.resources} a request: ${byRows}.`,
      }
    : {
        requests: bySlots,
        reason: `${place}: the keys need ${slots} places of ${limits.resources} resources, ${limits.keys} a request: ${bySlots}.`,
      };
}
