import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { ramPolicy } from '../../lib/cloud/ram.ts';
import { RESOURCE_TYPES } from '../../lib/resource.ts';
import type { WhoAnswer } from '../../lib/run/who.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';
import { PLACE, ROLES } from '../support/roles.ts';

const POLICY = 'version: 1\nname: strip\nscope: { regions: [cn-hangzhou] }\nremove:\n  - key: ci-*\n';

/** Somebody who may do what `ram --for auditor` prints, and nothing else. */
const AUDITOR: Identity = {
  ...ROLES.reader,
  accessKeyId: 'auditor-key-id',
  policies: [ramPolicy('auditor', { regions: 'all', resourceTypes: RESOURCE_TYPES }, PLACE)],
};

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-who-'));
  writeFileSync(join(folder, 'strip.yaml'), POLICY);
  const identities = [AUDITOR, ROLES.reader, { ...ROLES.operator, name: 'alice' }];
  emulator = await startEmulator({
    fleet: [1, 2].map((n) => ({
      id: `eci-${n}`,
      type: 'ContainerGroup' as const,
      region: 'cn-hangzhou',
      tags: { 'ci-run': `run ${n}`, 'ci-branch': 'main', env: 'dev' },
    })),
    identities,
  });
  await cli(ROLES.operator, 'apply', 'strip.yaml', '--yes');
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (who: Identity, ...args: readonly string[]) =>
  runCli(args, {
    cwd: folder,
    env: {
      ...emulatorEnvironment(emulator.url, who),
      TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
      TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    },
  });

describe('tagsweep who', () => {
  it('tells who took a tag, why, and what ActionTrail calls the caller', async () => {
    const { code, stdout, stderr } = await cli(AUDITOR, 'who', 'eci-1', 'ci-run');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const requestId = emulator.counters.writes[0]?.requestId ?? '';
    expect(stdout).toMatch(
      /^ci-run = "run 1"\n {2}when +2\d{3}-\d\d-\d\d \d\d:\d\d:\d\d \S+\n {2}what +removed\n/,
    );
    expect(stdout).toMatch(/ {2}policy +strip, sha256:[0-9a-f]{64}\n {2}rule +remove\[0\] key "ci-\*"\n/);
    expect(stdout).toMatch(/ {2}started by +cli \S.*, acs:ram::1234567890123456:user\/alice/);
    expect(stdout).toContain(`ECI request  ${requestId}`);
    expect(stdout).toMatch(
      new RegExp(
        `  ActionTrail +ram-user alice, key operator-key-id, from 127\\.0\\.0\\.1, .*event ${requestId}`,
      ),
    );
    expect(stdout).toMatch(/ {2}put back +not by any undo in the records\n$/);
  });

  it('asks for nothing but what an auditor may do', async () => {
    await cli(AUDITOR, 'who', 'eci-1');

    const uses = emulator.permissions.uses.filter(({ accessKeyId }) => accessKeyId === 'auditor-key-id');
    expect(uses.map(({ action, allowed }) => [action, allowed])).toEqual([
      ['log:GetLogStoreLogs', true],
      ['actiontrail:LookupEvents', true],
    ]);
  });

  it('tells the rest where ActionTrail may not be asked, and what that needs', async () => {
    const { code, stdout } = await cli(ROLES.reader, 'who', 'eci-1', 'ci-run');

    expect(code).toBe(0);
    expect(stdout).toContain('ci-run = "run 1"');
    expect(stdout).toMatch(/ActionTrail was not asked to the end.*NoPermission.*actiontrail:LookupEvents/s);
  });

  it('says of a request that ActionTrail does not tell of yet', async () => {
    emulator.setBehavior({ trailDelayMs: 600_000 });

    const { code, stdout } = await cli(AUDITOR, 'who', 'eci-1', 'ci-run');

    expect(code).toBe(0);
    expect(stdout).toContain('ActionTrail tells of no request');
  });

  it('is JSON alone with --json, the text of the policy and the undo that put it back included', async () => {
    const { stdout: history } = await cli(ROLES.reader, 'history', '--json');
    const runId = /"runId": ?"(cli-[^"]+)"/.exec(history)?.[1] ?? '';
    await cli(ROLES.operator, 'undo', runId, '--yes');

    const { stdout } = await cli(AUDITOR, 'who', 'eci-2', '--json');

    const answer: WhoAnswer = JSON.parse(stdout);
    expect(answer.warnings).toEqual([]);
    expect(answer.taken.map(({ key, value }) => [key, value])).toEqual([
      ['ci-branch', 'main'],
      ['ci-run', 'run 2'],
    ]);
    expect(answer.taken[0]).toMatchObject({
      runId,
      policy: { name: 'strip', document: { remove: [{ key: 'ci-*' }] } },
      trail: { caller: { type: 'ram-user', name: 'alice' } },
      putBack: { runId: expect.stringMatching(/^cli-/) },
    });
  });

  it('says so of a tag that no run took, and asks nobody further', async () => {
    const { code, stdout } = await cli(AUDITOR, 'who', 'eci-1', 'env');

    expect(code).toBe(0);
    expect(stdout).toContain('No tag env of eci-1 was removed');
    expect(emulator.permissions.uses.map(({ action }) => action)).not.toContain('actiontrail:LookupEvents');
  });
});
