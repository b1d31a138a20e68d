import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { IDENTITIES, ROLES } from '../support/roles.ts';

const POLICY = {
  version: 1,
  name: 'strip',
  scope: { regions: ['cn-hangzhou'] },
  remove: [{ key: 'ci-*' }],
  limits: { maxPercent: 100 },
};

let emulator: Emulator;
let home: string;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator({
    identities: IDENTITIES,
    fleet: [{ id: 'eci-1', type: 'ContainerGroup', region: 'cn-hangzhou', tags: { 'ci-run': '1' } }],
  });
  home = mkdtempSync(join(tmpdir(), 'tagsweep-home-'));
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-work-'));
  const { accessKeyId, accessKeySecret } = ROLES.operator;
  const profile = { mode: 'AK', access_key_id: accessKeyId, access_key_secret: accessKeySecret };
  mkdirSync(join(home, '.aliyun'));
  writeFileSync(
    join(home, '.aliyun', 'config.json'),
    JSON.stringify({
      current: 'stale',
      profiles: [
        { name: 'stale', mode: 'AK', access_key_id: 'gone', access_key_secret: 'planted-key-secret' },
        { name: 'work', ...profile },
      ],
    }),
  );
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'strip.json'), JSON.stringify(POLICY));
});
afterAll(async () => {
  await emulator.close();
  for (const path of [home, folder]) rmSync(path, { recursive: true, force: true });
});

function run(line: string, env: Record<string, string> = {}): Promise<CliResult> {
  const endpoints = { TAGSWEEP_ECI_ENDPOINT: emulator.url, TAGSWEEP_SLS_ENDPOINT: emulator.url };
  return runCli(line.split(' '), { cwd: folder, env: { HOME: home, ...endpoints, ...env } });
}

describe('the command line with a profile of the aliyun CLI', () => {
  it('plans with the profile that is named, and no variable set by hand', async () => {
    const { code, stdout, stderr } = await run('plan rules/strip.json --profile work --json');

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout).removals).toMatchObject([{ resourceId: 'eci-1' }]);
  });

  it('says which profile was refused, and shows none of its keys', async () => {
    const { code, stdout, stderr } = await run('plan rules/strip.json');

    expect(code).not.toBe(0);
    expect(stdout + stderr).not.toContain('planted-key-secret');
    expect(stderr).toContain('InvalidAccessKeyId.NotFound');
  });
});

describe('the settings of a folder', () => {
  it('come from the file that the deployment wrote, so that plan, apply, history and undo need nothing else', async () => {
    writeFileSync(
      join(folder, '.env'),
      [
        "TAGSWEEP_DEPLOY_ACCOUNT_ID='1234567890123456'",
        "TAGSWEEP_DEPLOY_POLICIES_MOUNTS='[]'",
        "TAGSWEEP_REGION='cn-hangzhou'",
        `TAGSWEEP_LOG_PROJECT='${DEFAULT_LOGSTORE.project}'`,
        `TAGSWEEP_LOG_STORE='${DEFAULT_LOGSTORE.logstore}'`,
        "TAGSWEEP_POLICIES_DIR='rules'",
        "ALIBABA_CLOUD_PROFILE='work'",
      ].join('\n'),
    );

    const applied = await run('apply strip --yes --json --env .env');
    const history = await run('history --env .env');
    const undone = await run(`undo ${JSON.parse(applied.stdout).runId} --env .env --json`);

    expect(JSON.parse(applied.stdout)).toMatchObject({ outcome: 'success', audit: DEFAULT_LOGSTORE });
    expect(history.stdout).toContain(JSON.parse(applied.stdout).runId);
    expect(undone.code).toBe(0);
  }, 60_000);

  it('come from tagsweep.yaml too, and what the shell or a flag says wins', async () => {
    const file = join(folder, 'tagsweep.yaml');
    writeFileSync(
      file,
      `region: cn-hangzhou\nlogProject: ${DEFAULT_LOGSTORE.project}\nlogStore: ${DEFAULT_LOGSTORE.logstore}\npolicies: rules\nprofile: work\n`,
    );

    const history = await run('history');
    const planned = await run('plan strip --json');
    const elsewhere = await run('history --log-file nowhere.jsonl');
    const shell = await run('plan strip --json', { TAGSWEEP_POLICIES_DIR: 'none' });
    rmSync(file);

    expect(history).toMatchObject({ code: 0 });
    expect(planned).toMatchObject({ code: 0 });
    expect(elsewhere.stdout + elsewhere.stderr).not.toContain('cli-');
    expect(shell.stderr).toContain('none');
  }, 60_000);

  it.each([
    { fault: 'an unknown key', text: 'regoin: x\n', says: 'unknown key regoin. Did you mean region?' },
    { fault: 'a value that is no text', text: 'logStore: [a]\n', says: 'a text for logStore is wanted' },
    { fault: 'no settings at all', text: '- a\n', says: 'one of region, logProject' },
    { fault: 'broken YAML', text: 'region: "x\n', says: 'tagsweep.yaml' },
  ])('are refused with $fault', async ({ text, says }) => {
    const file = join(folder, 'tagsweep.yaml');
    writeFileSync(file, text);

    const { code, stderr } = await run('history');
    rmSync(file);

    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  it('are refused where the file that is named is not there', async () => {
    expect(await run('history --env none.env')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none.env cannot be read'),
    });
  });
});
