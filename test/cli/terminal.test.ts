import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import type { AuditRecord } from '../../lib/audit/record.ts';
import { emulatorEnvironment, ROOT, runCli } from '../support/cli.ts';
import { IDENTITIES } from '../support/roles.ts';
import { CTRL_C, CTRL_D, HAS_TERMINAL, type Reply, runAtTerminal } from '../support/terminal.ts';

/** One request a tag, one after the other, so that there is a middle. */
const POLICY = `version: 1
name: strip
scope: { regions: [cn-hangzhou] }
remove: [{ key: ci-* }]
limits: { maxPercent: 100, canary: 0 }
pace: { concurrency: 1, share: 1 }
batch: { resources: 1 }
`;

const FLEET = Array.from({ length: 8 }, (_, index) => ({
  id: `eci-${index}`,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  name: `job-${index}`,
  tags: { 'ci-run': String(index), env: 'dev' },
}));

let emulator: Emulator;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-terminal-'));
  writeFileSync(join(folder, 'strip.yaml'), POLICY);
  emulator = await startEmulator({
    fleet: FLEET,
    identities: IDENTITIES,
    behavior: { latencyMs: { UntagResources: 400 } },
  });
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const marked = () => emulator.state.snapshot().filter(({ tags }) => tags?.['ci-run'] !== undefined).length;

const atTerminal = (args: readonly string[], ...replies: readonly Reply[]) =>
  runAtTerminal(args, { cwd: folder, env: emulatorEnvironment(emulator.url), replies });

const records = (): readonly AuditRecord[] =>
  readFileSync(join(folder, 'records.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const APPLY = ['apply', 'strip.yaml', '--log-file', 'records.jsonl'];

describe.runIf(HAS_TERMINAL)('apply at a terminal', () => {
  it.each([
    ['n', 'n\r'],
    ['an empty line', '\r'],
    ['Ctrl-D', CTRL_D],
    ['Ctrl-C', CTRL_C],
  ])('shows the plan, asks, and takes %s for a no', async (_, keys) => {
    const { code, screen } = await atTerminal(APPLY, { after: '[y/N]', keys });

    expect(code).toBe(1);
    expect(screen).toContain('8 tags would go from 8 resources');
    expect(screen).toContain('Remove 8 tags from 8 resources?');
    expect(screen).toContain('Nothing was removed.');
    expect(marked()).toBe(8);
  });

  it('removes what was shown at a yes, and undo asks before it puts it back', async () => {
    const applied = await atTerminal(APPLY, { after: '[y/N]', keys: 'y\r' });

    expect(applied.code).toBe(0);
    expect(marked()).toBe(0);

    const undo = ['undo', records()[0]!.run_id, '--log-file', 'records.jsonl'];
    const undone = await atTerminal(undo, { after: 'Put 8 tags back?', keys: 'yes\r' });

    expect(undone.code).toBe(0);
    expect(marked()).toBe(8);
  });

  describe('while another run of the policy is under way', () => {
    /** A run that was stopped before it could write its end. */
    const begin = (policyName: string, ageMs: number) => {
      const record = {
        event_name: 'run_started',
        event_id: 'other:start',
        event_time: new Date(Date.now() - ageMs).toISOString(),
        run_id: 'other',
        policy_name: policyName,
        dry_run: 'false',
      };
      writeFileSync(join(folder, 'records.jsonl'), `${JSON.stringify(record)}\n`);
    };

    it('asks whether to go on beside it, and takes a no', async () => {
      begin('strip', 60_000);

      const { code, screen } = await atTerminal(APPLY, { after: 'Go on beside it? [y/N]', keys: 'n\r' });

      expect(code).toBe(1);
      expect(screen).toMatch(/Run other of policy strip began at \S+Z and has not ended/);
      expect(screen).not.toContain('Remove 8 tags');
      expect(screen).toContain('Nothing was removed.');
      expect(marked()).toBe(8);
    });

    it('goes on at a yes, for a saved plan as well, and says in the end that the two may overlap', async () => {
      const env = emulatorEnvironment(emulator.url);
      await runCli(['plan', 'strip.yaml', '--out', 'plan.json'], { cwd: folder, env });
      begin('strip', 60_000);

      const { code, screen } = await atTerminal(
        ['apply', 'plan.json', '--log-file', 'records.jsonl'],
        { after: 'Go on beside it? [y/N]', keys: 'y\r' },
        { after: 'Remove 8 tags from 8 resources? [y/N]', keys: 'y\r' },
      );

      expect(code).toBe(0);
      expect(screen).toContain('what both say may overlap');
      expect(marked()).toBe(0);
    });

    it('says that it cannot tell where the records cannot be read, and asks on', async () => {
      mkdirSync(join(folder, 'records.jsonl'));

      const { code, screen } = await atTerminal(APPLY, { after: '8 resources? [y/N]', keys: 'n\r' });

      expect(code).toBe(1);
      expect(screen).toContain('Whether another run of the policy is under way cannot be told');
      expect(marked()).toBe(8);
    });

    it.each([
      ['of another policy', 'another', 60_000],
      ['that began longer ago than a run may take', 'strip', 3_700_000],
    ])('does not ask for one %s', async (_, name, ageMs) => {
      begin(name, ageMs);

      const { screen } = await atTerminal(APPLY, { after: '[y/N]', keys: 'y\r' });

      expect(screen).not.toContain('Go on beside it');
      expect(marked()).toBe(0);
    });
  });

  it('ends in order at Ctrl-C: what is under way is finished and written down, and undo can put it back', async () => {
    const { code, screen } = await atTerminal([...APPLY, '--yes'], { after: '1 of 8', keys: CTRL_C });

    expect(code).toBe(1);
    expect(screen).toContain('Stopping: what is under way is finished and written down.');
    expect(screen).toContain('It was interrupted before all requests were sent.');
    const left = marked();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(8);
    const ended = records().find(({ event_name }) => event_name === 'run_completed');
    expect(ended).toMatchObject({
      outcome: 'partial',
      tags_removed: String(8 - left),
      tags_not_reached: String(left),
    });

    const back = ['undo', ended!.run_id, '--yes', '--log-file', 'records.jsonl'];
    const { code: undone } = await runCli(back, { cwd: folder, env: emulatorEnvironment(emulator.url) });

    expect(undone).toBe(0);
    expect(marked()).toBe(8);
  });
});

describe('a reader that leaves', () => {
  it('breaks neither the run nor its exit code', async () => {
    const command = `node '${ROOT}bin/tagsweep.js' apply strip.yaml --yes --log-file records.jsonl --json | head -c 1`;

    const { stdout, stderr } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], {
      cwd: folder,
      env: { ...process.env, ...emulatorEnvironment(emulator.url) },
    });

    expect(stdout).toBe('{');
    expect(stderr).toBe('');
    expect(marked()).toBe(0);
  });
});
