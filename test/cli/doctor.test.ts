import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { createStsService } from '../../emulator/sts/service.ts';
import { readProfile } from '../../lib/doctor/profile.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';

let emulator: Emulator | undefined;
afterEach(async () => {
  await emulator?.close();
});

async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  emulator = await startEmulator({
    services: [createStsService],
    fleet: Array.from({ length: 5 }, (_, n) => ({
      id: `eci-${n}`,
      type: 'ContainerGroup' as const,
      region: 'cn-hangzhou',
      tags: { env: 'dev' },
    })),
  });
  const cwd = mkdtempSync(join(tmpdir(), 'tagsweep-doctor-'));
  const result = await runCli(['doctor', ...args], {
    cwd,
    env: { ...emulatorEnvironment(emulator.url, DEFAULT_IDENTITY), ...env },
  });
  return { ...result, cwd };
}

const LOG = { TAGSWEEP_LOG_PROJECT: 'tagsweep', TAGSWEEP_LOG_STORE: 'audit' };

describe('tagsweep doctor', () => {
  it('says what works, keeps what it learned, and changes nothing', async () => {
    const { code, stdout, cwd } = await doctor(['--out', 'p.json'], LOG);

    expect(stdout).toContain(`account ${DEFAULT_IDENTITY.accountId}`);
    expect(stdout).toMatch(
      /log store s? ?.*found after \d+ ms|log store audit of project tagsweep: a written record was found after \d+ ms/,
    );
    expect(stdout).toContain('ContainerGroup: 5 resources');
    const { regions } = readProfile(readFileSync(join(cwd, 'p.json'), 'utf8'), 'p.json');
    expect(regions['cn-hangzhou']?.noTags ?? regions['cn-hangzhou']?.unknownId).toMatchObject({
      value: 'left-out',
    });
    expect(emulator?.counters.writes).toEqual([]);
    // The emulator's log store has no index from the start.
    expect(stdout).toContain('there is no index');
    expect(code).toBe(1);
  });

  it('prints JSON alone where it is asked to', async () => {
    const { code, stdout } = await doctor(['--json']);

    const { findings } = JSON.parse(stdout);
    expect(findings.map(({ status }: { status: string }) => status)).not.toContain('failed');
    expect(code).toBe(0);
  });

  it.each([
    {
      description: '--resource without --write',
      args: ['--resource', 'eci-1'],
      says: '--resource goes with --write',
    },
    {
      description: '--write without a network',
      args: ['--write'],
      says: 'give --vswitch ID and --security-group ID',
    },
    {
      description: 'a resource that is none',
      args: ['--write', '--resource', 'All'],
      says: 'no id of a container group',
    },
    {
      description: 'nobody to ask',
      args: ['--write', '--resource', 'eci-1'],
      says: 'Pass --yes to try changes',
    },
  ])('refuses $description, and does nothing', async ({ args, says }) => {
    const { code, stderr } = await doctor(args);

    expect(stderr).toContain(says);
    expect(code).toBe(2);
    expect(emulator?.counters.writes).toEqual([]);
  });

  it('lends itself a group, and leaves its tags as they were', async () => {
    const { code } = await doctor(['--write', '--resource', 'eci-1', '--yes', '--json']);

    expect(code).toBe(0);
    const ref = { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' } as const;
    expect([...(emulator?.state.get(ref)?.tags ?? [])]).toEqual([['env', 'dev']]);
  });
});
