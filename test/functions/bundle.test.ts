import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateFleet } from '../../emulator/fleet.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE, SlsState } from '../../emulator/sls/state.ts';
import { ACCOUNT_ID, type FunctionRuntime, STS_CREDENTIALS, startFunction } from '../support/fc-runtime.ts';

const REGIONS = ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'];
const NOW = Date.now();
const FLEET = [
  ...generateFleet({ seed: 11, resources: 5000, regions: REGIONS, nowMs: NOW, profile: 'mixed' }),
];

const POLICY = {
  version: 1,
  name: 'strip-markers',
  scope: { regions: REGIONS },
  select: { not: { tag: 'legal-hold', exists: true } },
  remove: [{ key: 'ci-*' }],
  limits: { maxResources: 5000, maxPercent: 100 },
};

let emulator: Emulator;
let sls: SlsState;
let fn: FunctionRuntime;

function settings(): Record<string, string> {
  return {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
    TAGSWEEP_POLICY: 'strip-ci-markers',
    TAGSWEEP_EVENT_POLICY: 'misspelt-keys',
  };
}

async function start(fleet = FLEET): Promise<void> {
  sls = new SlsState();
  emulator = await startEmulator({
    fleet,
    identities: [{ accountId: ACCOUNT_ID, ...STS_CREDENTIALS }],
    sls,
  });
}

/** What the fleet must be afterwards, computed without any of our code. */
function withoutMarkers(fleet: ReturnType<Emulator['state']['snapshot']>) {
  return fleet.map((resource) => {
    const tags = resource.tags ?? {};
    if ('legal-hold' in tags) return resource;
    return {
      ...resource,
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('ci-'))),
    };
  });
}

function timer(request: unknown, triggerTime = '2026-11-24T19:30:00Z') {
  return { triggerTime, triggerName: 'nightly', payload: JSON.stringify(request) };
}

function creation(id: string, eventName = 'CreateContainerGroup') {
  return {
    id: randomUUID(),
    source: 'acs.eci',
    specversion: '1.0',
    type: 'eci:ActionTrail:ApiCall',
    data: { eventName, acsRegion: 'cn-hangzhou', responseElements: { ContainerGroupId: id } },
  };
}

describe('the bundle, from a timer', () => {
  beforeAll(async () => {
    await start();
    fn = startFunction({ env: settings() });
  });
  afterAll(async () => {
    await fn.close();
    await emulator.close();
  });

  it('leaves exactly the tags that an independent computation leaves, within every limit', async () => {
    const expected = withoutMarkers(emulator.state.snapshot());

    const { result, error, leftovers } = await fn.invoke(timer({ policy: POLICY, mode: 'apply' }));

    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      outcome: 'success',
      trigger: { type: 'timer', name: 'nightly' },
      proof: { verified: true, unexplained: 0 },
      audit: DEFAULT_LOGSTORE,
    });
    expect(emulator.state.snapshot()).toEqual(expected);
    expect(emulator.counters).toMatchObject({ untagWithAll: 0, untagWithoutKeys: 0 });
    expect(emulator.failures).toEqual([]);
    expect(leftovers.filter((name) => name === 'Timeout' || name === 'Immediate')).toEqual([]);
  });

  it('kept every removed value in the log store, and finds nothing the second time', async () => {
    const logs =
      sls.projects.get(DEFAULT_LOGSTORE.project)?.logstores.get(DEFAULT_LOGSTORE.logstore)?.logs ?? [];
    const journal = logs.filter((log) => log.fields.event_name === 'removals_planned');

    const { result } = await fn.invoke(timer({ policy: POLICY, mode: 'apply' }, '2026-11-25T19:30:00Z'));

    expect(journal.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ outcome: 'success', tags: { planned: 0 }, calls: { untag: 0 } });
  });
});

