/** More digits than these may not survive as a binary number. */
const SAFE_DIGITS = 15;

/**
 * Reads a plain decimal such as `-12.50`; undefined for anything else: spaces, exponents, hexadecimal,
 * thousands marks, or more digits than can be compared exactly.
 */
export function parseDecimal(text: string): number | undefined {
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return undefined;
  const digits = (match[1]! + (match[2] ?? '')).replace(/^0+/, '');
  return digits.length > SAFE_DIGITS ? undefined : Number(text);
}
