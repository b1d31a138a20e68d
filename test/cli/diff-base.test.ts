import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { inProcess } from '../support/in-process.ts';

let folder: string;
let policies: string;

const git = (...words: string[]) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
    stdio: 'pipe',
  });
const policy = (name: string, rest: string) =>
  writeFileSync(
    join(policies, `${name}.yaml`),
    `version: 1\nname: ${name}\nscope: { regions: all }\n${rest}\n`,
  );
const diff = (...words: string[]) =>
  inProcess(
    (io) => run(['diff', '--policies-dir', policies, '--fleet', join(folder, 'fleet.json'), ...words], io),
    {},
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-base-'));
  policies = join(folder, 'policies');
  mkdirSync(policies);
  const resources = [1, 2, 3].map((at) => ({
    id: `eci-${at}`,
    type: 'ContainerGroup',
    region: 'cn-hangzhou',
    tags: { 'ci-run': `${at}`, 'tmp|x': '`<b>`', team: 'core' },
  }));
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify({ resources }));
  policy('ci', 'remove: [{ key: "ci-*" }]');
  policy('old', 'remove: [{ key: team }]');
  policy('same', 'remove: [{ key: none }]');
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'before');
  policy('ci', 'mode: apply\nremove: [{ key: "ci-*" }, { key: "tmp*" }]');
  policy('new', 'remove: [{ key: "tmp*" }]');
  rmSync(join(policies, 'old.yaml'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('diff --base', () => {
  it('tells what changed, what goes now and what goes no more, on a saved fleet', async () => {
    const { code, out } = await diff('--base', 'HEAD', '--json');

    expect(code).toBe(0);
    const { changes, inventory } = JSON.parse(out);
    expect(inventory).toEqual({ complete: true, regions: ['cn-hangzhou'], resourcesSeen: 3 });
    expect(changes).toMatchObject([
      { policy: 'ci', before: { mode: 'dry-run' }, after: { mode: 'apply' }, both: 3, noMore: [] },
      { policy: 'new', both: 0, noMore: [] },
      { policy: 'old', both: 0, now: [] },
    ]);
    expect(changes[0].now).toHaveLength(3);
    expect(changes[1]).not.toHaveProperty('before');
  });

  it('is a comment in Markdown in which nothing from elsewhere means anything', async () => {
    const { code, out } = await diff('--base', 'HEAD', '--format', 'markdown');

    expect(code).toBe(0);
    expect(out).toMatch(/^<!-- tagsweep-diff -->\n### tagsweep: 3 policies changed\n/);
    expect(out).toContain('changed, mode dry-run → apply');
    expect(out).toContain('| 3 | 0 | 3 |');
    expect(out).not.toMatch(/tmp\|x|<b>|`/);
    expect(out.length).toBeLessThan(60_000);
  });

  it('says so where no policy changed', async () => {
    git('add', '-A');
    git('commit', '-qm', 'after');

    expect(await diff('--base', 'HEAD')).toMatchObject({ code: 0, out: 'No policy changed.\n' });
  });

  it.each([
    { words: ['--base', 'nowhere'], says: '--base nowhere: git knows no such commit' },
    { words: ['--base', '--help-me'], says: '--help-me' },
    { words: ['--base', 'HEAD', 'ci'], says: 'Give two policies, or --base COMMIT and none' },
    { words: ['ci'], says: 'Give two policies, or --base COMMIT and none' },
  ])('refuses $words', async ({ words, says }) => {
    const { code, err } = await diff(...words);

    expect(code).toBe(2);
    expect(err).toContain(says);
  });

  it('compares two policies on a saved fleet, too', async () => {
    const { code, out } = await diff('ci', 'new');

    expect(code).toBe(0);
    expect(out).toContain('Both remove 3 tags; 3 resources were seen.');
  });
});
