import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { startEmulator } from '../../emulator/server.ts';
import { VERSION } from '../../lib/version.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { emulatorEnvironment, ROOT } from '../support/cli.ts';

const run = promisify(execFile);

/** More than that is a package that nobody meant to bundle; 15 MB would still be bearable. */
const MOST_BYTES = 4_000_000;

const POLICY = 'version: 1\nname: strip\nscope: { regions: [cn-hangzhou] }\nremove:\n  - key: ci-*\n';

let home: string;
/** Where a stranger installed the packed file: nothing else is there. */
let folder: string;
let installed: string;

/** Neither settings of this process, nor a registry, nor what npm kept of one. */
const environment = () => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
});

const npm = (args: readonly string[], cwd: string) => run('npm', args, { cwd, env: environment() });

/** The installed command, as the shell finds it. */
const tagsweep = (args: readonly string[], env: Record<string, string> = {}) =>
  run(join(folder, 'node_modules/.bin/tagsweep'), args, { cwd: folder, env: { ...environment(), ...env } });

const filesOf = (path: string) =>
  readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(path, name)).isFile());

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tagsweep-package-'));
  folder = join(home, 'empty');
  mkdirSync(folder);
  const { stdout } = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', home], ROOT);
  const [{ filename }] = JSON.parse(stdout);
  await npm(['install', '--no-audit', '--no-fund', join(home, filename)], folder);
  installed = join(folder, 'node_modules/@tagsweep/cli');
  writeFileSync(join(folder, 'strip.yaml'), POLICY);
}, 120_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the packed file, installed into an empty folder', () => {
  it('brings one package and no other, and is small', () => {
    const packages = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));

    expect(packages).toEqual(['@tagsweep']);
    expect(readdirSync(join(folder, 'node_modules/@tagsweep'))).toEqual(['cli']);
    const bytes = filesOf(installed).reduce((sum, name) => sum + statSync(join(installed, name)).size, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it('holds what runs and what licences ask for, and neither sources nor the function', () => {
    const tops = new Set(filesOf(installed).map((name) => name.split('/').slice(0, 2).join('/')));

    expect([...tops].filter((name) => !name.startsWith('policies/')).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'bin/tagsweep.js',
      'dist/cli',
      'dist/pages',
      'package.json',
    ]);
  });

  it('names every package that is bundled, with the text of its licence', () => {
    const [sbom, notices] = ['sbom.cdx.json', 'THIRD-PARTY-NOTICES.txt'].map((name) =>
      readFileSync(join(installed, 'dist/cli', name), 'utf8'),
    ) as [string, string];
    const { components } = JSON.parse(sbom);

    const names = components.map(({ name }: { readonly name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['@alicloud/credentials', '@alicloud/log', 'yaml', 'zod']));
    for (const { name, version, licenses } of components) {
      expect(notices).toContain(`${name} ${version}`);
      expect({ name, licenses }).toEqual({ name, licenses: [{ license: { id: expect.any(String) } }] });
    }
  });

  it('bundles nothing by our own choice that the decision on dependencies does not give a reason for', () => {
    const { components } = JSON.parse(readFileSync(join(installed, 'dist/cli/sbom.cdx.json'), 'utf8'));
    const decision = readFileSync(join(ROOT, 'docs/decisions/0003-runtime-dependencies.md'), 'utf8');

    const chosen = components
      .map(({ name }: { readonly name: string }) => name)
      .filter((name: string) => Object.hasOwn(packageJson.devDependencies, name));
    expect(chosen.length).toBeGreaterThan(10);
    const reasons = (name: string) => [name, name.replace('@alicloud/', '')].map((one) => `\`${one}\``);
    expect(chosen.filter((name: string) => !reasons(name).some((word) => decision.includes(word)))).toEqual(
      [],
    );
  });

  it('has nothing that publint finds fault with', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });

    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('is called by its short name', async () => {
    const { stdout } = await npm(['exec', '--', 'tagsweep', '--version'], folder);

    expect(stdout).toBe(`${VERSION}\n`);
  });

  it('validates the policies that it brings, and a folder of its user', async () => {
    const { stdout } = await tagsweep(['validate', join(installed, 'policies'), 'strip.yaml']);

    expect(stdout).toMatch(/^\d+ files, all valid$/m);
  });

  it('plans against the cloud, also as a page, and applies with records in the log store', async () => {
    const fleet = [
      {
        id: 'eci-1',
        type: 'ContainerGroup' as const,
        region: 'cn-hangzhou',
        tags: { 'ci-run': '1', env: 'dev' },
      },
    ];
    const emulator = await startEmulator({ fleet });

    try {
      const env = emulatorEnvironment(emulator.url, DEFAULT_IDENTITY);
      const plan = await tagsweep(['plan', 'strip.yaml', '--html', 'plan.html'], env);
      const place = ['--log-project', 'tagsweep', '--log-store', 'audit'];
      const applied = await tagsweep(['apply', 'strip.yaml', '--yes', '--json', ...place], env);

      expect(plan.stdout).toContain('1 tag would go from 1 resource');
      expect(readFileSync(join(folder, 'plan.html'), 'utf8')).toContain('eci-1');
      expect(JSON.parse(applied.stdout)).toMatchObject({ outcome: 'success' });
      expect(emulator.state.snapshot()[0]?.tags).toEqual({ env: 'dev' });
    } finally {
      await emulator.close();
    }
  });

  it('brings the emulator, to try things on without a clone', async () => {
    const child = spawn(join(folder, 'node_modules/.bin/tagsweep'), ['emulator', '--resources', '10'], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });

    try {
      let said = '';
      for await (const piece of child.stdout.setEncoding('utf8')) {
        said += piece;
        if (said.includes('Ctrl-C')) break;
      }
      const variables = [...said.matchAll(/^export (\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]);
      const { stdout } = await tagsweep(['plan', 'strip.yaml', '--json'], Object.fromEntries(variables));

      expect(stdout).toContain('"policy": {"name":"strip"');
    } finally {
      const ended = once(child, 'close');
      child.kill('SIGINT');
      await ended;
    }
  });
});