describe('the bundle, however it is started', () => {
  const small = [
    {
      id: 'eci-one',
      type: 'ContainerGroup' as const,
      region: 'cn-hangzhou',
      created: '2026-01-01T00:00:00Z',
      tags: { 'ci-run': '1', ENV: 'dev', env: 'dev', team: 'a' },
    },
  ];
  const before = { 'ci-run': '1', ENV: 'dev', env: 'dev', team: 'a' };

  beforeEach(async () => {
    await start(small);
    fn = startFunction({ env: settings() });
  });
  afterEach(async () => {
    await fn.close();
    await emulator.close();
  });

  const tags = () => emulator.state.snapshot()[0]?.tags;

  it('takes nothing as a dry run of the default policy', async () => {
    const { result } = await fn.invoke(Buffer.alloc(0));

    expect(result).toMatchObject({
      mode: 'dry-run',
      policy: { name: 'strip-ci-markers' },
      tags: { planned: 1 },
    });
    expect(tags()).toEqual(before);
  });

  it('applies a request of a person, pinned to the digest of the dry run', async () => {
    const dry = await fn.invoke({ mode: 'dry-run' });
    const { planDigest } = dry.result as { planDigest: string };

    const { result } = await fn.invoke({ mode: 'apply', planDigest, regions: ['cn-hangzhou'] });

    expect(result).toMatchObject({ outcome: 'success', planDigest, tags: { removed: 1 } });
    expect(tags()).toEqual({ ENV: 'dev', env: 'dev', team: 'a' });
  });

  it.each([
    { description: 'one event', event: () => creation('eci-one') },
    { description: 'a stream of objects', event: () => [creation('eci-one'), creation('eci-one')] },
    { description: 'a stream of JSON texts', event: () => [JSON.stringify(creation('eci-one'))] },
  ])('works on the created resource alone, from $description', async ({ event }) => {
    const { result } = await fn.invoke(event());

    expect(result).toMatchObject({
      trigger: { type: 'event' },
      policy: { name: 'misspelt-keys' },
      resources: { seen: 1 },
      tags: { planned: 1 },
    });
  });

  it('ignores the event of its own untag call', async () => {
    const { result } = await fn.invoke(creation('eci-one', 'UntagResources'));

    expect(result).toMatchObject({ outcome: 'ignored' });
    expect(emulator.counters.requests).toBe(0);
  });

  it.each([
    { description: 'a malformed event', event: Buffer.from('{"mode":'), says: /JSON/ },
    {
      description: 'an unknown policy',
      event: { policy: 'no-such-policy', mode: 'apply' },
      says: /no-such-policy/,
    },
    {
      description: 'a path as a policy name',
      event: { policy: '../../etc/passwd', mode: 'apply' },
      says: /policy/,
    },
    { description: 'a misspelt key', event: { mod: 'apply' }, says: /did you mean "mode"/ },
    { description: 'a wrong type', event: { mode: 'apply', regions: 'cn-hangzhou' }, says: /regions/ },
    {
      description: 'a faulty policy',
      event: { policy: { version: 1, name: 'x' }, mode: 'apply' },
      says: /remove/,
    },
    {
      description: 'a region outside the scope',
      event: { policy: POLICY, regions: ['us-west-1'] },
      says: /us-west-1/,
    },
  ])('refuses $description and removes nothing', async ({ event, says }) => {
    const { error } = await fn.invoke(event);

    expect(error?.errorMessage).toMatch(says);
    expect(tags()).toEqual(before);
  });

  it('refuses a digest that is not the plan’s', async () => {
    const { result } = await fn.invoke({ mode: 'apply', planDigest: `sha256:${'0'.repeat(64)}` });

    expect(result).toMatchObject({ outcome: 'refused', code: 'DIGEST_MISMATCH' });
    expect(tags()).toEqual(before);
  });

  it.each([
    {
      description: 'wrong credentials',
      options: { credentials: { accessKeySecret: 'WrongSecretOfTheFunctionsRole' } },
      says: /Signature/,
    },
    {
      description: 'an endpoint that nobody answers',
      options: { env: { TAGSWEEP_ECI_ENDPOINT: 'http://127.0.0.1:9' }, timeout: 20 },
      says: /./,
    },
    {
      description: 'a log store that does not exist',
      options: { env: { TAGSWEEP_LOG_STORE: 'no-such-store' } },
      says: /no-such-store|LogStoreNotExist/,
    },
  ])('removes nothing with $description, says so, and tells no secret', async ({ options, says }) => {
    const broken = startFunction({
      ...options,
      env: { ...settings(), ...('env' in options ? options.env : {}) },
    });

    const { result, error, stdout } = await broken.invoke({ mode: 'apply' });
    await broken.close();

    const told = JSON.stringify([result, error, stdout]);
    expect(told).toMatch(says);
    expect(told).not.toMatch(/WrongSecret|TestSecret|TestToken/);
    expect((result as { outcome?: string } | undefined)?.outcome).not.toBe('success');
    expect(tags()).toEqual(before);
  });
});
