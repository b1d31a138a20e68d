import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { widthOf } from '../../cli/fit.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';
import { IDENTITIES } from '../support/roles.ts';
import { HAS_TERMINAL, runAtTerminal } from '../support/terminal.ts';

/** A rule and a key that are longer than a column, in two scripts, and a policy that takes some of the same. */
const POLICY = `version: 1
name: strip
scope: { regions: [cn-hangzhou] }
remove:
  - { key: "ci-*", when: { not: { equals: "a value that nobody has, but which makes the rule a long one" } } }
  - { key: "成本中心-临时标签-*" }
limits: { maxPercent: 100, canary: 0 }
`;

const OTHER = `version: 1
name: other
scope: { regions: [cn-hangzhou] }
remove: [{ key: "ci-run*" }]
limits: { maxPercent: 100 }
`;

const FLEET = Array.from({ length: 24 }, (_, index) => ({
  id: `eci-2ze81zoc3yl7a3we${String(index).padStart(4, '0')}`,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  name: `nightly-job-with-quite-a-name-${index}`,
  tags: {
    'ci-run-of-the-pipeline-that-made-it': `https://ci.example.com/pipelines/${index}/of-a-long-name`,
    '成本中心-临时标签-华东一区': '平台工程部门与支付团队共同使用',
    env: 'dev',
  },
}));

let emulator: Emulator;
let folder: string;
let runId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-screens-'));
  writeFileSync(join(folder, 'strip.yaml'), POLICY);
  writeFileSync(join(folder, 'other.yaml'), OTHER);
  emulator = await startEmulator({ fleet: FLEET, identities: IDENTITIES });
  // Some of it only, so that there is something left to plan.
  const ids = FLEET.slice(0, 12).map(({ id }) => id);
  const apply = [
    'apply',
    'strip.yaml',
    '--yes',
    '--resource-ids',
    ids.join(','),
    '--log-file',
    'records.jsonl',
  ];
  const { stderr, code } = await runCli(apply, { cwd: folder, env: emulatorEnvironment(emulator.url) });
  if (code !== 0) throw new Error(stderr);
  runId = JSON.parse(readFileSync(join(folder, 'records.jsonl'), 'utf8').split('\n')[0]!).run_id;
});

afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const LOG = ['--log-file', 'records.jsonl'];
const [GONE, THERE] = [FLEET[0]!.id, FLEET[20]!.id];

const SCREENS: readonly (readonly [string, () => readonly string[]])[] = [
  ['plan', () => ['plan', 'strip.yaml']],
  ['plan --all', () => ['plan', 'strip.yaml', '--all']],
  ['plan of a set', () => ['plan', 'strip.yaml', 'other.yaml']],
  ['explain', () => ['explain', 'strip.yaml', THERE]],
  ['diff', () => ['diff', 'strip.yaml', 'other.yaml']],
  ['history', () => ['history', ...LOG]],
  ['show', () => ['show', runId, ...LOG]],
  ['who', () => ['who', GONE, ...LOG]],
  ['undo', () => ['undo', runId, ...LOG]],
  ['verify', () => ['verify', runId, ...LOG]],
  ['doctor', () => ['doctor', 'strip.yaml']],
  ['a report', () => ['apply', 'other.yaml', '--yes', '--resource-ids', GONE, ...LOG]],
  ['an error', () => ['plan', 'strip.yaml', '--regions', 'cn-hangzou']],
];

/** What a person sees; where there is no terminal to be had, what is printed to one of the width that COLUMNS says. */
async function screenOf(args: readonly string[], columns: number): Promise<string> {
  const env = emulatorEnvironment(emulator.url);
  if (HAS_TERMINAL) {
    const replies = args[0] === 'undo' ? [{ after: 'back? [y/N]', keys: 'n\r' }] : [];
    const { screen } = await runAtTerminal(args, { cwd: folder, env, columns, replies });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a moving line is taken back before anything else.
    return screen.replaceAll('\r\n', '\n').replaceAll(/[^\n]*\r\u001b\[K/g, '');
  }
  const { stdout, stderr } = await runCli(args, { cwd: folder, env: { ...env, COLUMNS: String(columns) } });
  return stderr + stdout;
}

describe.each([60, 80, 132])('at %i columns', (columns) => {
  it.each(SCREENS)('%s breaks between words', async (_, args) => {
    const screen = await screenOf(args(), columns);

    expect(screen.trim()).not.toBe('');
    const broken = screen.split('\n').filter((line) => widthOf(line) > columns && /\S\s+\S/.test(line));
    expect(broken).toEqual([]);
  });
});

describe('where output is not a terminal, or with --wide', () => {
  it('cuts nothing', async () => {
    const env = emulatorEnvironment(emulator.url);
    const piped = await runCli(['plan', 'strip.yaml'], { cwd: folder, env });
    const wide = await runCli(['plan', 'strip.yaml', '--wide'], {
      cwd: folder,
      env: { ...env, COLUMNS: '60' },
    });
    const narrow = await runCli(['plan', 'strip.yaml'], { cwd: folder, env: { ...env, COLUMNS: '60' } });

    for (const { stdout } of [piped, wide]) {
      expect(stdout).not.toContain('…');
      expect(stdout).toContain('ci-run-of-the-pipeline-that-made-it');
      expect(stdout).toContain('平台工程部门与支付团队共同使用');
    }
    expect(narrow.stdout).toContain('…');
  });

  it('leaves JSON as it is, whatever the width', async () => {
    const env = { ...emulatorEnvironment(emulator.url), COLUMNS: '60' };

    const { stdout } = await runCli(['plan', 'strip.yaml', '--json'], { cwd: folder, env });

    expect(JSON.parse(stdout).removals).toHaveLength(12);
    expect(stdout.split('\n').some((line) => line.length > 60)).toBe(true);
  });
});
