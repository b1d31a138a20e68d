import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateFleet } from '../../emulator/fleet.ts';
import { DEFAULT_STS_IDENTITY, type Identity } from '../../emulator/identities.ts';
import type { Emulator } from '../../emulator/server.ts';
import { DEFAULT_LOGSTORE } from '../../emulator/sls/state.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';
import { aFunction } from '../support/function-compute.ts';

const REGIONS = ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'];
const NOW = Date.now();
const FLEET = [
  ...generateFleet({ seed: 11, resources: 5000, regions: REGIONS, nowMs: NOW, profile: 'mixed' }),
];

const KEYS = aFunction({ codeFolder: '' }).credentials;

/** Temporary keys of the function's role: the platform gives new ones before the old ones expire. */
const keys = (number: number) => ({
  accountId: DEFAULT_STS_IDENTITY.accountId,
  accessKeyId: `STS.key-${number}`,
  accessKeySecret: `secret-${number}`,
  securityToken: `token-${number}`,
});

const POLICY = {
  version: 1,
  name: 'strip-markers',
  mode: 'apply',
  scope: { regions: REGIONS },
  select: { not: { tag: 'legal-hold', exists: true } },
  remove: [{ key: 'ci-*' }],
  limits: { maxResources: 5000, maxPercent: 100 },
};

let fn: Deployed;

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
    fn = await deployFunction({ emulator: { fleet: FLEET }, function: { environment: TRUSTING } });
  });
  afterAll(() => fn.close());

  it('leaves exactly the tags that an independent computation leaves, within every limit', async () => {
    const { emulator } = fn;
    const expected = withoutMarkers(emulator.state.snapshot());

    const { result, error } = await fn.invoke(timer({ policy: POLICY, mode: 'apply' }));

    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      outcome: 'success',
      trigger: { type: 'timer', name: 'nightly' },
      proof: { verified: true, unexplained: 0 },
      audit: DEFAULT_LOGSTORE,
    });
    expect(emulator.state.snapshot()).toEqual(expected);
    expect(emulator.counters).toMatchObject({ untagWithAll: 0, untagWithoutKeys: 0 });
  });

  it('kept every removed value in the log store, and finds nothing the second time', async () => {
    const { project, logstore } = DEFAULT_LOGSTORE;
    const logs = fn.emulator.sls.records(project, logstore);
    const journal = logs.filter((log) => log.event_name === 'removals_planned');

    const { result } = await fn.invoke(timer({ policy: POLICY, mode: 'apply' }, '2026-11-25T19:30:00Z'));

    expect(journal.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ outcome: 'success', tags: { planned: 0 }, calls: { untag: 0 } });
  });
});

