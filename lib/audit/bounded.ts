import { encodeJson } from '../text.ts';

/**
 * As many entries of a table as fit in `maxBytes` of JSON, largest counts first, and whether any was left
 * out. Entries of equal count are in code-unit order of their keys.
 */
export function encodeCounts(
  counts: Readonly<Record<string, number>>,
  maxBytes: number,
): { readonly json: string; readonly truncated: boolean } {
  const sorted = Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0));
  const kept = fitting(sorted, ([key, count]) => `${encodeJson(key)}:${count}`, maxBytes);
  return { json: `{${kept.join(',')}}`, truncated: kept.length < sorted.length };
}

/** As many items from the beginning as fit in `maxBytes` of a JSON array, and whether any was left out. */
export function encodeList(
  items: readonly unknown[],
  maxBytes: number,
): { readonly json: string; readonly truncated: boolean } {
  const kept = fitting(items, encodeJson, maxBytes);
  return { json: `[${kept.join(',')}]`, truncated: kept.length < items.length };
}

function fitting<T>(items: readonly T[], encode: (item: T) => string, maxBytes: number): string[] {
  const kept: string[] = [];
  let bytes = 2;
  for (const item of items) {
    const text = encode(item);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > maxBytes) break;
    kept.push(text);
  }
  return kept;
}
