import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { inProcess } from '../support/in-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-validate-'));
  const policy = {
    version: 1,
    name: 'by-what-goes',
    scope: { regions: 'all' },
    select: { tag: 'expires-at', exists: true },
    remove: [{ key: 'expires-at' }, { key: 'ci-*' }],
  };
  writeFileSync(join(folder, 'by-what-goes.json'), JSON.stringify(policy));
});

afterAll(() => rmSync(folder, { recursive: true }));

const validate = (...options: string[]) => inProcess((io) => run(['validate', folder, ...options], io), {});

describe('validate', () => {
  it('warns of what is valid and yet not meant, and ends with 0', async () => {
    const { code, out, err } = await validate();

    expect(code).toBe(0);
    expect(out).toContain('by-what-goes');
    expect(err).toMatch(/^warning select looks at tag "expires-at", which remove\[0\]/);
  });

  it('tells a program of warnings, too', async () => {
    const { out, err } = await validate('--json');

    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      files: [{ issues: [], warnings: [expect.stringContaining('does not find the rest again')] }],
    });
    expect(err).toBe('');
  });
});
