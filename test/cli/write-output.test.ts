import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeOutput } from '../../cli/write-output.ts';

const BOUND = { maxBytes: 5, advice: 'Narrow it.' };

describe('writeOutput', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tagsweep-test-'));
    file = join(folder, 'plan.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes the pieces one after the other, up to the bound', () => {
    writeOutput(file, ['ab', 'é', 'c'], BOUND);

    expect(readFileSync(file, 'utf8')).toBe('abéc');
  });

  it('leaves nothing of a file that would be too large, and says what to do', () => {
    expect(() => writeOutput(file, ['ab', 'éé'], BOUND)).toThrow(
      `${file} cannot be written: it is larger than 5 bytes. Narrow it.`,
    );
    expect(existsSync(file)).toBe(false);
  });

  it('says why a file cannot be written', () => {
    expect(() => writeOutput(folder, ['a'])).toThrow('it is a folder');
  });
});
