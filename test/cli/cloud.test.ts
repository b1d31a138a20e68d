import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FleetResource } from '../../emulator/resource.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import type { Report } from '../../lib/report/report.ts';
import { emulatorEnvironment, runCli } from '../support/cli.ts';
import { IDENTITIES } from '../support/roles.ts';

const POLICY = 'version: 1\nname: strip\nscope: { regions: [cn-hangzhou] }\nremove:\n  - key: ci-*\n';

let emulator: Emulator;
let folder: string;
let logFile: string;

function aGroup(index: number, tags: Record<string, string>): FleetResource {
  return { id: `eci-${index}`, type: 'ContainerGroup', region: 'cn-hangzhou', name: `job-${index}`, tags };
}

/** Twelve resources; six of them carry two markers each. */
const FLEET = Array.from({ length: 12 }, (_, index) =>
  aGroup(
    index,
    index % 2 === 0 ? { 'ci-run': String(index), 'ci-branch': 'main', env: 'dev' } : { env: 'dev' },
  ),
);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagsweep-cli-'));
  logFile = join(folder, 'records.jsonl');
  writeFileSync(join(folder, 'strip.yaml'), POLICY);
  emulator = await startEmulator({ fleet: FLEET, identities: IDENTITIES });
});

afterEach(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(args, { cwd: folder, env: { ...emulatorEnvironment(emulator.url), ...env } });

const fleetNow = () => emulator.state.snapshot();

/** The keys that a resource carries now. */
const keysOf = (id: string) =>
  Object.keys(emulator.state.snapshot().find((resource) => resource.id === id)?.tags ?? {});

const apply = async (...args: readonly string[]): Promise<Report> =>
  JSON.parse((await cli(['apply', 'strip.yaml', '--yes', '--json', '--log-file', logFile, ...args])).stdout);

describe('tagsweep plan', () => {
  it('could not run where nothing at all can be read, and says what was tried', async () => {
    const env = { ...emulatorEnvironment(emulator.url), TAGSWEEP_ECI_ENDPOINT: 'http://127.0.0.1:9' };

    const { code, stderr } = await runCli(['plan', join(folder, 'strip.yaml')], { env });

    expect(code).toBe(2);
    expect(stderr).toContain(
      'The inventory is not complete: ContainerGroup in cn-hangzhou could not be read',
    );
  });

  it('shows what would go, why, where, and how near the limits are, and changes nothing', async () => {
    const fleet = fleetNow();

    const { code, stdout } = await cli(['plan', 'strip.yaml']);

    expect(code).toBe(0);
    expect(stdout).toContain('12 tags would go from 6 resources, 50 % of the 12 seen in cn-hangzhou');
    expect(stdout).toMatch(/ci-branch +6 +"main" +remove\[0\] key "ci-\*"/);
    expect(stdout).toMatch(/cn-hangzhou +ContainerGroup +6 +12 +1/);
    expect(stdout).toMatch(/maxResources +6 +1,000/);
    expect(fleetNow()).toEqual(fleet);
  });

  it('prints the plan alone with --json, the same each time', async () => {
    const first = await cli(['plan', 'strip.yaml', '--json']);
    const second = await cli(['plan', 'strip.yaml', '--json']);

    expect(first).toMatchObject({ code: 0, stderr: '' });
    const plan = JSON.parse(first.stdout);
    expect(plan).toMatchObject({
      formatVersion: 1,
      policy: { name: 'strip' },
      calls: { untag: 1, lowerBound: 1 },
    });
    expect(JSON.parse(second.stdout).digest).toBe(plan.digest);
  });

  it('shows each single tag with --all', async () => {
    const { stdout } = await cli(['plan', 'strip.yaml', '--all']);

    expect(stdout).toContain('cn-hangzhou ContainerGroup eci-4 "job-4"\n    ci-branch = "main"');
  });

  it('keeps the plan, and a page that loads nothing from elsewhere', async () => {
    const { code } = await cli(['plan', 'strip.yaml', '--out', 'plan.json', '--html', 'plan.html']);

    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')).removals).toHaveLength(6);
    const page = readFileSync(join(folder, 'plan.html'), 'utf8');
    expect(page).toContain('"ci-run"');
    expect(page).not.toMatch(/ (?:src|href)="|@import|url\(/);
  });

  it('neutralizes hostile keys and values, on the terminal and in the page', async () => {
    emulator.state.addResource(aGroup(90, { 'ci-\u202egnp': '\u001b[2J<script>alert(1)</script>' }));

    const { stdout } = await cli(['plan', 'strip.yaml', '--all', '--html', 'plan.html']);

    expect(stdout).toContain('ci-\\u202egnp = "\\x1b[2J<script>alert(1)</script>"');
    const page = readFileSync(join(folder, 'plan.html'), 'utf8');
    expect(page).toContain('\\\\x1b[2J\\u003cscript\\u003e');
    for (const raw of ['\u001b', '\u202e']) expect(`${stdout}${page}`).not.toContain(raw);
    expect(page).not.toContain('<script>alert');
  });

  it('judges a folder with its subfolders on one reading: a part for each, and what two claim', async () => {
    mkdirSync(join(folder, 'set', 'team'), { recursive: true });
    writeFileSync(join(folder, 'set', 'strip.yaml'), POLICY);
    writeFileSync(
      join(folder, 'set', 'team', 'runs.yaml'),
      POLICY.replace('strip', 'runs').replace('ci-*', "'*-run'"),
    );
    writeFileSync(join(folder, 'set', 'README.md'), 'For people.');

    const { code, stdout } = await cli(['plan', 'set']);
    const json = await cli(['plan', 'set', '--json']);
    const kept = await cli(['plan', 'set', '--out', 'plan.json']);
    const twice = await cli(['plan', 'strip.yaml', 'set']);

    expect(code).toBe(0);
    expect(stdout).toContain('2 policies on one reading of 12 resources');
    expect(stdout).toMatch(/ci-run: 6 tags by strip and runs, such as that of eci-0/);
    expect(stdout).toContain(`Not policies, and skipped: ${join('set', 'README.md')}`);
    expect(stdout).toMatch(/Plan of strip.*Plan of runs/s);
    const { policies, claims, inventory } = JSON.parse(json.stdout);
    expect(inventory.resourcesSeen).toBe(12);
    expect(claims).toMatchObject([{ key: 'ci-run', tags: 6 }]);
    const alone = JSON.parse((await cli(['plan', 'strip.yaml', '--json'])).stdout);
    expect(policies[0].plan.digest).toBe(alone.digest);
    expect(policies[0].plan.removals).toEqual(alone.removals);
    expect([kept.code, twice.code]).toEqual([2, 2]);
    expect(twice.stderr).toContain('Two of the policies are called strip');
  });

  it('says what an account id is', async () => {
    const said = async (id: string) => (await cli(['plan', 'strip.yaml', '--account', id])).stderr;

    expect(await said('1')).toContain('--account 1: an account id has 4 to 20 digits.');
    expect(await said('me')).toContain('--account me: an account id is all digits.');
  });

  it('ends with 2 for a plan that is not empty only where --detailed-exitcode asks for it', async () => {
    writeFileSync(join(folder, 'none.yaml'), POLICY.replace('strip', 'none').replace('ci-*', 'no-such-key'));
    const codeOf = async (...args: readonly string[]) => (await cli(['plan', ...args])).code;

    expect(await codeOf('strip.yaml')).toBe(0);
    expect(await codeOf('strip.yaml', '--detailed-exitcode')).toBe(2);
    expect(await codeOf('none.yaml', '--detailed-exitcode')).toBe(0);
    expect(await codeOf('none.yaml', 'strip.yaml', '--detailed-exitcode')).toBe(2);
  });

  it('colors only where it may', async () => {
    const color = '\u001b[';

    expect((await cli(['plan', 'strip.yaml'])).stdout).not.toContain(color);
    expect((await cli(['plan', 'strip.yaml'], { FORCE_COLOR: '1' })).stdout).toContain(color);
    expect((await cli(['plan', 'strip.yaml'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toMatch(
      color,
    );
  });

  it('ends with 1 when a limit would refuse the plan, and shows it all the same', async () => {
    writeFileSync(join(folder, 'strip.yaml'), `${POLICY}limits: { maxResources: 0 }\n`);

    const { code, stdout, stderr } = await cli(['plan', 'strip.yaml']);

    expect(code).toBe(1);
    expect(stdout).toContain('passed: apply would be refused');
    expect(stderr).toContain('its limits.maxResources allows 0');
  });
});

describe('tagsweep apply', () => {
  it('removes what the policy says, and finds nothing the second time', async () => {
    const report = await apply();

    expect(report).toMatchObject({
      outcome: 'success',
      trigger: { type: 'cli' },
      tags: { planned: 12, removed: 12 },
      proof: { verified: true, unexplained: 0 },
      audit: { file: logFile },
    });
    expect(keysOf('eci-0')).toEqual(['env']);
    expect(await apply()).toMatchObject({ outcome: 'success', tags: { planned: 0 } });
    expect(emulator.counters).toMatchObject({ untagWithAll: 0, untagWithoutKeys: 0 });
  });

  it('keeps its records in a log store as well', async () => {
    const { project, logstore } = DEFAULT_LOGSTORE;
    const place = ['--log-project', project, '--log-store', logstore];

    const { code, stdout } = await cli(['apply', 'strip.yaml', '--yes', '--json', ...place]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tags: { removed: 12 }, audit: { project, logstore } });
    expect((await cli(['history', ...place])).stdout).toMatch(/strip +cli apply +success +12 +12/);
  });

  it('applies a saved plan exactly: what changed since is kept, what came since is left', async () => {
    await cli(['plan', 'strip.yaml', '--out', 'plan.json']);
    const changed = { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-2' } as const;
    emulator.state.setTags(changed, { 'ci-run': 'new' });
    emulator.state.removeTags(changed, ['ci-branch']);
    emulator.state.addResource(aGroup(91, { 'ci-run': '91' }));

    const { code, stdout } = await cli(['apply', 'plan.json', '--yes', '--json', '--log-file', logFile]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tags: { planned: 12, removed: 10, stale: 1, absent: 1 } });
    expect(keysOf('eci-2')).toContain('ci-run');
    expect(keysOf('eci-91')).toEqual(['ci-run']);
  });

  it('refuses where the credentials are of another account than was named', async () => {
    const { code, stderr } = await cli(['plan', 'strip.yaml', '--account', '1111111111111111']);

    expect(code).toBe(2);
    expect(stderr).toContain(
      'the credentials are of account 1234567890123456 (acs:ram::1234567890123456:user/operator)',
    );
  });

  it('refuses a plan that was edited by hand', async () => {
    await cli(['plan', 'strip.yaml', '--out', 'plan.json']);
    const fleet = fleetNow();
    const text = readFileSync(join(folder, 'plan.json'), 'utf8');
    writeFileSync(join(folder, 'plan.json'), text.replaceAll('ci-branch', 'env'));

    const { code, stderr } = await cli(['apply', 'plan.json', '--yes', '--log-file', logFile]);

    expect(code).toBe(2);
    expect(stderr).toContain('plan.json');
    expect(fleetNow()).toEqual(fleet);
  });

  it('refuses the plan made now when it is not the one that was reviewed', async () => {
    const fleet = fleetNow();

    const { code, stdout } = await cli([
      ...['apply', 'strip.yaml', '--yes', '--json', '--log-file', logFile],
      ...['--plan-digest', `sha256:${'0'.repeat(64)}`],
    ]);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'refused', code: 'DIGEST_MISMATCH' });
    expect(fleetNow()).toEqual(fleet);
  });

  it.each([
    ['without a place for records', ['--yes'], {}, 2, 'needs a place for its records'],
    ['without --yes where nobody can be asked', ['--log-file', 'x.jsonl'], {}, 2, 'Pass --yes'],
    [
      'with a region outside the scope',
      ['--yes', '--log-file', 'x.jsonl', '--regions', 'cn-beijing'],
      {},
      2,
      'cn-beijing',
    ],
    [
      'with a misspelt type',
      ['--yes', '--log-file', 'x.jsonl', '--resource-types', 'ImageCach'],
      {},
      2,
      'did you mean ImageCache?',
    ],
    ['with half a log store', ['--yes', '--log-store', 'audit'], {}, 2, 'TAGSWEEP_LOG_PROJECT'],
    [
      'with plain http to another machine',
      ['--yes', '--log-file', 'x.jsonl', '--eci-endpoint', 'http://example.com'],
      {},
      2,
      'plain http',
    ],
    [
      'without credentials',
      ['--yes', '--log-file', 'x.jsonl'],
      { ALIBABA_CLOUD_ACCESS_KEY_ID: '' },
      2,
      'No credentials',
    ],
    [
      'with a misspelt setting',
      ['--yes', '--log-file', 'x.jsonl'],
      { TAGSWEEP_POLICYS_DIR: 'x' },
      2,
      'did you mean TAGSWEEP_POLICIES_DIR',
    ],
    [
      'with a log file in no folder',
      ['--yes', '--log-file', 'strip.yaml/x.jsonl'],
      {},
      1,
      'strip.yaml/x.jsonl',
    ],
  ])('removes nothing %s, and says what to do', async (_, args, env, expected, message) => {
    const fleet = fleetNow();

    const { code, stdout, stderr } = await cli(
      ['apply', 'strip.yaml', ...args],
      env as Record<string, string>,
    );

    expect(code).toBe(expected);
    expect(`${stdout}${stderr}`).toContain(message);
    expect(fleetNow()).toEqual(fleet);
  });

  it('ends with 2 for wrong credentials, and never prints them', async () => {
    const secret = 'Wr0ngSecretThatNobodyShouldSee1';

    const { code, stdout, stderr } = await cli(['apply', 'strip.yaml', '--yes', '--log-file', logFile], {
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
    });

    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toContain('Check the access key');
    expect(`${stdout}${stderr}${readFileSync(logFile, 'utf8')}`).not.toContain(secret);
    expect(emulator.counters).toMatchObject({ untagWithAll: 0 });
  });

  it('removes nothing when the log store cannot be written', async () => {
    const fleet = fleetNow();

    const { code } = await cli([
      ...['apply', 'strip.yaml', '--yes', '--log-project', 'no-such-project', '--log-store', 'audit'],
    ]);

    expect(code).toBe(1);
    expect(fleetNow()).toEqual(fleet);
  });

  it('does not apply to a policy that it cannot read', async () => {
    writeFileSync(join(folder, 'strip.yaml'), POLICY.replace('remove', 'remov'));

    expect(await cli(['apply', 'strip.yaml', '--yes', '--log-file', logFile])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean remove?'),
    });
  });
});

describe('tagsweep history, verify and undo', () => {
  it('tell of a run, account for it, and put it back', async () => {
    const fleet = fleetNow();
    const { runId } = await apply();
    const records = ['--log-file', logFile];

    const history = await cli(['history', '--json', ...records]);
    expect(JSON.parse(history.stdout)).toMatchObject([{ run: { runId, outcome: 'success' } }]);
    expect((await cli(['verify', runId, ...records])).code).toBe(0);

    const foreseen = await cli(['undo', runId, ...records]);
    expect(foreseen.code).toBe(0);
    expect(foreseen.stderr).toContain('Nothing was put back yet');
    expect(keysOf('eci-0')).toEqual(['env']);

    const undone = await cli(['undo', runId, '--yes', '--json', ...records]);
    expect(undone.code).toBe(0);
    expect(JSON.parse(undone.stdout)).toMatchObject({ outcome: 'success', tags: { restored: 12 } });
    expect(fleetNow()).toEqual(fleet);

    const verified = await cli(['verify', runId, '--json', ...records]);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ tags: { announced: 12, restored: 12, there: 0 } });
  });

  it('say why a tag is not put back', async () => {
    const { runId } = await apply();
    emulator.state.setTags(
      { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-0' },
      { 'ci-run': 'mine', env: 'dev' },
    );

    const { code, stdout } = await cli(['undo', runId, '--yes', '--log-file', logFile]);

    expect(code).not.toBe(2);
    expect(stdout).toMatch(/Not put back\n.*eci-0 ci-run/);
    expect(stdout).toContain('11 tags put back');
  });

  it.each(['verify', 'undo'])('%s ends with 2 for a run that the records do not know', async (command) => {
    await apply();

    expect(await cli([command, 'no-such-run', '--log-file', logFile])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no-such-run'),
    });
  });

  it.each([['history'], ['verify', 'x'], ['undo', 'x']])(
    '%s asks for the place of the records',
    async (...args) => {
      expect(await cli(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--log-file') });
    },
  );
});

describe('tagsweep explain', () => {
  it('says of each tag of a resource whether it goes, by which rule', async () => {
    const { code, stdout } = await cli(['explain', 'strip.yaml', 'eci-0']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/goes {3}ci-run = "0" {2}matched: remove\[0\] key "ci-\*"/);
    expect(stdout).toMatch(/stays {2}env = "dev" {2}no rule asks for it/);
  });

  it('takes region and type, and prints JSON alone with --json', async () => {
    const { code, stdout, stderr } = await cli([
      'explain',
      'strip.yaml',
      'cn-hangzhou/ContainerGroup/eci-1',
      '--json',
    ]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      resource: { id: 'eci-1' },
      tags: [{ key: 'env', verdict: 'keep' }],
    });
  });

  it.each([
    ['a resource that is not there', 'eci-none', 'There is no resource eci-none'],
    ['a type that there is not', 'cn-hangzhou/Pod/eci-0', 'Pod is no resource type'],
    ['a path of four', 'a/b/c/d', 'is no resource'],
  ])('ends with 2 for %s', async (_, name, message) => {
    expect(await cli(['explain', 'strip.yaml', name])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});

describe('tagsweep diff', () => {
  it('shows what only one of two policies removes', async () => {
    writeFileSync(join(folder, 'other.yaml'), POLICY.replace('ci-*', 'ci-run').concat('  - key: env\n'));

    const { code, stdout } = await cli(['diff', 'strip.yaml', 'other.yaml', '--json']);

    expect(code).toBe(0);
    const { both, onlyA, onlyB } = JSON.parse(stdout);
    expect(both).toBe(6);
    expect(onlyA).toHaveLength(6);
    expect(onlyB).toHaveLength(12);
    expect((await cli(['diff', 'strip.yaml', 'other.yaml'])).stdout).toMatch(
      /Only strip.yaml removes 6 tags/,
    );
  });
});

describe('tagsweep emulator', () => {
  it('refuses a port that is none', async () => {
    expect(await cli(['emulator', '--port', '99999999'])).toMatchObject({ code: 2 });
  });
});
