import { describe, expect, it } from 'vitest';
import { CleanupError } from '../../../lib/errors.ts';
import type { Invoker } from '../../../lib/ports.ts';
import type { Report } from '../../../lib/report/report.ts';
import {
  type ContinuationPayload,
  chainRunId,
  chainTaskId,
  continuationSchema,
  limitsWithin,
} from '../../../lib/run/chain.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { isDone } from '../../../lib/run/leave-to-platform.ts';
import type { CleanupRequest } from '../../../lib/run/request.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld, type World } from '../../support/runs.ts';

const DOCUMENT = {
  scope: { regions: ['cn-hangzhou', 'cn-shanghai'] },
  limits: { maxPercent: 100, maxResources: 300, canary: 0 },
  batch: { resources: 1 },
  pace: { concurrency: 1 },
  verify: 'none',
};
const policy = aPolicy(DOCUMENT);

function aFleet(size: number, regions: readonly string[] = ['cn-hangzhou']) {
  return Array.from({ length: size }, (_, n) =>
    aResource({
      id: `eci-${n}`,
      region: regions[n % regions.length]!,
      tags: { 'ci-run': `${n}`, team: 'a' },
    }),
  );
}

/** A function that keeps what it is asked to do: each task once, as the platform does. */
function aFunction(): { readonly invoker: Invoker; readonly waiting: ContinuationPayload[] } {
  const seen = new Set<string>();
  const waiting: ContinuationPayload[] = [];
  return {
    waiting,
    invoker: {
      call: async () => undefined,
      submit: async (payload, taskId) => {
        if (seen.has(taskId)) return 'duplicate';
        seen.add(taskId);
        waiting.push(continuationSchema.parse(JSON.parse(JSON.stringify(payload))));
        return 'accepted';
      },
    },
  };
}

function nextRequest(payload: ContinuationPayload): CleanupRequest {
  const { planDigest } = payload;
  return aRequest({
    policy,
    narrowing: { ...(payload.regions && { regions: payload.regions }) },
    ...(planDigest !== undefined && { planDigest }),
    trigger: { type: 'continuation', name: payload.shard },
    runId: chainRunId(payload),
    parentRunId: payload.familyId,
    chain: payload,
  });
}

/** Runs a request and everything that it hands over, each with `seconds` of time. */
async function runFamily(world: World, first: CleanupRequest, seconds: number): Promise<readonly Report[]> {
  const { invoker, waiting } = aFunction();
  const ports = { ...world.ports, invoker };
  const reports: Report[] = [];
  let request: CleanupRequest | undefined = first;
  while (request !== undefined) {
    const deadlineAtMs = world.clock.now() + seconds * 1000;
    reports.push(await runCleanup(request, ports, { identity: {}, deadlineAtMs }));
    const payload: ContinuationPayload | undefined = waiting.shift();
    request = payload && { ...nextRequest(payload), policy: first.policy };
  }
  return reports;
}

function tagsLeft(world: World): number {
  return [...world.cloud.state().values()].filter((tags) => tags.has('ci-run')).length;
}

