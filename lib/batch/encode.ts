import type { Rectangle } from './baseline.ts';
import { encodedBytes } from './encoded-bytes.ts';
import type { Batch, CoverGroup, RequestLimits } from './types.ts';

/** The name, number and signs around one id or key. */
const PARAMETER_BYTES = '&ResourceId.100='.length;

/** Batches, and how many rectangles they were made of. */
export interface Encoded {
  readonly batches: readonly Batch[];
  /** Fewer than batches where some were cut. */
  readonly rectangles: number;
}

/**
 * Turns rectangles into batches, cut where the encoded ids and keys would be longer than the limit.
 *
 * The longer half of a rectangle is halved until it fits; a single pair is sent as it is.
 */
export function toBatches(
  group: CoverGroup,
  rectangles: Iterable<Rectangle>,
  limits: RequestLimits,
): Encoded {
  const { region, type } = group;
  const keyBytes = new Uint32Array(group.keys.length);
  for (const [key, name] of group.keys.entries()) keyBytes[key] = parameterBytes(name);
  const idBytes = (i: number) => parameterBytes(group.ids[i]!);
  const lastSeen = new Int32Array(group.ids.length);
  const batches: Batch[] = [];
  let stamp = 0;
  for (const { resources, keys } of rectangles) {
    const whole: Part = { resources: withoutRepeats(resources, lastSeen, ++stamp), keys: Array.from(keys) };
    for (const part of cut(whole, limits.bytes, idBytes, (key) => keyBytes[key]!)) {
      batches.push({
        region,
        type,
        ids: part.resources.map((i) => group.ids[i]!),
        keys: part.keys.map((key) => group.keys[key]!),
      });
    }
  }
  return { batches, rectangles: stamp };
}

/** A resource that loses more keys than a request names is several rows, perhaps in one request. */
function withoutRepeats(resources: ArrayLike<number>, lastSeen: Int32Array, stamp: number): number[] {
  const once: number[] = [];
  for (let at = 0; at < resources.length; at++) {
    const resource = resources[at]!;
    if (lastSeen[resource] === stamp) continue;
    lastSeen[resource] = stamp;
    once.push(resource);
  }
  return once;
}

interface Part {
  readonly resources: readonly number[];
  readonly keys: readonly number[];
}

function cut(
  part: Part,
  bytes: number,
  idBytes: (resource: number) => number,
  keyBytes: (key: number) => number,
): Part[] {
  const { resources, keys } = part;
  const idsLength = resources.reduce((sum, resource) => sum + idBytes(resource), 0);
  const keysLength = keys.reduce((sum, key) => sum + keyBytes(key), 0);
  if (idsLength + keysLength <= bytes || (resources.length === 1 && keys.length === 1)) return [part];
  const byKeys = keys.length > 1 && (keysLength > idsLength || resources.length === 1);
  const half = Math.ceil((byKeys ? keys : resources).length / 2);
  const halves = byKeys
    ? [keys.slice(0, half), keys.slice(half)].map((some) => ({ resources, keys: some }))
    : [resources.slice(0, half), resources.slice(half)].map((some) => ({ resources: some, keys }));
  return halves.flatMap((some) => cut(some, bytes, idBytes, keyBytes));
}

/** The bytes of one id or key in a request, its name and signs with it. */
export function parameterBytes(text: string): number {
  return PARAMETER_BYTES + encodedBytes(text);
}
