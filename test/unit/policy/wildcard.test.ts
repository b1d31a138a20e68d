import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex } from '../../../lib/policy/regex.ts';
import { compileWildcard } from '../../../lib/policy/wildcard.ts';

/** The definition, without regard for time. */
function matchesByDefinition(pattern: string, text: string): boolean {
  const [first, ...rest] = [...pattern];
  const characters = [...text];
  if (first === undefined) return text === '';
  const tail = rest.join('');
  if (first === '*')
    return (
      characters.some((_, i) => matchesByDefinition(tail, characters.slice(i).join(''))) ||
      matchesByDefinition(tail, '')
    );
  return (
    characters.length > 0 &&
    (first === '?' || first === characters[0]) &&
    matchesByDefinition(tail, characters.slice(1).join(''))
  );
}

describe('compileWildcard', () => {
  it.each([
    ['ci-*', 'ci-', true],
    ['ci-*', 'xci-1', false],
    ['*', '', true],
    ['?', '', false],
    ['?', '\u{1f600}', true],
    ['??', '\u{1f600}', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['**', 'anything', true],
    ['Env', 'env', false],
  ])('%s of %j is %s', (pattern, text, expected) => {
    expect(compileWildcard(pattern)(text)).toBe(expected);
  });

  it('agrees with the definition', () => {
    const letters = fc.constantFrom('a', 'b', '*', '?', '\u{1f600}');
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 6 }),
        fc.array(fc.constantFrom('a', 'b', '\u{1f600}'), { maxLength: 7 }),
        (pattern, text) => {
          const [p, t] = [pattern.join(''), text.join('')];
          expect(compileWildcard(p)(t)).toBe(matchesByDefinition(p, t));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('hostile patterns', () => {
  const long = 'a'.repeat(100_000);

  // With the built-in engine each of these would not end in a lifetime.
  it.each(['(a+)+$', '^(a|a)*$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){20}$'])(
    '%s ends on a long text',
    (pattern) => {
      expect(compileRegex(pattern)(`${long}!`)).toBe(false);
    },
  );

  it('as wildcards end too', () => {
    expect(compileWildcard(`${'*a'.repeat(300)}*b`)(long)).toBe(false);
  });
});