describe('a run that is short of time', () => {
  it('goes on in other invocations until nothing is left', async () => {
    const world = aWorld(aFleet(200), { latencyMs: [200, 200] });

    const reports = await runFamily(world, aRequest({ policy }), 30);

    expect(reports.length).toBeGreaterThan(2);
    expect(tagsLeft(world)).toBe(0);
    expect(reports.reduce((sum, report) => sum + report.tags.removed, 0)).toBe(200);
    expect(reports.map((report) => report.runId).slice(0, 3)).toEqual([
      'run-1',
      'run-1-all-h1',
      'run-1-all-h2',
    ]);
    expect(reports[0]).toMatchObject({
      outcome: 'partial',
      code: 'TIME',
      continuation: { taskId: expect.stringMatching(/^t-run-1-all-h1-[0-9a-f]{16}$/), hop: 1 },
    });
    expect(reports.at(-1)).toMatchObject({ outcome: 'success', continuation: null, parentRunId: 'run-1' });
  });

  it('applies exactly the reviewed plan through all invocations', async () => {
    const world = aWorld(aFleet(200), { latencyMs: [200, 200] });
    const dry = await runCleanup(aRequest({ policy, mode: 'dry-run', runId: 'dry' }), world.ports, {
      identity: {},
    });

    const reports = await runFamily(world, aRequest({ policy, planDigest: dry.planDigest! }), 30);

    expect(reports.length).toBeGreaterThan(2);
    expect(reports.at(-1)).toMatchObject({ outcome: 'success' });
    expect(tagsLeft(world)).toBe(0);
  });

  it('never removes more than the limits allow over all invocations', async () => {
    const world = aWorld(aFleet(200), { latencyMs: [200, 200] });
    const limited = { ...policy, limits: { ...policy.limits, maxResources: 210 } };
    const { invoker, waiting } = aFunction();
    const first = await runCleanup(
      aRequest({ policy: limited }),
      { ...world.ports, invoker },
      {
        identity: {},
        deadlineAtMs: world.clock.now() + 30_000,
      },
    );
    for (let n = 0; n < 50; n += 1) {
      world.cloud.put(aResource({ id: `eci-late-${n}`, tags: { 'ci-run': 'late' } }));
    }

    const [payload] = waiting;
    const next = await runCleanup(
      { ...nextRequest(payload!), policy: limited },
      { ...world.ports, invoker },
      {
        identity: {},
      },
    );

    expect(payload?.allowance.resources).toBe(210 - first.tags.removed);
    expect(next).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED', tags: { removed: 0 } });
  });

  it.each([
    ['at any pace', 0.5],
    ['where the calls that were refused use up the share', 0.002],
  ])('ends after two invocations in a row that got nothing done, %s', async (_, share) => {
    const world = aWorld(aFleet(50), {
      fault: ({ api }) =>
        api === 'UntagResources' ? { when: 'before', kind: 'throttled', code: 'Throttling.User' } : undefined,
    });

    const reports = await runFamily(
      world,
      aRequest({ policy: { ...policy, pace: { share, concurrency: 1 } } }),
      120,
    );

    expect(reports).toHaveLength(2);
    expect(reports.at(-1)).toMatchObject({
      outcome: 'partial',
      reason: expect.stringContaining('2 invocations in a row got nothing done'),
    });
  });

  it('keeps to its share over all invocations, and goes on where one finds the minute used up', async () => {
    const world = aWorld(aFleet(50), { latencyMs: [20, 20] });
    const slow = { ...policy, pace: { share: 0.02, concurrency: 4 } };

    const reports = await runFamily(world, aRequest({ policy: slow }), 25);

    const sent = world.cloud.calls.filter(({ api }) => api === 'UntagResources').map(({ atMs }) => atMs);
    expect(sent.filter((atMs, at) => at >= 20 && atMs - sent[at - 20]! < 60_000)).toEqual([]);
    expect(tagsLeft(world)).toBe(0);
    expect(reports.filter(({ tags }) => tags.removed === 0).length).toBeGreaterThan(1);
    expect(reports.length).toBeLessThan(10);
    expect(reports.at(-1)).toMatchObject({ outcome: 'success' });
  });

  it('is not done when nobody can be found to go on, so that the platform tries again', async () => {
    const world = aWorld(aFleet(200), { latencyMs: [200, 200] });
    const invoker: Invoker = {
      call: async () => undefined,
      submit: async () => {
        throw new CleanupError('INVOCATION_FAILED', 'status 503');
      },
    };

    const run = runCleanup(
      aRequest({ policy }),
      { ...world.ports, invoker },
      {
        identity: {},
        deadlineAtMs: world.clock.now() + 30_000,
      },
    );

    const report = await run;
    expect(report).toMatchObject({ code: 'INVOCATION_FAILED' });
    expect(isDone(report)).toBe(false);
    expect(world.log.kept.at(-1)).toMatchObject({ event_name: 'run_completed', outcome: 'partial' });
  });
});

