import { RE2JS } from 're2js';
import type { TextMatcher } from './wildcard.ts';

/**
 * Compiles a pattern in RE2 syntax; it matches anywhere in the text unless anchored.
 *
 * Linear in the text whatever the pattern, so that a policy cannot stall a run.
 *
 * @throws {Error} whose message says what is wrong with the pattern.
 */
export function compileRegex(pattern: string): TextMatcher {
  const regex = compileWithin(pattern);
  return (text) => regex.test(text);
}

/** Why the pattern does not compile, or undefined. */
export function regexFault(pattern: string): string | undefined {
  try {
    compileWithin(pattern);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replace(/^error parsing regexp: /, '');
  }
}

/** Instructions of a compiled pattern: counted repetitions are written out, so that a short text can become a large one. */
const MOST_INSTRUCTIONS = 10_000;

function compileWithin(pattern: string): RE2JS {
  const regex = RE2JS.compile(pattern);
  const size = regex.programSize();
  if (size <= MOST_INSTRUCTIONS) return regex;
  throw new Error(
    `it becomes ${size} instructions, and at most ${MOST_INSTRUCTIONS} may be; repeat fewer times, or divide it`,
  );
}
