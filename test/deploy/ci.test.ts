import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { emulatorEnvironment, ROOT } from '../support/cli.ts';
import { IDENTITIES } from '../support/roles.ts';

const ACTION = join(ROOT, '.github/actions/tagsweep');

interface Step {
  readonly name: string;
  readonly if?: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A stand-in for GitHub's own command line: comments of one pull request, kept in a file. */
const GH = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require('node:fs');
const file = process.env.GH_STORE;
const comments = JSON.parse(readFileSync(file, 'utf8'));
const words = process.argv.slice(2);
const valueOf = (flag) => words[words.indexOf(flag) + 1];
const body = words.includes('--field') && readFileSync(valueOf('--field').replace('body=@', ''), 'utf8');
if (words.includes('POST')) comments.push({ id: comments.length + 1, user: { type: 'Bot' }, body });
else if (words.includes('PATCH')) comments.find(({ id }) => words.some((word) => word.endsWith('/comments/' + id))).body = body;
else {
  const own = comments.filter(({ user, body }) => user.type === 'Bot' && body.startsWith('<!-- tagsweep-diff -->'));
  const field = valueOf('--jq').endsWith('.id') ? 'id' : 'body';
  for (const one of own) console.log(one[field]);
}
writeFileSync(file, JSON.stringify(comments));
`;

let folder: string;
let emulator: Emulator;

const git = (...words: string[]) =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
    stdio: 'pipe',
  });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const policy = (name: string, rest: string) =>
  write(`policies/${name}.yaml`, `version: 1\nname: ${name}\nscope: { regions: [cn-hangzhou] }\n${rest}\n`);
const comments = () => JSON.parse(readFileSync(join(folder, 'gh.json'), 'utf8')) as { body: string }[];
const tagsLeft = () =>
  emulator.state
    .snapshot()
    .flatMap(({ tags = {} }) => Object.keys(tags).filter((key) => key.startsWith('ci-')));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-ci-'));
  const fleet = Array.from({ length: 30 }, (_, at) => ({
    id: `eci-${at}`,
    type: 'ContainerGroup' as const,
    region: 'cn-hangzhou',
    tags: at < 3 ? { 'ci-run': `${at}`, team: 'core' } : { team: 'core' },
  }));
  emulator = await startEmulator({ fleet, identities: IDENTITIES });
  for (const name of ['policies', 'bin', 'temp']) mkdirSync(join(folder, name));
  write('bin/gh', GH);
  chmodSync(join(folder, 'bin/gh'), 0o755);
  write(
    'gh.json',
    JSON.stringify([{ id: 1, user: { type: 'User' }, body: '<!-- tagsweep-diff -->\nnot mine' }]),
  );
  policy('ci', 'remove: [{ key: "ci-*" }]');
  write(
    'policies/ci.test.yaml',
    'policy: ci\nasOf: 2026-06-01T00:00:00Z\ntests:\n  - { name: one, resource: { region: cn-hangzhou, tags: { ci-run: "1" } }, removes: [ci-run] }\n',
  );
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'before');
  policy('ci', 'mode: apply\nremove: [{ key: "ci-*" }]');
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

/** Runs a script as a runner would, in the folder of the repository. */
function bash(script: string, env: Readonly<Record<string, string>>) {
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      HOME: folder,
      TAGSWEEP: `${process.execPath} ${join(ROOT, 'bin/tagsweep.js')}`,
      TAGSWEEP_LOG_FILE: join(folder, 'records.jsonl'),
      RUNNER_TEMP: join(folder, 'temp'),
      GITHUB_REPOSITORY: 'acme/tags',
      GITHUB_ACTION_PATH: ACTION,
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      GH_STORE: join(folder, 'gh.json'),
      ...emulatorEnvironment(emulator.url),
      ...env,
    },
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (told += piece));
  return new Promise<{ code: number | null; told: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, told })),
  );
}

/** Runs the steps of the action in order, as far as their conditions hold; ends at the first that fails. */
async function runAction(inputs: Readonly<Record<string, string>>) {
  const { runs, inputs: known } = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8')) as {
    runs: { steps: Step[] };
    inputs: Record<string, { default: string }>;
  };
  const value = (name: string) => inputs[name] ?? known[name]!.default;
  const holds = (condition = '') =>
    condition.split(' && ').every((part) => {
      const [, name, operator] = /^inputs\.(\w+) (==|!=) ''$/.exec(part) ?? [];
      return name === undefined || (value(name) === '') === (operator === '==');
    });
  const ran: string[] = [];
  for (const step of runs.steps.filter((one) => holds(one.if))) {
    const env = Object.entries(step.env).flatMap(([name, text]): [string, string][] => {
      const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(text)?.[1];
      // How tagsweep is called is the only thing that is not as there.
      return name === 'TAGSWEEP' || input === undefined ? [] : [[name, value(input)]];
    });
    ran.push(step.name);
    const { code, told } = await bash(step.run, Object.fromEntries(env));
    if (code !== 0) return { ran, code, told };
  }
  return { ran, code: 0, told: '' };
}

describe('the action for GitHub', () => {
  it('checks, tests, compares, and keeps one comment up to date', async () => {
    const first = await runAction({ base: 'HEAD', comment: '7' });
    const again = await runAction({ base: 'HEAD', comment: '7' });

    expect(first).toMatchObject({ code: 0, told: '' });
    expect(first.ran).toHaveLength(4);
    expect(again.code).toBe(0);
    expect(comments().map(({ body }) => body.split('\n')[1])).toEqual([
      'not mine',
      '### tagsweep: 1 policy changed',
    ]);
    expect(comments()[1]!.body).toMatch(/<!-- tagsweep-apply ci sha256:[0-9a-f]{64} -->/);
    expect(readFileSync(join(folder, 'temp/tagsweep-tests.xml'), 'utf8')).toContain('tests="1" failures="0"');
    expect(tagsLeft()).toHaveLength(3);
  });

  it('applies on the merge what was reviewed, and only that', async () => {
    await runAction({ base: 'HEAD', comment: '7' });

    expect(await runAction({ apply: '7' })).toMatchObject({ ran: ['Apply what was reviewed'], code: 0 });
    expect(tagsLeft()).toEqual([]);
  });

  it('applies nothing where the plan is not the reviewed one any more', async () => {
    await runAction({ base: 'HEAD', comment: '7' });
    policy('ci', 'mode: apply\nremove: [{ key: "ci-*" }, { key: team }]');

    const { code, told } = await runAction({ apply: '7' });

    expect(code).toBe(1);
    expect(told).toMatch(/digest/);
    expect(tagsLeft()).toHaveLength(3);
  });

  it('ends with the faults of a policy beside their lines', async () => {
    write('policies/ci.yaml', 'version: 1\nname: ci\nscope: { regions: all }\nremove: [{ kye: x }]\n');

    const { code, told, ran } = await runAction({ base: 'HEAD' });

    expect(code).not.toBe(0);
    expect(ran).toEqual(['Check the policies']);
    expect(told).toContain('::error file=policies/ci.yaml,line=4,col=12::remove[0].kye is not a known key');
  });

  it('compares on a saved fleet without any credentials', async () => {
    write(
      'fleet.json',
      JSON.stringify({
        resources: [{ id: 'a', type: 'ImageCache', region: 'cn-hangzhou', tags: { 'ci-x': '' } }],
      }),
    );

    const { code } = await runAction({ base: 'HEAD', fleet: 'fleet.json' });

    expect(code).toBe(0);
    const page = readFileSync(join(folder, 'temp/tagsweep-diff.md'), 'utf8');
    expect(page).toContain('1 resource');
    expect(page).not.toContain('tagsweep-apply');
  });
});

describe('the pipeline for Yunxiao', () => {
  it('runs the same steps', async () => {
    git('remote', 'add', 'origin', folder);
    const pipeline = parse(readFileSync(join(ROOT, 'deploy/ci/yunxiao.yml'), 'utf8'));
    const script: string = pipeline.stages.check.jobs.check.steps.check.with.run;

    const { code, told } = await bash(script, {});

    expect(told).toContain('### tagsweep: 1 policy changed');
    expect(code).toBe(0);
  });
});

describe('the workflow that uses the action', () => {
  it('gives it only inputs that it has, and pins whatever else it uses', () => {
    const { inputs } = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8'));
    const { jobs } = parse(readFileSync(join(ROOT, 'deploy/ci/github.yml'), 'utf8'));
    const steps = Object.values(
      jobs as Record<string, { steps: { uses?: string; with?: object }[] }>,
    ).flatMap((job) => job.steps);

    const own = steps.filter(({ uses }) => uses === './.github/actions/tagsweep');
    expect(own).toHaveLength(2);
    for (const step of own)
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with!)));
    for (const { uses } of steps) {
      if (uses !== undefined && !uses.startsWith('./')) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    }
  });
});