describe('a run over the whole account', () => {
  const everywhere = { ...policy, scope: { ...policy.scope, regions: 'all' as const } };

  it('counts first, then starts an invocation for each region', async () => {
    const world = aWorld(aFleet(100, ['cn-hangzhou', 'cn-shanghai']));
    const { invoker, waiting } = aFunction();

    const parent = await runCleanup(
      aRequest({ policy: everywhere }),
      { ...world.ports, invoker },
      { identity: {} },
    );

    expect(parent).toMatchObject({
      outcome: 'partial',
      tags: { planned: 100, removed: 0, notReached: 100 },
      children: [
        { region: 'cn-hangzhou', runId: 'run-1-cn-hangzhou-h0' },
        { region: 'cn-shanghai', runId: 'run-1-cn-shanghai-h0' },
      ],
    });
    expect(waiting.map(({ regions, allowance }) => [regions, allowance.resources])).toEqual([
      [['cn-hangzhou'], 150],
      [['cn-shanghai'], 150],
    ]);
    for (const payload of waiting) {
      const child = { ...nextRequest(payload), policy: everywhere };
      await expect(runCleanup(child, { ...world.ports, invoker }, { identity: {} })).resolves.toMatchObject({
        outcome: 'success',
        tags: { removed: 50 },
      });
    }
    expect(tagsLeft(world)).toBe(0);
  });

  it('takes regions that pass maxPercent by themselves together with others, in one invocation', async () => {
    const regions = ['cn-beijing', 'cn-hangzhou', 'cn-shanghai', 'cn-shenzhen'];
    const half = { ...everywhere, limits: { ...everywhere.limits, maxPercent: 50, maxFailures: 3 } };
    const fleet = aFleet(80, regions).map((one, at) =>
      one.region === 'cn-beijing' || at % 8 === 1 ? one : aResource({ ...one, tags: { team: 'a' } }),
    );
    const world = aWorld(fleet);
    const { invoker, waiting } = aFunction();
    const ports = { ...world.ports, invoker };

    const parent = await runCleanup(aRequest({ policy: half }), ports, { identity: {} });

    expect(parent.tags).toMatchObject({ planned: 30, notReached: 30 });
    expect(waiting.map((payload) => payload.regions)).toEqual([
      ['cn-hangzhou'],
      ['cn-beijing', 'cn-shanghai'],
    ]);
    expect(waiting.map(({ allowance }) => allowance.failures)).toEqual([2, 1]);
    expect(parent.children.map(({ region }) => region)).toEqual(['cn-hangzhou', 'cn-beijing']);
    for (const payload of waiting) {
      const child = { ...nextRequest(payload), policy: half };
      await expect(runCleanup(child, ports, { identity: {} })).resolves.toMatchObject({ outcome: 'success' });
    }
    expect(tagsLeft(world)).toBe(0);
  });

  it('does all itself where the regions hold maxPercent only all together', async () => {
    const half = { ...everywhere, limits: { ...everywhere.limits, maxPercent: 50 } };
    const fleet = aFleet(80, ['cn-hangzhou', 'cn-shanghai']).map((one) =>
      one.region === 'cn-hangzhou' ? one : aResource({ ...one, tags: { team: 'a' } }),
    );
    const added = aResource({ id: 'eci-one', region: 'cn-shanghai', tags: { 'ci-run': '1' } });
    const world = aWorld([...fleet.slice(2), added, aResource({ id: 'eci-other', region: 'cn-shanghai' })]);
    const { invoker, waiting } = aFunction();

    const report = await runCleanup(
      aRequest({ policy: half }),
      { ...world.ports, invoker },
      { identity: {} },
    );

    expect(waiting).toEqual([]);
    expect(report).toMatchObject({ outcome: 'success', children: [], tags: { removed: 40 } });
  });

  it.each([
    { verify: 'all', invocations: 2 },
    { verify: 'none', invocations: 0 },
  ])('counts reading again as work, where that follows: verify $verify', async ({ verify, invocations }) => {
    const few = aFleet(4000, ['cn-hangzhou', 'cn-shanghai']).map((one, n) =>
      n < 4 ? one : { ...one, tags: [{ key: 'team', value: 'a' }] },
    );
    const world = aWorld(few);
    const named = aPolicy({ ...DOCUMENT, verify });
    const { invoker, waiting } = aFunction();

    await runCleanup(
      aRequest({ policy: named }),
      { ...world.ports, invoker },
      { identity: {}, deadlineAtMs: world.clock.now() + 20_000 },
    );

    expect(waiting).toHaveLength(invocations);
  });

  it('starts none when the regions together pass a limit', async () => {
    const world = aWorld(aFleet(100, ['cn-hangzhou', 'cn-shanghai']));
    const { invoker, waiting } = aFunction();
    const limited = { ...everywhere, limits: { ...everywhere.limits, maxResources: 99 } };

    const parent = await runCleanup(
      aRequest({ policy: limited }),
      { ...world.ports, invoker },
      { identity: {} },
    );

    expect(parent).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED', children: [] });
    expect(waiting).toEqual([]);
  });

  it('starts a region again when the run is started again: what is left now is not what was handed over then', async () => {
    const world = aWorld(aFleet(10, ['cn-hangzhou', 'cn-shanghai']), { latencyMs: [10, 10] });
    const { invoker, waiting } = aFunction();
    const ports = { ...world.ports, invoker };

    await runCleanup(aRequest({ policy: everywhere }), ports, { identity: {} });
    await runCleanup(aRequest({ policy: everywhere }), ports, { identity: {} });

    expect(waiting).toHaveLength(4);
  });
});

