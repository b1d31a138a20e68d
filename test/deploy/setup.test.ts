import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { emulatorEnvironment, ROOT, runCli } from '../support/cli.ts';
import { aroundTheFunction, LOG_PROJECT, runSetup } from '../support/setup.ts';

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(async () => {
  expect(emulator.failures).toEqual([]);
  await emulator.close();
});

const setup = (line = '') => runSetup(emulator, line);

/** What `--json` says was done, or would be: each step once, how often. */
async function stepsOf(line: string): Promise<{ readonly code: number | null; readonly steps: object }> {
  const { code, stdout, stderr } = await setup(`${line} --json`);
  const { steps } = JSON.parse(stdout || `{"steps":[],"stderr":${JSON.stringify(stderr)}}`);
  const counts: Record<string, number> = {};
  for (const { step } of steps) counts[step] = (counts[step] ?? 0) + 1;
  return { code, steps: counts };
}

describe('tagsweep setup', () => {
  it('tells what it would make, and makes nothing until told to', async () => {
    const before = aroundTheFunction(emulator);

    const { code, stdout } = await setup();

    expect(code).toBe(0);
    expect(stdout).toMatch(/make\s+role\s+tagsweep-function/);
    expect(stdout).toContain('Nothing was done');
    expect(aroundTheFunction(emulator)).toEqual(before);
  });

  it('makes everything around the function, and finds nothing to do the second time', async () => {
    const first = await setup('--yes --alarm-action-policy ops');
    const made = aroundTheFunction(emulator);
    const second = await stepsOf('--yes --alarm-action-policy ops');

    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(made).toMatchObject({
      project: "tagsweep: audit records and the function's own output",
      stores: { tagsweep: { ttl: 180 }, 'tagsweep-platform': { ttl: 30 } },
      indexes: { tagsweep: { max_text_len: 16384 } },
      queues: { 'tagsweep-failures': 604800 },
      roles: { 'tagsweep-function': { attached: ['tagsweep-function'] } },
    });
    expect(Object.keys(made.alarms as object)).toHaveLength(
      Object.keys(JSON.parse(readFileSync(join(ROOT, 'deploy/alarms.json'), 'utf8'))).length,
    );
    expect(second).toEqual({ code: 0, steps: {} });
    expect(aroundTheFunction(emulator)).toEqual(made);
  }, 60_000);

  it('goes on where it was interrupted', async () => {
    emulator.ram.createPolicy('tagsweep-reader', '{"Version":"1"}', 'tagsweep: for people, the reader');

    const { steps } = await stepsOf('--yes');

    expect(steps).toMatchObject({ change: 1 });
    expect(Object.keys((await stepsOf('')).steps)).toEqual(['keep']);
  }, 60_000);

  it('puts back what was changed, however often: RAM keeps five versions of a policy', async () => {
    await setup('--yes');
    for (let round = 0; round < 6; round += 1) {
      emulator.ram.addVersion('tagsweep-function', '{"Version":"1","Statement":[]}', true, true);
      expect(await stepsOf('--yes')).toEqual({ code: 0, steps: { change: 1 } });
    }
  }, 120_000);

  it('switches the right to change tags by an attachment, and back', async () => {
    const attached = () => [...(emulator.ram.roles.get('tagsweep-function')?.attached ?? [])].sort();
    await setup('--yes');

    const on = await stepsOf('--yes --allow-apply');
    const then = attached();
    const off = await stepsOf('--yes');

    expect(on).toEqual({ code: 0, steps: { make: 1 } });
    expect(then).toEqual(['tagsweep-function', 'tagsweep-function-changes']);
    expect(off).toEqual({ code: 0, steps: { remove: 1 } });
    expect(attached()).toEqual(['tagsweep-function']);
  }, 60_000);

  it('takes away what it made, and the records only where that is said', async () => {
    const empty = aroundTheFunction(emulator);
    await setup('--yes --alarm-action-policy ops');

    const told = await setup('--remove');
    const kept = await setup('--remove --yes');
    const afterwards = aroundTheFunction(emulator);
    const all = await setup('--remove --delete-records --yes');

    expect(told.stdout).toContain('Nothing was done');
    expect(kept).toMatchObject({ code: 0 });
    expect(afterwards).toMatchObject({
      alarms: {},
      searches: {},
      dashboards: {},
      queues: {},
      roles: {},
      policies: {},
    });
    expect(Object.keys(afterwards.stores as object)).toEqual(['tagsweep', 'tagsweep-platform']);
    expect(all).toMatchObject({ code: 0 });
    expect(aroundTheFunction(emulator)).toEqual(empty);
  }, 60_000);

  it.each([
    {
      foreign: 'a role',
      prepare: () =>
        emulator.ram.roles.set('tagsweep-function', {
          description: 'of another team',
          trust: '{"Version":"1"}',
          attached: new Set(),
        }),
      says: 'The role tagsweep-function is there already',
    },
    {
      foreign: 'a policy',
      prepare: () => emulator.ram.createPolicy('tagsweep-operator', '{"Version":"1"}', ''),
      says: 'The policy tagsweep-operator is there already',
    },
    {
      foreign: 'a log project',
      prepare: () => emulator.sls.addProject(LOG_PROJECT),
      says: `The project ${LOG_PROJECT} is there already`,
    },
    {
      foreign: 'a queue',
      prepare: () =>
        (emulator.queues as Map<string, object>).set('tagsweep-failures', {
          messageRetentionPeriod: 60,
          tags: {},
        }),
      says: 'The queue tagsweep-failures is there already',
    },
  ])(
    'does nothing at all beside $foreign that it did not make, and takes it away neither',
    async ({ prepare, says }) => {
      prepare();
      const before = aroundTheFunction(emulator);

      const made = await setup('--yes');
      const removed = await setup('--remove --delete-records --yes');

      expect(made).toMatchObject({ code: 1, stderr: expect.stringContaining(says) });
      expect(removed.code).toBe(1);
      expect(aroundTheFunction(emulator)).toEqual(before);
    },
    60_000,
  );

  it('says what it could not take away, and takes the rest', async () => {
    await setup('--yes');
    emulator.ram.attachedToPeople.add('tagsweep-reader');

    const { code, stderr } = await setup('--remove --yes');

    expect(code).toBe(1);
    expect(stderr).toContain('policy tagsweep-reader: DeletePolicy');
    expect(stderr).toContain('attached to users');
    expect([...emulator.ram.policies.keys()]).toEqual(['tagsweep-reader']);
  }, 60_000);

  it('writes the settings of the deployment, and forgets no other line of the file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tagsweep-env-'));
    const file = join(folder, '.env');
    writeFileSync(file, "TAGSWEEP_DEPLOY_MODE='apply'\nTAGSWEEP_DEPLOY_REGION='old'\n");

    await runSetup(emulator, `--yes --write-env ${file}`, folder);
    const written = parseEnv(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });

    expect(written).toMatchObject({
      TAGSWEEP_DEPLOY_MODE: 'apply',
      TAGSWEEP_DEPLOY_REGION: 'cn-hangzhou',
      TAGSWEEP_DEPLOY_LOG_PROJECT: LOG_PROJECT,
      TAGSWEEP_LOG_PROJECT: LOG_PROJECT,
    });
  });

  it.each([
    { line: '--delete-records', says: '--delete-records goes with --remove only' },
    { line: '--retention-days none', says: '--retention-days none: a whole number' },
    {
      line: '--env other.env',
      says: 'other.env cannot be read',
    },
    { line: '--role Upper', says: '--role Upper: a name is made of small letters' },
  ])('refuses $line', async ({ line, says }) => {
    expect(await setup(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });
});

