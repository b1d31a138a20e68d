import { describe, expect, it } from 'vitest';
import { compileRegex, regexFault } from '../../../lib/policy/regex.ts';

describe('regexFault', () => {
  it.each([
    ['a counted repetition of many', '(a{1000}){20}'],
    ['repetitions in one another', '((a{30}b{30}){20}){10}'],
    ['classes, counted twice', '([^x]{500}){30}'],
  ])('refuses %s, which is short and becomes large', (_, pattern) => {
    expect(pattern.length).toBeLessThan(1000);
    expect(regexFault(pattern)).toMatch(/instructions|repeat/);
    expect(() => compileRegex(pattern)).toThrow();
  });

  it.each(['^tmp[-_]', '^[a-z]{1,63}$', '^(dev|test|staging)-[0-9]{1,6}$', '(?i)^ci[-_].{0,200}$'])(
    'takes what people write: %s',
    (pattern) => {
      expect(regexFault(pattern)).toBeUndefined();
    },
  );
});