describe('a run that is started again under its id', () => {
  const again = { type: 'manual', name: 'request' } as const;
  const short = (world: World) => ({ identity: {}, deadlineAtMs: world.clock.now() + 30_000 });

  it('hands over what is left now, and takes no task of an earlier time for its own', async () => {
    const world = aWorld(aFleet(120), { latencyMs: [200, 200] });
    const { invoker, waiting } = aFunction();
    const ports = { ...world.ports, invoker };
    const wide = { ...policy, limits: { ...policy.limits, maxResources: 1000 } };
    const request = aRequest({ policy: wide, trigger: again, runId: 'req-mine' });
    await runCleanup(request, ports, short(world));
    while (waiting.length > 0) {
      const next = { ...nextRequest(waiting.shift()!), policy: wide };
      await runCleanup(next, ports, short(world));
    }
    expect(tagsLeft(world)).toBe(0);
    for (const { id } of aFleet(120)) world.cloud.put(aResource({ id, tags: { 'ci-run': 'again' } }));

    const report = await runCleanup(request, ports, short(world));

    expect(report).toMatchObject({ outcome: 'partial', continuation: { hop: 1 } });
    expect(waiting).toHaveLength(1);
    while (waiting.length > 0) {
      const next = { ...nextRequest(waiting.shift()!), policy: wide };
      await runCleanup(next, ports, short(world));
    }
    expect(tagsLeft(world)).toBe(0);
  });

  it('spends an allowance once, however late a continuation comes a second time', async () => {
    const world = aWorld(aFleet(120), { latencyMs: [200, 200] });
    const { invoker, waiting } = aFunction();
    const ports = { ...world.ports, invoker };
    const narrow = { ...policy, limits: { ...policy.limits, maxResources: 120 } };
    const first = await runCleanup(
      aRequest({ policy: narrow, trigger: again, runId: 'req-mine' }),
      ports,
      short(world),
    );
    const task = waiting.shift()!;
    const rest = { ...nextRequest(task), policy: narrow };
    const done = await runCleanup(rest, ports, { identity: {} });
    for (let n = 0; n < 120; n += 1) {
      world.cloud.put(aResource({ id: `eci-late-${n}`, tags: { 'ci-run': 'late' } }));
    }

    const late = await runCleanup(rest, ports, { identity: {} });

    expect(first.tags.removed + done.tags.removed).toBe(120);
    expect(late).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED', tags: { removed: 0 } });
    expect(late.warnings.join()).toContain('This run was begun before');
  });

  it('does the rest of what a killed one left, half of a resource included, within the same limit', async () => {
    const world = aWorld(aFleet(40), { latencyMs: [200, 200] });
    const narrow = { ...policy, limits: { ...policy.limits, maxResources: 40 } };
    const request = aRequest({ policy: narrow, trigger: again, runId: 'req-mine' });
    await runCleanup(request, world.ports, { identity: {}, deadlineAtMs: world.clock.now() + 9000 });
    expect(tagsLeft(world)).toBeGreaterThan(0);

    const report = await runCleanup(request, world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success' });
    expect(tagsLeft(world)).toBe(0);
  });
});

describe('two runs of a policy at once', () => {
  const begun = async (world: World, atMs: number) =>
    world.log.write([
      {
        event_name: 'run_started',
        event_id: 'other:start',
        event_time: new Date(atMs).toISOString(),
        run_id: 'other',
        policy_name: policy.name,
        dry_run: 'false',
      },
    ]);
  const run = (world: World, type: 'manual' | 'timer') =>
    runCleanup(aRequest({ policy, trigger: { type, name: 'x' } }), world.ports, {
      identity: {},
      deadlineAtMs: world.clock.now() + 600_000,
    });

  it('are told, and a request waits for the one that is at work', async () => {
    const world = aWorld(aFleet(3));
    await begun(world, world.clock.now() - 60_000);

    const asked = await run(world, 'manual');
    const nightly = await run(world, 'timer');

    expect(asked).toMatchObject({ outcome: 'refused', code: 'BUSY', tags: { removed: 0 } });
    expect(asked.reason).toContain('Run other of policy');
    expect(nightly).toMatchObject({ outcome: 'success', tags: { removed: 3 } });
    expect(nightly.warnings.join()).toContain('may overlap');
  });

  it('are not seen in one that began longer ago than a run may take', async () => {
    const world = aWorld(aFleet(3));
    await begun(world, world.clock.now() - 601_000);

    expect(await run(world, 'manual')).toMatchObject({ outcome: 'success', warnings: [] });
  });
});

describe('limits.perDay', () => {
  it('is of all runs of the policy together, by their records', async () => {
    const world = aWorld(aFleet(6));
    const daily = { ...policy, limits: { ...policy.limits, maxResources: 1, perDay: 4 } };
    const event = (n: number) =>
      aRequest({
        policy: daily,
        narrowing: { resourceIds: [`eci-${n}`] },
        created: [{ region: 'cn-hangzhou', type: 'ContainerGroup', id: `eci-${n}` }],
        trigger: { type: 'event', name: 'CreateContainerGroup' },
        runId: `event-${n}`,
      });
    const reports = [];

    for (let n = 0; n < 6; n += 1) reports.push(await runCleanup(event(n), world.ports, { identity: {} }));

    expect(reports.map(({ outcome }) => outcome)).toEqual([
      ...Array(4).fill('success'),
      ...Array(2).fill('refused'),
    ]);
    expect(reports[4]?.reason).toContain('limits.perDay (4)');
    await world.clock.sleep(24 * 3600 * 1000);
    expect(await runCleanup(event(5), world.ports, { identity: {} })).toMatchObject({ outcome: 'success' });
  });
});

describe('chain', () => {
  it('names runs and tasks within the bounds of the platform', () => {
    const place = { familyId: 'f'.repeat(64), shard: 'cn-shanghai-finance-1', hop: 100 };

    expect(chainRunId(place)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    const payload = { ...place, tagsweep: 'continuation', version: 1 } as ContinuationPayload;
    expect(chainTaskId(payload)).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/);
  });

  it('leaves limits as they are where no one handed over', () => {
    expect(limitsWithin(policy.limits, undefined)).toBe(policy.limits);
  });

  it('keeps a limit of 0', () => {
    const within = limitsWithin(policy.limits, { resources: 0, tags: 0, failures: 0 });

    expect(within).toMatchObject({ maxResources: 0, maxTags: 0, maxFailures: 0 });
  });
});
