import type { KeyTest } from './policy.ts';
import { compileRegex } from './regex.ts';
import { compileWildcard, compileWildcards, type TextMatcher } from './wildcard.ts';

/** Whether a key is one that the test means. */
export function compileKeyTest(test: KeyTest): TextMatcher {
  switch (test.kind) {
    case 'wildcard':
      return compileWildcard(test.pattern);
    case 'regex':
      return compileRegex(test.pattern);
    case 'except': {
      const excepted = compileWildcards(test.patterns);
      return (key) => !excepted(key);
    }
    case 'caseVariantsOf': {
      const exact = new Set(test.keys);
      const folded = new Set(test.keys.map((key) => key.toLowerCase()));
      return (key) => !exact.has(key) && folded.has(key.toLowerCase());
    }
  }
}
