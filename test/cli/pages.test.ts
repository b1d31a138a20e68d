import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import type { Page } from '../../lib/pages/model.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';
import { scriptOf } from '../support/pages.ts';
import { IDENTITIES } from '../support/roles.ts';

const POLICY = 'version: 1\nname: strip\nscope: { regions: [cn-hangzhou] }\nremove:\n  - key: ci-*\n';
const ACCOUNT = '1234567890123456';

let emulator: Emulator;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-pages-'));
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies/strip.yaml'), POLICY);
  const fleet = Array.from({ length: 8 }, (_, n) => ({
    id: `eci-${n}`,
    type: 'ContainerGroup' as const,
    region: 'cn-hangzhou',
    name: `job-${n}`,
    tags: { 'ci-run': String(n), team: n === 0 ? 'a' : 'b', ...(n === 1 && { Team: 'b' }) },
  }));
  emulator = await startEmulator({ fleet, identities: IDENTITIES });
});

afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(args, { cwd: folder, env: { ...emulatorEnvironment(emulator.url), ...env } });

/** What a page shows, if its policy lets its script run. */
function pageIn(name: string): Page {
  const text = readFileSync(join(folder, name), 'utf8');
  expect(scriptOf(text).allowed).toBe(true);
  return JSON.parse(/id="data">([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '');
}

describe('tagsweep plan --html', () => {
  it('gives the lines that apply exactly what was planned, here and in the function', async () => {
    await cli(['plan', 'strip', '--html', 'plan.html', '--regions', 'cn-hangzhou', '--account', ACCOUNT]);

    const page = pageIn('plan.html');
    const digest = page.kind === 'plan' ? page.digest : '';
    expect(page).toMatchObject({
      kind: 'plan',
      language: 'en',
      commands: [
        {
          line: `tagsweep apply strip --regions cn-hangzhou --account ${ACCOUNT} --plan-digest ${digest}`,
        },
        {
          line: `tagsweep invoke '{"policy":"strip","mode":"apply","regions":["cn-hangzhou"],"planDigest":"${digest}"}' --account ${ACCOUNT}`,
        },
      ],
    });
  });

  it.each([
    { args: ['--lang', 'zh'], env: { LANG: 'en_US.UTF-8' }, language: 'zh-CN' },
    { args: [], env: { TAGSWEEP_LANG: 'zh-CN', LANG: 'en_US.UTF-8' }, language: 'zh-CN' },
    { args: [], env: { LANG: 'zh_CN.UTF-8' }, language: 'zh-CN' },
    { args: [], env: { LANG: 'de_DE.UTF-8' }, language: 'en' },
  ])('speaks $language by $args and $env', async ({ args, env, language }) => {
    await cli(['plan', 'strip', '--html', 'plan.html', ...args], env as Record<string, string>);

    expect(pageIn('plan.html')).toMatchObject({ language });
  });

  it('holds the plan against an earlier one', async () => {
    await cli(['plan', 'strip', '--out', 'earlier.json', '--resource-ids', 'eci-1,eci-2']);

    await cli(['plan', 'strip', '--html', 'plan.html', '--compare', 'earlier.json']);

    expect(pageIn('plan.html')).toMatchObject({ earlier: { both: 2, onlyNew: 6, onlyEarlier: 0 } });
  });

  it.each([
    { args: ['--lang', 'fr'], says: '--lang fr: that language is not spoken; en or zh-CN.' },
    {
      args: ['--compare', 'x.json'],
      says: '--compare is shown on the page: name its file with --html FILE.',
    },
    { args: ['--format', 'pdf'], says: '--format pdf: that is none; text or markdown.' },
    { args: ['--format', 'markdown', '--json'], says: 'two forms of one output: choose one.' },
    { args: ['--html', 'no/such/folder.html'], says: 'no/such/folder.html cannot be written' },
  ])('refuses $args, and says what to do', async ({ args, says }) => {
    const { code, stderr } = await cli(['plan', 'strip', ...args]);

    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe('tagsweep plan --format markdown', () => {
  it('prints the comment alone', async () => {
    const { code, stdout } = await cli(['plan', 'strip', '--format', 'markdown']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^### Plan of <code>strip<\/code>\n[\s\S]*\n```sh\ntagsweep apply strip /);
    expect(stdout).toMatch(/```\n$/);
  });
});

describe('tagsweep fleet', () => {
  it('shows what could be cleaned up, as text, as a page, and keeps it without values', async () => {
    const { code, stdout } = await cli([
      'fleet',
      '--html',
      'fleet.html',
      '--out',
      'fleet.json',
      '--hash-values',
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain('Keys that differ by case alone: team, Team, 1 on 1 resource');
    expect(stdout).toContain('Keys that no policy names: team, Team');
    expect(pageIn('fleet.html')).toMatchObject({ kind: 'fleet', resources: 8, policies: ['strip'] });
    const saved = JSON.parse(readFileSync(join(folder, 'fleet.json'), 'utf8'));
    expect(saved.resources).toHaveLength(8);
    expect(saved.resources[0].tags.team).toMatch(/^[0-9a-f]{16}$/);
  });

  it('refuses hashes that nobody keeps, and reads nothing', async () => {
    const { code, stderr } = await cli(['fleet', '--hash-values', '--html', 'none.html']);

    expect(code).toBe(2);
    expect(stderr).toContain('--hash-values goes with --out FILE.');
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });
});

describe('tagsweep show --html', () => {
  it('shows a run with the line that undoes it from the same records', async () => {
    const applied = await cli([
      'apply',
      'strip',
      '--yes',
      '--json',
      '--log-file',
      'log.jsonl',
      '--resource-ids',
      'eci-7',
    ]);
    const { runId } = JSON.parse(applied.stdout);

    await cli(['show', runId, '--log-file', 'log.jsonl', '--html', 'run.html', '--lang', 'zh-CN']);

    expect(pageIn('run.html')).toMatchObject({
      kind: 'run',
      language: 'zh-CN',
      outcome: 'success',
      ends: [{ end: 'removed', tags: 1 }],
      commands: [{ line: `tagsweep undo ${runId} --log-file log.jsonl` }],
    });
  });
});