describe('tagsweep setup, of an account', () => {
  const run = (...words: readonly string[]) =>
    runCli(['setup', '--log-project', LOG_PROJECT, ...words], {
      env: {
        ...emulatorEnvironment(emulator.url, DEFAULT_IDENTITY),
        TAGSWEEP_RAM_ENDPOINT: emulator.url,
        TAGSWEEP_MNS_ENDPOINT: emulator.url,
      },
    });

  it('needs not be told which one, since the cloud says whose the credentials are', async () => {
    expect(await run('--yes')).toMatchObject({ code: 0 });
    expect(JSON.stringify(aroundTheFunction(emulator).policies)).toContain(`:${DEFAULT_IDENTITY.accountId}:`);
  }, 60_000);

  it('does nothing in another one than the person meant', async () => {
    const before = aroundTheFunction(emulator);

    expect(await run('--yes', '--account', '9999999999')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not to 9999999999: nothing was done'),
    });
    expect(aroundTheFunction(emulator)).toEqual(before);
  });
});

describe('deploy/saved-searches.json', () => {
  it('holds queries that the page on records explains', () => {
    const page = readFileSync(join(ROOT, 'docs/audit.md'), 'utf8');
    const searches = JSON.parse(readFileSync(join(ROOT, 'deploy/saved-searches.json'), 'utf8'));
    const queries = Object.values<{ readonly query: string }>(searches).map(({ query }) => query);

    expect(queries.filter((query) => !page.includes(query))).toEqual([]);
  });

  it('and the dashboard shows those queries, and no others', () => {
    const searches = JSON.parse(readFileSync(join(ROOT, 'deploy/saved-searches.json'), 'utf8'));
    const { charts } = JSON.parse(readFileSync(join(ROOT, 'deploy/dashboard.json'), 'utf8'));

    for (const { title, search } of charts)
      expect(search.chartQueries[0]).toMatchObject({
        query: searches[title].query,
        tokenQuery: searches[title].query,
      });
  });
});
