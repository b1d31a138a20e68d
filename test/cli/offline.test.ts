import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS, GROUPS } from '../../cli/commands.ts';
import { ROOT, runCli } from '../support/cli.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-cli-'));
  writeFileSync(
    join(folder, 'faulty.yaml'),
    'version: 1\nname: faulty\nscope: { regions: [cn-hangzhou] }\nremov:\n  - key: a\nlimits: { maxTags: many }\n',
  );
  writeFileSync(
    join(folder, 'good.yaml'),
    'version: 1\nname: good\nscope: { regions: [cn-hangzhou] }\nremove:\n  - key: ci-*\n  - key: never-tested\n',
  );
  writeFileSync(
    join(folder, 'good.test.yaml'),
    'policy: good\nasOf: 2026-06-01T00:00:00Z\ntests:\n  - name: says what is not so\n    resource: { tags: { ci-run: "1", env: dev } }\n    removes: []\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tagsweep', () => {
  it('shows an overview of every command and ends with 2 when it is told nothing', async () => {
    const { code, stdout, stderr } = await runCli([]);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const name of Object.keys(COMMANDS)) expect(stderr).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('lists each command once in its overview', () => {
    const listed = Object.values(GROUPS).flatMap((commands) => commands.map(({ name }) => name));

    expect(listed.sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  it.each(Object.keys(COMMANDS))('explains %s, with its flags', async (name) => {
    const { code, stdout, stderr } = await runCli([name, '--help']);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage  tagsweep ${name}`);
  });

  it.each([
    ['a misspelt command', ['aply', 'x'], 'Did you mean apply?'],
    ['a name of the prototype', ['constructor'], 'There is no command constructor'],
    ['a flag before the command', ['--json', 'plan'], 'The command comes first'],
    ['a misspelt flag', ['plan', 'x', '--jsn'], 'Did you mean --json?'],
    [
      'one region for what would be all of them',
      ['apply', 'x', '--region', 'cn-hangzhou'],
      'Did you mean --regions?',
    ],
    [
      'a region that no list knows',
      ['plan', 'strip-ci-markers', '--regions', 'cn-hangzou'],
      '--regions cn-hangzou is a region that no list knows; did you mean cn-hangzhou?',
    ],
    [
      'a place for records where none are kept',
      ['diff', 'x', 'y', '--log-file', 'z'],
      'There is no option --log-file',
    ],
    ['a missing word', ['plan'], 'It takes at least 1, and 0 were given'],
    ['a word too many', ['schema', 'policy', 'x'], 'It takes 0 to 1 words, and 2 were given'],
    ['a schema that is none', ['schema', 'x'], 'There is no schema x: ask for policy, test, report or fleet'],
    ['a command that hides an escape sequence', ['\u001b[2J'], 'There is no command \\x1b[2J'],
  ])('ends with 2 and one clear message for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await runCli(args);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

describe('tagsweep validate', () => {
  it('accepts every policy that ships, as a folder', async () => {
    const { code, stdout, stderr } = await runCli(['validate', 'policies']);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('all valid');
  });

  it('takes tests for tests, whether a folder or a wildcard brings them', async () => {
    const files = readdirSync('policies').filter((name) => name.endsWith('.yaml'));
    const [inFolder, named] = [
      await runCli(['validate', 'policies']),
      await runCli(['validate', ...files.map((name) => join('policies', name))]),
    ];

    expect(inFolder).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/allow-list\.test\.yaml.* \d tests/),
    });
    expect(named).toEqual(inFolder);
  });

  it('finds the faults of a test', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tagsweep-slip-')), 'slip.test.yaml');
    writeFileSync(
      file,
      'policy: good\nasOf: 2026-06-01\ntests:\n  - name: a slip\n    resorce: {}\n    removes: []\n',
    );

    const { code, stderr } = await runCli(['validate', file]);

    expect(code).toBe(2);
    expect(stderr).toContain('resorce is not a known key; did you mean resource?');
  });

  it('tells every fault with line, column and what was meant', async () => {
    const { code, stderr } = await runCli(['validate', join(folder, 'faulty.yaml')]);

    expect(code).toBe(2);
    expect(stderr).toContain('faulty.yaml:4:1: remov is not a known key; did you mean remove?');
    expect(stderr).toContain('faulty.yaml:6:20: limits.maxTags');
    expect(stderr).toContain('> 4 | remov:');
  });

  it('prints JSON alone with --json', async () => {
    const { code, stdout, stderr } = await runCli([
      'validate',
      '--json',
      join(folder, 'faulty.yaml'),
      join(folder, 'good.yaml'),
    ]);

    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const verdict = JSON.parse(stdout);
    expect(verdict).toMatchObject({ valid: false, files: [{ valid: false }, { valid: true, name: 'good' }] });
    expect(verdict.files[0].issues).toContainEqual(expect.objectContaining({ line: 4, column: 1 }));
  });

  it('tells of a file that is not there', async () => {
    expect(await runCli(['validate', 'nowhere.yaml'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no such file'),
    });
  });
});

describe('tagsweep test', () => {
  it('passes the tests of every policy that ships', async () => {
    const { code, stdout } = await runCli(['test']);

    expect(code).toBe(0);
    expect(stdout).toContain('all passed');
  });

  it('ends with 1 for a test that fails, says why, and names rules that no test reaches', async () => {
    const { code, stdout } = await runCli(['test', join(folder, 'good.test.yaml')]);

    expect(code).toBe(1);
    expect(stdout).toContain('ci-run is removed by');
    expect(stdout).toMatch(/no test reaches .*never-tested/);
  });

  it('prints JSON alone with --json', async () => {
    const { code, stdout, stderr } = await runCli(['test', folder, '--json']);

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ files: [{ policy: 'good', passed: false }], faulty: 0 });
  });
});

describe('tagsweep schema', () => {
  it('prints the schema that ships', async () => {
    const { code, stdout } = await runCli(['schema']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(ROOT, 'policies/schema.json'), 'utf8')));
  });

  it('prints that of a report, too', async () => {
    const { code, stdout } = await runCli(['schema', 'report']);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(readFileSync(join(ROOT, 'docs/report.schema.json'), 'utf8')),
    );
  });
});

describe('tagsweep ram', () => {
  it('says when RAM would not take the policy for its length', async () => {
    const regions = Array.from({ length: 40 }, (_, index) => `cn-region-${index}`);
    const policy = { version: 1, name: 'many', scope: { regions }, remove: [{ key: 'ci-*' }] };
    writeFileSync(join(folder, 'many.json'), JSON.stringify(policy));

    const { code, stdout, stderr } = await runCli([
      'ram',
      join(folder, 'many.json'),
      '--offline-regions',
      regions.join(),
    ]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout).Version).toBe('1');
    expect(stderr).toContain('RAM takes 6144 characters');
  });

  it('prints a policy for the regions and types of one cleanup policy', async () => {
    const { code, stdout } = await runCli([
      'ram',
      join(folder, 'good.yaml'),
      '--account',
      '1234567890123456',
      '--for',
      'function',
    ]);

    expect(code).toBe(0);
    const { Statement } = JSON.parse(stdout) as { Statement: { Action: string[]; Resource: string[] }[] };
    const untag = Statement.find(({ Action }) => Action.includes('eci:UntagResources'));
    expect(untag?.Resource).toContain('acs:eci:cn-hangzhou:1234567890123456:containergroup/*');
    expect(Statement.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('gives a reader nothing that changes a tag', async () => {
    const { stdout } = await runCli(['ram', join(folder, 'good.yaml'), '--for', 'reader']);

    expect(stdout).not.toMatch(/Untag|eci:TagResources|Post/);
  });

  it('refuses an audience that there is not', async () => {
    expect(await runCli(['ram', join(folder, 'good.yaml'), '--for', 'everybody'])).toMatchObject({ code: 2 });
  });
});
