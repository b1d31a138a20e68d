import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { emulatorEnvironment, ROOT, runCli } from '../support/cli.ts';
import { deployFunction } from '../support/deployed.ts';
import { aroundTheFunction } from '../support/setup.ts';
import { deploymentFaults } from './deployment.ts';
import { serverlessDevs } from './s-preview.ts';
import { HAS_TERRAFORM, startTerraform } from './terraform/terraform.ts';

interface Line {
  readonly command: string;
  readonly remark: string;
}

/** The commands of the guide's blocks, in their order, each with its remark. */
function commandsOfGuide(): readonly Line[] {
  const guide = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  return [...guide.matchAll(/^```\n([\s\S]*?)^```/gm)]
    .flatMap(([, block = '']) => block.trim().split('\n'))
    .map((line) => {
      const [command = '', remark = ''] = line.split(/\s+# /);
      return { command: command.trim(), remark };
    });
}

const NEEDS_AN_ACCOUNT = /npx s (config|deploy|info|invoke|remove)\b/;

describe('docs/deploy.md', () => {
  it('marks the commands that need an account, and those alone', () => {
    const lines = commandsOfGuide();
    const marked = lines.filter(({ remark }) => /not tried/i.test(remark));

    expect(lines.length).toBeGreaterThan(20);
    expect(marked).toEqual(lines.filter(({ command }) => NEEDS_AN_ACCOUNT.test(command)));
  });

  it.runIf(HAS_TERRAFORM)(
    'can be walked, every other command in its order',
    async () => {
      const walk = await startWalk();
      const failed: string[] = [];
      const made: number[] = [];

      for (const { command } of commandsOfGuide()) {
        if (NEEDS_AN_ACCOUNT.test(command)) continue;
        const { code, output } = await walk.take(command);
        if (code !== 0) failed.push(`${command}: ${output}`);
        made.push(walk.emulator.ram.policies.size);
      }
      const left = aroundTheFunction(walk.emulator, 'acme-tagsweep');
      await walk.close();

      expect(failed).toEqual([]);
      expect(Math.max(...made)).toBe(5);
      expect(left).toMatchObject({ project: undefined, queues: {}, roles: {}, policies: {} });
    },
    180_000,
  );
});

interface Result {
  readonly code: number | null;
  readonly output: string;
}

/** A clone's folder, an emulated account with the function on it, and the tools. */
async function startWalk() {
  const terraform = await startTerraform();
  const { folder } = terraform;
  const resource = { id: 'eci-2zeabc', type: 'ContainerGroup', region: 'cn-hangzhou' } as const;
  const fn = await deployFunction({
    emulator: {
      fleet: [{ ...resource, created: '2026-01-01T00:00:00Z', tags: { 'ci-run': '1', env: 'dev' } }],
    },
  });
  const { url } = fn.emulator;
  const env = {
    ...emulatorEnvironment(url, DEFAULT_IDENTITY),
    ...{ TAGSWEEP_FC_ENDPOINT: url, TAGSWEEP_RAM_ENDPOINT: url, TAGSWEEP_MNS_ENDPOINT: url },
  };
  const s = serverlessDevs();

  const tagsweep = async (words: string): Promise<Result> => {
    const { code, stdout, stderr } = await runCli(words.split(' '), { cwd: folder, env });
    return { code, output: stdout + stderr };
  };

  const undo = async (words: string): Promise<Result> => {
    const { output } = await tagsweep('apply strip-ci-markers --yes --json --env .env');
    return tagsweep(words.replace('RUN', JSON.parse(output).runId));
  };

  const runTerraform = async (words: string): Promise<Result> => {
    const [action = '', ...rest] = words.split(' ');
    const asks = ['apply', 'destroy'].includes(action) ? ['-auto-approve', '-input=false'] : [];
    return terraform.run(action, ...asks, ...rest);
  };

  const preview = async (): Promise<Result> => {
    const output = deploymentFaults(await s.preview({}, folder)).join('\n');
    return { code: output === '' ? 0 : 1, output };
  };

  const run = (words: string): Promise<Result> | Result => {
    if (words.startsWith('echo ')) return { code: 0, output: words.slice(5).replaceAll("'", '') };
    if (words.startsWith('terraform ')) return runTerraform(words.replace('terraform -chdir=deploy ', ''));
    if (words === 'npx s preview') return preview();
    const own = words.replace('npx tagsweep ', '');
    return own.includes('RUN') ? undo(own) : tagsweep(own);
  };

  return {
    emulator: fn.emulator,
    /** Runs a command, into a file where it says so. */
    async take(command: string): Promise<Result> {
      const [, words = '', file] = /^(.*?)(?: >>? (\S+))?$/.exec(command) ?? [];
      const result = await run(words);
      if (file !== undefined) writeFileSync(join(folder, file), result.output);
      return result;
    },
    async close(): Promise<void> {
      s.remove();
      terraform.close();
      await fn.close();
    },
  };
}
