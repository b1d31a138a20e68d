import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listPolicyFolder,
  listPolicyNames,
  readPolicyByName,
  readPolicyFile,
} from '../../../lib/cloud/policy-folder.ts';

const policyText = (name: string) =>
  `{version: 1, name: ${name}, scope: {regions: [cn-hangzhou]}, remove: [{key: "ci-*"}]}`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-policies-'));
  mkdirSync(join(folder, 'inside'));
  writeFileSync(join(folder, 'inside', 'strip.yaml'), policyText('strip'));
  writeFileSync(join(folder, 'outside.yaml'), policyText('outside'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('readPolicyByName', () => {
  it.each(['.yaml', '.yml', '.json'])('finds a policy in a file that ends in %s', async (ending) => {
    writeFileSync(
      join(folder, 'inside', `other${ending}`),
      JSON.stringify({
        version: 1,
        name: 'other',
        scope: { regions: ['cn-hangzhou'] },
        remove: [{ key: 'x' }],
      }),
    );

    expect((await readPolicyByName(join(folder, 'inside'), 'other')).name).toBe('other');
  });

  it('finds a policy in a subfolder, and refuses two of one name there', async () => {
    for (const sub of ['one', 'two']) mkdirSync(join(folder, 'inside', sub));
    writeFileSync(join(folder, 'inside', 'one', 'deep.yaml'), policyText('deep'));
    const found = await readPolicyByName(join(folder, 'inside'), 'deep');
    writeFileSync(join(folder, 'inside', 'two', 'deep.yaml'), policyText('deep'));

    expect(found.name).toBe('deep');
    await expect(readPolicyByName(join(folder, 'inside'), 'deep')).rejects.toThrow('two policies deep');
  });

  it('reads the file anew each time', async () => {
    const inside = join(folder, 'inside');
    const before = await readPolicyByName(inside, 'strip');
    writeFileSync(join(inside, 'strip.yaml'), policyText('strip').replace('ci-*', 'tmp-*'));

    expect((await readPolicyByName(inside, 'strip')).digest).not.toBe(before.digest);
  });

  it.each([
    '../outside',
    '/etc/passwd',
    'inside/../strip',
    'strip.yaml',
    '..',
    '',
    'STRIP',
    'strip\u0000',
    'a'.repeat(64),
  ])('refuses the name %j, which is no plain name', async (name) => {
    await expect(readPolicyByName(join(folder, 'inside'), name)).rejects.toMatchObject({
      code: 'POLICY_NOT_FOUND',
    });
  });

  it('says what was probably meant', async () => {
    await expect(readPolicyByName(join(folder, 'inside'), 'stripp')).rejects.toThrow('did you mean strip?');
  });

  it('names the policies that there are', async () => {
    await expect(readPolicyByName(join(folder, 'inside'), 'finance')).rejects.toThrow('it holds strip.');
  });

  it('says so when the folder is missing', async () => {
    await expect(readPolicyByName(join(folder, 'nowhere'), 'strip')).rejects.toThrow(
      'holds no policy, or cannot be read',
    );
  });
});

describe('readPolicyFile', () => {
  it.each([
    ['a missing file', 'missing.yaml', 'there is no such file'],
    ['a folder', 'inside', 'it is a folder'],
  ])('tells of %s', async (_, name, message) => {
    await expect(readPolicyFile(join(folder, name))).rejects.toThrow(message);
  });

  it('does not read a file that is longer than any policy', async () => {
    truncateSync(join(folder, 'outside.yaml'), 2 * 1024 * 1024);

    await expect(readPolicyFile(join(folder, 'outside.yaml'))).rejects.toThrow('larger than 262144 bytes');
  });
});

describe('listPolicyNames', () => {
  it('leaves out tests, the schema and what is no policy', async () => {
    for (const name of ['strip.test.yaml', 'schema.json', 'README.md', 'Bad Name.yaml']) {
      writeFileSync(join(folder, 'inside', name), '');
    }

    expect(await listPolicyNames(join(folder, 'inside'))).toEqual(['strip']);
  });
});

describe('listPolicyFolder', () => {
  it('tells policies, tests and what is neither apart, in every subfolder', async () => {
    mkdirSync(join(folder, 'inside', 'deep', 'ram'), { recursive: true });
    for (const file of ['b.yml', 'c.test.yaml', 'schema.json', 'test.schema.json', 'README.md']) {
      writeFileSync(join(folder, 'inside', 'deep', file), '');
    }
    writeFileSync(join(folder, 'inside', 'a.json'), policyText('a'));
    writeFileSync(join(folder, 'inside', 'deep', 'ram', 'reader.json'), '{"Version":"1","Statement": []}');
    symlinkSync(join(folder, 'outside.yaml'), join(folder, 'inside', 'link.yaml'));

    const found = await listPolicyFolder(join(folder, 'inside'));

    const paths = (files: readonly string[]) => files.map((file) => join(folder, 'inside', file));
    expect(found).toEqual({
      policies: paths(['a.json', 'deep/b.yml', 'strip.yaml']),
      tests: paths(['deep/c.test.yaml']),
      skipped: paths([
        'deep/README.md',
        'deep/ram/reader.json',
        'deep/schema.json',
        'deep/test.schema.json',
        'link.yaml',
      ]),
    });
  });

  it('says that a folder cannot be read', async () => {
    await expect(listPolicyFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'POLICY_NOT_FOUND' });
  });
});
