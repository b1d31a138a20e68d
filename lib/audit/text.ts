/**
 * Characters that a terminal or a log viewer would act upon, or that turn text around: C0 and C1
 * controls, zero-width and bidirectional marks, line separators, the byte order mark. In JSON text C0
 * controls are escaped already.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it is for
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A value as JSON on one line whose text holds no active character: each stands as its `\u` escape, so
 * that reading it back gives the value exactly, lone surrogates included.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value).replace(ACTIVE, escapeCharacter);
}

/** Text as a record's field may hold it: well-formed, active characters spelt out; not meant to be reversed. */
export function plainText(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd').replace(ACTIVE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

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
