/** Whether a whole text matches; made once per pattern. */
export type TextMatcher = (text: string) => boolean;

/**
 * Compiles a wildcard pattern: `*` stands for any text, also none, `?` for exactly one character.
 *
 * Case-sensitive, and the whole text must match. There is no escape: tag keys may hold `*` or `?`, and a
 * pattern then matches them as any other character. Time is bounded by pattern × text, without recursion.
 */
export function compileWildcard(pattern: string): TextMatcher {
  if (!isWildcard(pattern)) return (text) => text === pattern;
  const head = pattern.slice(0, -1);
  if (pattern.endsWith('*') && !isWildcard(head)) return (text) => text.startsWith(head);
  const shortened = pattern.replace(/\*+/g, '*');
  return (text) => matches(shortened, text);
}

/** Whether one of the patterns matches. */
export function compileWildcards(patterns: readonly string[]): TextMatcher {
  const exact = new Set(patterns.filter((pattern) => !isWildcard(pattern)));
  const wild = patterns.filter(isWildcard).map(compileWildcard);
  if (wild.length === 0) return (text) => exact.has(text);
  return (text) => exact.has(text) || wild.some((matcher) => matcher(text));
}

export function isWildcard(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/** Greedy: only the last star is ever tried again, which is enough, since a later star can take what an earlier one left. */
function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = t;
    } else if (pattern[p] === '?') {
      p++;
      t += characterLength(text, t);
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      resumeAt += characterLength(text, resumeAt);
      t = resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
