import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';

const POLICY = { version: 1, name: 'strip', scope: { regions: ['cn-hangzhou'] }, remove: [{ key: 'ci-*' }] };
const ACCOUNT = ['--account', DEFAULT_IDENTITY.accountId];

let fn: Deployed;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-invoke-'));
  const fleet = [
    {
      id: 'eci-1',
      type: 'ContainerGroup' as const,
      region: 'cn-hangzhou',
      tags: { 'ci-run': '1', env: 'dev' },
    },
  ];
  fn = await deployFunction({ emulator: { fleet }, function: { environment: TRUSTING } });
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await fn.close();
});

const invoke = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(['invoke', ...args], {
    cwd: folder,
    env: { ...emulatorEnvironment(fn.emulator.url), TAGSWEEP_FC_ENDPOINT: fn.emulator.url, ...env },
  });

const tags = () => fn.emulator.state.snapshot()[0]?.tags;

describe('tagsweep invoke', () => {
  it('prints the report of the deployed function', async () => {
    const { code, stdout } = await invoke([JSON.stringify({ policy: POLICY, mode: 'apply' }), ...ACCOUNT]);

    expect(code).toBe(0);
    expect(stdout).toContain('1 tag removed from 1 resource');
    expect(tags()).toEqual({ env: 'dev' });
  });

  it('reads the request from a file, and prints JSON alone with --json', async () => {
    writeFileSync(join(folder, 'request.json'), JSON.stringify({ policy: POLICY }));

    const { code, stdout, stderr } = await invoke(['request.json', '--json', ...ACCOUNT]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ mode: 'dry-run', tags: { planned: 1 } });
  });

  it('applies there exactly what was planned here, by its digest', async () => {
    writeFileSync(join(folder, 'strip.json'), JSON.stringify(POLICY));
    const env = { ...emulatorEnvironment(fn.emulator.url) };
    const plan = await runCli(['plan', 'strip.json', '--json', ...ACCOUNT], { cwd: folder, env });
    const planDigest = JSON.parse(plan.stdout).digest;
    const request = JSON.stringify({ policy: POLICY, mode: 'apply', planDigest });

    const first = await invoke([request, '--json', ...ACCOUNT]);
    const second = await invoke([request, '--json', ...ACCOUNT]);

    expect(JSON.parse(first.stdout)).toMatchObject({ outcome: 'success', planDigest, tags: { removed: 1 } });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/DIGEST_MISMATCH: Run .* was refused/);
  });

  it('ends with 1 and the function’s own words when the function fails', async () => {
    const { code, stderr } = await invoke(['{"polcy":"x"}', ...ACCOUNT]);

    expect(code).toBe(1);
    expect(stderr).toContain('CleanupError');
    expect(stderr).toContain('did you mean "policy"?');
  });

  it('does not wait with --async, and starts one task id once', async () => {
    const request = JSON.stringify({ policy: POLICY, mode: 'apply' });
    const args = [request, '--async', '--task-id', 'night-1', '--json', ...ACCOUNT];

    const first = await invoke(args);
    const second = await invoke(args);
    await fn.fc.platform.settled();

    expect(JSON.parse(first.stdout)).toEqual({ taskId: 'night-1', result: 'accepted' });
    expect(JSON.parse(second.stdout)).toEqual({ taskId: 'night-1', result: 'duplicate' });
    expect(fn.fc.platform.invocations).toHaveLength(1);
    expect(tags()).toEqual({ env: 'dev' });
  });

  it.each([
    ['no account', ['{}'], {}, 'needs the account'],
    ['text that is not JSON', ['policy=x', ...ACCOUNT], {}, 'is not JSON'],
    ['a task id without --async', ['{}', '--task-id', 'x', ...ACCOUNT], {}, '--async only'],
    [
      'a function that is not there',
      ['{}', '--function', 'other', ...ACCOUNT],
      {},
      'invoking other in cn-hangzhou failed',
    ],
    [
      'an endpoint that nobody answers at',
      ['{}', ...ACCOUNT],
      { TAGSWEEP_FC_ENDPOINT: 'http://127.0.0.1:9' },
      'invoking tagsweep',
    ],
    [
      'wrong credentials',
      ['{}', ...ACCOUNT],
      { ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' },
      'invoking tagsweep',
    ],
  ])('ends with 2 for %s', async (_, args, env, message) => {
    const { code, stdout, stderr } = await invoke(args, env as Record<string, string>);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(tags()).toHaveProperty('ci-run');
  });
});
