import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { inProcess } from '../support/in-process.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-init-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const tagsweep = (...words: string[]) => inProcess((io) => run([...words, '--policies-dir', folder], io), {});

describe('init', () => {
  it('writes a policy and its tests, which hold', async () => {
    const { code, out } = await tagsweep(
      'init',
      'no-ci',
      '--keys',
      'ci-*,build-id',
      '--keep',
      'team',
      '--older-than',
      '7d',
    );

    expect(code).toBe(0);
    expect(out).toContain('tagsweep plan no-ci');
    expect((await tagsweep('validate', folder)).code).toBe(0);
    const tested = await tagsweep('test', '--mutants');
    expect(tested).toMatchObject({ code: 0, out: expect.stringContaining('all passed') });
  });

  it('overwrites nothing', async () => {
    writeFileSync(join(folder, 'a.test.yaml'), 'mine');

    const { code, err } = await tagsweep('init', 'a', '--keys', 'x');

    expect(code).toBe(2);
    expect(err).toContain('a.test.yaml is there already');
    expect(readFileSync(join(folder, 'a.test.yaml'), 'utf8')).toBe('mine');
  });

  it('tells what a fleet shows, and writes the policy for one of it', async () => {
    const fleet = join(folder, 'fleet.json');
    const tags = [{ env: 'dev' }, { env: 'dev', Env: 'x' }];
    const resources = tags.map((one, at) => ({
      id: `eci-${at}`,
      type: 'ContainerGroup',
      region: 'cn-hangzhou',
      tags: one,
    }));
    writeFileSync(fleet, JSON.stringify({ resources }));

    const told = await tagsweep('init', '--fleet', fleet);
    const made = await tagsweep('init', 'cases', '--fleet', fleet, '--finding', '1');

    expect(told).toMatchObject({ code: 0, out: '' });
    expect(told.err).toContain('1  keys that differ by case only: env, Env; 1 tag on 1 resource');
    expect(made.code).toBe(0);
    expect(readFileSync(join(folder, 'cases.yaml'), 'utf8')).toContain('caseVariantsOf');
    expect(await tagsweep('test')).toMatchObject({ code: 0, out: expect.stringContaining('2 tests') });
  });

  it.each([
    { description: 'no key where nobody can be asked', words: ['a'], says: 'give --keys A,B' },
    { description: 'no name where nobody can be asked', words: ['--keys', 'x'], says: 'give NAME' },
    { description: 'a name that is a path', words: ['../a', '--keys', 'x'], says: 'is no name of a policy' },
    { description: 'a key of the cloud', words: ['a', '--keys', 'acs:x'], says: 'never removed' },
    {
      description: 'a region that no list knows',
      words: ['a', '--keys', 'x', '--regions', 'cn-hangzou'],
      says: 'cn-hangzhou',
    },
    {
      description: 'a duration without a unit',
      words: ['a', '--keys', 'x', '--older-than', '7'],
      says: 'is no duration',
    },
    { description: 'a finding without a fleet', words: ['a', '--finding', '1'], says: '--fleet FILE' },
  ])('refuses $description', async ({ words, says }) => {
    const { code, err } = await tagsweep('init', ...words);

    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});
