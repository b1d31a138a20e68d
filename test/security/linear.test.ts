import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex, regexFault } from '../../lib/policy/regex.ts';
import { compileWildcard } from '../../lib/policy/wildcard.ts';
import { ROOT } from '../support/cli.ts';

/** A text that counts how often one of its characters is looked at. */
function countingText(text: string): { readonly text: string; readonly looks: () => number } {
  let looks = 0;
  const counted = new Proxy(Object(text) as object, {
    get: (target, name) => {
      if (name === 'codePointAt') return (at: number) => text.codePointAt(at);
      if (typeof name === 'string' && /^\d+$/.test(name)) looks += 1;
      return Reflect.get(target, name);
    },
  });
  return { text: counted as unknown as string, looks: () => looks };
}

describe('a wildcard', () => {
  it('looks at no character more often than it has characters itself', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '*', '?', '*a', '*ab', 'aaaa'), { minLength: 1, maxLength: 60 })
      .map((parts) => `*${parts.join('')}b`);
    const text = fc.integer({ min: 0, max: 2000 }).map((length) => 'a'.repeat(length));

    fc.assert(
      fc.property(pattern, text, (wildcard, hostile) => {
        const counted = countingText(hostile);

        compileWildcard(wildcard)(counted.text);

        expect(counted.looks()).toBeLessThanOrEqual((wildcard.length + 1) * (hostile.length + 1));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a regular expression of a policy', () => {
  it.each(['(a+)+$', '(a|a)*$', '(a*)*b', '(.*a){20}', '([a-zA-Z]+)*$', '(x+x+)+y', '^(a?){50}a{50}$'])(
    '%s, which stalls a backtracking engine for years, ends',
    (pattern) => {
      expect(typeof compileRegex(pattern)(`${'a'.repeat(2000)}!`)).toBe('boolean');
    },
  );

  it.each(['((a{100}){100}){100}', 'a{1001}', '(a{1000}){1000}', '(?=a)', '(a)\\1', '(?<!a)b'])(
    '%s is refused: it is too large, or beyond RE2',
    (pattern) => {
      expect(regexFault(pattern)).toBeDefined();
    },
  );

  it('is compiled by RE2 and by nothing else', () => {
    const found = sources().flatMap(({ file, text }) =>
      [...text.matchAll(/\bRegExp\(|RE2JS\.compile\(|\.(?:match|matchAll)\((?!\/)/g)].map(
        ([call]) => `${file} ${call}`,
      ),
    );

    // Each builds its expression from words of this program: tokens of date-fns, and names of secrets.
    const own = ['lib/policy/date-format.ts RegExp(', 'lib/redact.ts RegExp(', 'lib/redact.ts .match('];
    expect(found.filter((one) => !own.includes(one)).sort()).toEqual(['lib/policy/regex.ts RE2JS.compile(']);
  });
});

function sources(): readonly { readonly file: string; readonly text: string }[] {
  return ['lib', 'cli', 'functions'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => {
        const file = `${folder}/${name}`;
        return { file, text: readFileSync(join(ROOT, file), 'utf8') };
      }),
  );
}
