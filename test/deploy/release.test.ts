import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from '../support/cli.ts';

const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions: Record<string, string>;
  readonly jobs: Record<
    string,
    { readonly permissions?: Record<string, string>; readonly steps: readonly Step[] }
  >;
}

describe('the release workflow', () => {
  const text = textOf('.github/workflows/release.yml');
  const workflow = parse(text) as Workflow;
  const { pack, publish } = workflow.jobs;
  const runOf = (job: typeof pack, name: string) => job?.steps.find((step) => step.name === name)?.run ?? '';

  /** Runs a step as the runner does, in a copy of what it needs. */
  function runStep(script: string, environment: Record<string, string>) {
    const folder = mkdtempSync(join(tmpdir(), 'tagsweep-release-'));
    for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'bin', 'dist', 'policies']) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    const env = { PATH: process.env.PATH ?? '', HOME: folder, npm_config_offline: 'true', ...environment };
    const { status } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd: folder, env });
    return { status, folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
  }

  it('uses actions by the digest of their commit, with the version beside it', () => {
    const used = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);

    expect(used.length).toBeGreaterThan(3);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('may read alone, but for what publishes, which runs nothing of ours and knows no secret', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(pack?.permissions).toBeUndefined();
    expect(publish?.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
    expect(publish?.steps.map(({ uses }) => uses ?? '').join()).not.toContain('checkout');
    expect(text).not.toContain('secrets.');
  });

  it('publishes what the gate has passed, with provenance', () => {
    const names = pack?.steps.map(({ name }) => name);

    expect(runOf(pack, 'The gate')).toBe('.ci/run');
    expect(names?.indexOf('The gate')).toBeLessThan(names?.indexOf('Pack') ?? -1);
    expect(runOf(publish, 'Publish')).toMatch(/npm publish \.\/tagsweep-cli-\*\.tgz --provenance/);
  });

  it.each([
    { description: 'goes on for the tag of this version', tag: `v${packageJson.version}`, status: 0 },
    { description: 'ends for any other tag', tag: 'v9.9.9', status: 1 },
  ])('$description', ({ tag, status }) => {
    using ended = runStep(runOf(pack, 'The tag is the version'), { GITHUB_REF_NAME: tag });

    expect(ended.status).toBe(status);
  });

  it('packs a file that says which repository it is from, as provenance asks, and digests that hold', () => {
    const origin = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/tagsweep' };

    using ended = runStep(runOf(pack, 'Pack'), origin);

    const packed = join(ended.folder, 'packed');
    const archive = `tagsweep-cli-${packageJson.version}.tgz`;
    expect(readdirSync(packed).sort()).toEqual(['SHA256SUMS', 'cleanup.zip', archive]);
    const [check] = runOf(publish, 'Publish').split('\n');
    expect(spawnSync('bash', ['-c', check ?? 'false'], { cwd: packed }).status).toBe(0);
    const manifest = spawnSync('tar', ['-xOzf', archive, 'package/package.json'], { cwd: packed }).stdout;
    expect(JSON.parse(String(manifest)).repository.url).toBe('git+https://github.com/acme/tagsweep.git');
  });
});

describe('the Dockerfile', () => {
  const text = textOf('Dockerfile');
  const dockerfile = DockerfileParser.parse(text);
  const instructions = dockerfile.getInstructions();
  const lastFrom = instructions.findLastIndex((one) => one.getKeyword() === 'FROM');
  const inLastStage = instructions.slice(lastFrom);
  const argumentOf = (keyword: string) =>
    inLastStage.find((one) => one.getKeyword() === keyword)?.getArgumentsContent() ?? '';

  it('is a Dockerfile, without a fault that a checker knows', () => {
    expect(validate(text)).toEqual([]);
  });

  it('runs on an image without a shell, of the Node that the function has, as nobody in particular', () => {
    const images = dockerfile.getInitialARGs().map((one) => one.getProperty()?.getValue());

    expect(images.at(-1)).toBe('gcr.io/distroless/nodejs20-debian12:nonroot');
    expect(images[0]).toMatch(/^node:20\.\d+\.\d+-/);
    expect(argumentOf('USER')).toBe('65532:65532');
    expect(inLastStage.map((one) => one.getKeyword())).not.toContain('RUN');
  });

  it('copies files that are there, and the package under its name', () => {
    const copied = instructions.filter((one) => one.getKeyword() === 'COPY');
    const [manifests, all, installed] = copied.map((one) =>
      one.getArguments().map((word) => word.getValue()),
    );

    expect(manifests?.slice(0, -1).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(all).toEqual(['.', '.']);
    expect(installed).toEqual([`/app/node_modules/${packageJson.name}`, '/app']);
    expect(JSON.parse(argumentOf('ENTRYPOINT'))).toEqual([
      '/nodejs/bin/node',
      `/app/${packageJson.bin.tagsweep}`,
    ]);
  });

  it('calls scripts that there are, and the packed file as npm names it', () => {
    expect(text).toContain(`${packageJson.name.replace('@', '').replace('/', '-')}-*.tgz`);
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) {
      expect(packageJson.scripts).toHaveProperty(script);
    }
  });

  it('sends nothing to the builder that git is kept from: settings, states, keys', () => {
    const without = new Set(textOf('.dockerignore').split('\n'));

    const kept = textOf('.gitignore')
      .split('\n')
      .map((line) => line.replace(/\/$/, ''))
      .filter((line) => line !== '' && line !== '.DS_Store');
    expect(kept.filter((line) => !without.has(line) && !without.has(`**/${line}`))).toEqual([]);
  });
});
