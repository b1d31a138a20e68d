import { timingSafeEqual } from 'node:crypto';

/** Percent-encodes all but `A–Z a–z 0–9 - _ . ~` (RFC 3986), as both signature schemes want it. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Encoded pairs, sorted by name and then by value, joined by `&`. */
export function canonicalPairs(pairs: readonly (readonly [string, string])[]): string {
  return [...pairs]
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .join('&');
}

/** Equal texts, in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
