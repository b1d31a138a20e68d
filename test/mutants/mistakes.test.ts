import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MISTAKES } from './mistakes.ts';

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');

describe('the table of mistakes', () => {
  it.each(MISTAKES)(
    '$name can be made: its text stands once in $file, and its tests are there',
    (mistake) => {
      expect(read(mistake.file).split(mistake.right).length - 1).toBe(1);
      expect(mistake.wrong).not.toBe(mistake.right);
      for (const file of mistake.tests) expect(read(file)).not.toBe('');
    },
  );

  it('calls each by a name of its own', () => {
    expect(new Set(MISTAKES.map(({ name }) => name)).size).toBe(MISTAKES.length);
  });
});