describe('the bundle, on an instance', () => {
  const first: Identity & ReturnType<typeof keys> = keys(1);
  const second = keys(2);
  const group = (id: string) => ({
    id,
    type: 'ContainerGroup' as const,
    region: 'cn-hangzhou',
    created: '2026-01-01T00:00:00Z',
    tags: { 'ci-run': id },
  });

  beforeEach(async () => {
    fn = await deployFunction({
      emulator: { fleet: [group('eci-1')], identities: [first, second] },
      function: { credentials: { ...first }, environment: TRUSTING },
    });
  });
  afterEach(() => fn.close());

  it('knows nothing of the request before: neither its keys, its policy nor its connections', async () => {
    const before = await fn.invoke({ mode: 'apply', policy: { ...POLICY, name: 'one' } });
    fn.emulator.state.addResource(group('eci-2'));
    fn.emulator.closeIdleConnections();
    Object.assign(first, { inactive: true });
    Object.assign(fn.spec.credentials, second);

    const after = await fn.invoke({ mode: 'apply' });
    Object.assign(first, { inactive: false });

    expect(before.result).toMatchObject({ policy: { name: 'one' }, tags: { removed: 1 } });
    expect(after.result).toMatchObject({
      outcome: 'success',
      policy: { name: 'strip-ci-markers' },
      tags: { removed: 1 },
    });
    expect(after.result.runId).not.toBe(before.result.runId);
    expect(after.stdout).not.toContain(before.result.runId);
    const users = fn.emulator.counters.writes.map(({ accessKeyId }) => accessKeyId);
    expect(users).toEqual([first.accessKeyId, second.accessKeyId]);
    expect(new Set(fn.fc.platform.invocations.map(({ instanceId }) => instanceId)).size).toBe(1);
  });

  it('is taken away in mid-run, and the same event again does the rest', async () => {
    for (const id of ['eci-2', 'eci-3']) fn.emulator.state.addResource(group(id));
    const event = timer({ policy: { ...POLICY, batch: { resources: 1 } }, mode: 'apply' });
    const stop = fn.emulator.state.onWrite(() => {
      stop();
      fn.fc.platform.takeInstances();
    });
    const killed = await fn.invoke(event);

    const after = await fn.invoke(event);

    expect(killed.outcome).toBe('exited');
    expect(after.result).toMatchObject({ outcome: 'success', proof: { verified: true, unexplained: 0 } });
    expect(fn.emulator.state.snapshot().map(({ tags }) => tags)).toEqual([{}, {}, {}]);
    const { project, logstore } = DEFAULT_LOGSTORE;
    const journal = fn.emulator.sls
      .records(project, logstore)
      .filter(({ event_name }) => event_name === 'removals_planned');
    for (const id of ['eci-1', 'eci-2', 'eci-3']) expect(JSON.stringify(journal)).toContain(id);
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
    fn = await deployFunction({ emulator: { fleet: small } });
  });
  afterEach(() => fn.close());

  const tags = () => fn.emulator.state.snapshot()[0]?.tags;

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
    const { planDigest } = dry.result;

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
    expect(fn.emulator.counters.requests).toBe(0);
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
      trusting: true,
      says: /remove/,
    },
    {
      description: 'a region outside the scope',
      event: { policy: POLICY, regions: ['us-west-1'] },
      trusting: true,
      says: /us-west-1/,
    },
  ])('refuses $description and removes nothing', async ({ event, says, trusting }) => {
    const { error } = await fn.invoke(event, trusting === true ? { environment: TRUSTING } : {});

    expect(error?.errorMessage).toMatch(says);
    expect(tags()).toEqual(before);
  });

  it('refuses a digest that is not the plan’s', async () => {
    const { error } = await fn.invoke({ mode: 'apply', planDigest: `sha256:${'0'.repeat(64)}` });

    expect(error?.errorMessage).toMatch(/^DIGEST_MISMATCH: Run .* was refused/);
    expect(tags()).toEqual(before);
  });

  it.each([
    {
      description: 'wrong credentials',
      other: { credentials: { ...KEYS, accessKeySecret: 'WrongSecretOfTheFunctionsRole' } },
      says: /Signature/,
    },
    {
      description: 'an endpoint that nobody answers',
      other: { environment: { TAGSWEEP_ECI_ENDPOINT: 'http://127.0.0.1:9' }, timeoutSeconds: 20 },
      says: /./,
    },
    {
      description: 'a log store that does not exist',
      other: { environment: { TAGSWEEP_LOG_STORE: 'no-such-store' } },
      says: /no-such-store|LogStoreNotExist/,
    },
  ])('removes nothing with $description, says so, and tells no secret', async ({ other, says }) => {
    const { result, error, stdout } = await fn.invoke(
      { mode: 'apply' },
      { ...other, environment: { ...TRUSTING, ...other.environment } },
    );

    const told = JSON.stringify([result, error, stdout]);
    expect(told).toMatch(says);
    for (const secret of ['WrongSecret', KEYS.accessKeySecret, KEYS.securityToken])
      expect(told).not.toContain(secret);
    expect(result).toBeUndefined();
    expect(error?.errorMessage).toMatch(/^[A-Z_]+: /);
    expect(tags()).toEqual(before);
  });
});
