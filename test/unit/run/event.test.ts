import { describe, expect, it } from 'vitest';
import type { Invoker, ListQuery } from '../../../lib/ports.ts';
import { type ContinuationPayload, continuationSchema } from '../../../lib/run/chain.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { isDone } from '../../../lib/run/leave-to-platform.ts';
import type { CleanupRequest } from '../../../lib/run/request.ts';
import type { Fault } from '../../simulation/cloud.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld, type World } from '../../support/runs.ts';

const policy = aPolicy({
  limits: { maxPercent: 100, canary: 0 },
  batch: { resources: 1 },
  pace: { concurrency: 1 },
});

function created(count: number) {
  return Array.from({ length: count }, (_, n) => aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}` } }));
}

function anEvent(ids: readonly string[], part: Partial<CleanupRequest> = {}): CleanupRequest {
  return aRequest({
    policy,
    narrowing: { resourceIds: ids, resourceTypes: ['ContainerGroup'] },
    created: ids.map((id) => ({ region: 'cn-hangzhou', type: 'ContainerGroup', id })),
    trigger: { type: 'event', name: 'CreateContainerGroup' },
    ...part,
  });
}

const THROTTLED: Fault = { when: 'before', kind: 'throttled', code: 'Throttling.User' };

function tagsLeft(world: World): number {
  return [...world.cloud.state().values()].filter((tags) => tags.has('ci-run')).length;
}

/** The world's ECI, in which each id can be read only from its time on. */
function listedLater(world: World, listedAtMs: Readonly<Record<string, number>>) {
  const asked: (readonly string[])[] = [];
  const listResources = async (query: ListQuery) => {
    if (query.ids !== undefined) asked.push(query.ids);
    const page = await world.cloud.api.listResources(query);
    const now = world.clock.now();
    return { ...page, items: page.items.filter(({ id }) => (listedAtMs[id] ?? 0) <= now) };
  };
  return { asked, ports: { ...world.ports, eci: { ...world.cloud.api, listResources } } };
}

describe('a run that an event started', () => {
  it('is not done when time cuts it, and done when it is tried again', async () => {
    const world = aWorld(created(15), { latencyMs: [1000, 1000] });
    const request = anEvent([...Array(15).keys()].map((n) => `eci-${n}`));
    const options = { identity: {}, deadlineAtMs: world.clock.now() + 10_000 };

    expect(isDone(await runCleanup(request, world.ports, options))).toBe(false);
    expect(world.log.kept.at(-1)).toMatchObject({ event_name: 'run_completed', outcome: 'partial' });
    expect(tagsLeft(world)).toBeGreaterThan(0);

    const again = await runCleanup(request, world.ports, { identity: {} });
    expect(again).toMatchObject({ outcome: 'success' });
    expect(tagsLeft(world)).toBe(0);
  });

  it.each([
    { description: 'its removals are throttled until patience ends', api: 'UntagResources' },
    { description: 'its resources cannot be read for throttling', api: 'DescribeContainerGroups' },
  ])('is not done when $description', async ({ api }) => {
    const world = aWorld(created(3), { fault: (call) => (call.api === api ? THROTTLED : undefined) });

    const run = runCleanup(anEvent(['eci-0', 'eci-1', 'eci-2']), world.ports, { identity: {} });

    expect(isDone(await run)).toBe(false);
    expect(tagsLeft(world)).toBe(3);
  });

  it('is not done when its journal cannot be kept', async () => {
    const world = aWorld(created(1));
    const audit = {
      ...world.log,
      write: async () => {
        throw new Error('away');
      },
    };

    const run = runCleanup(anEvent(['eci-0']), { ...world.ports, audit }, { identity: {} });

    expect(isDone(await run)).toBe(false);
    expect(tagsLeft(world)).toBe(1);
  });

  it.each([
    {
      description: 'not done when a limit refuses it',
      part: { policy: aPolicy({ limits: { maxResources: 0 } }) },
      done: false,
    },
    { description: 'done when it is a dry run', part: { mode: 'dry-run' as const }, done: true },
  ])('is $description', async ({ part, done }) => {
    const world = aWorld(created(1));

    const report = await runCleanup(anEvent(['eci-0'], part), world.ports, { identity: {} });

    expect(isDone(report)).toBe(done);
    expect(report.tags.removed).toBe(0);
  });

  it('asks again, with growing pauses, for what is not readable yet, and for that alone', async () => {
    const world = aWorld(created(3));
    const startedAtMs = world.clock.now();
    const { asked, ports } = listedLater(world, { 'eci-1': startedAtMs + 12_000 });

    const report = await runCleanup(anEvent(['eci-0', 'eci-1', 'eci-2']), ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 3 } });
    expect(asked.slice(0, 4)).toEqual([['eci-0', 'eci-1', 'eci-2'], ['eci-1'], ['eci-1'], ['eci-1']]);
    expect(world.clock.now() - startedAtMs).toBeGreaterThanOrEqual(2000 + 4000 + 6000);
  });

  it('does what it can, and is not done, when time ends before a resource is readable', async () => {
    const world = aWorld(created(2));
    const { ports } = listedLater(world, { 'eci-1': Number.POSITIVE_INFINITY });
    const options = { identity: {}, deadlineAtMs: world.clock.now() + 15_000 };

    const run = runCleanup(anEvent(['eci-0', 'eci-1']), ports, options);

    const report = await run;
    expect(isDone(report)).toBe(false);
    expect(report.reason).toContain('before 1 of the created resources could be read');
    expect(tagsLeft(world)).toBe(1);
  });

  it('ends without complaint when a created resource stays away for 20 seconds: it is gone again', async () => {
    const world = aWorld(created(1));
    const startedAtMs = world.clock.now();

    const report = await runCleanup(anEvent(['eci-0', 'eci-gone']), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 1 } });
    expect(report.warnings.join()).toContain('Vanished: 1 created resource did not appear within 20 seconds');
    expect(world.clock.now() - startedAtMs).toBeLessThan(25_000);
  });

  it('does not wait where it can be started again later, and then looks once', async () => {
    const world = aWorld(created(2));
    const startedAtMs = world.clock.now();
    const { ports } = listedLater(world, { 'eci-1': startedAtMs + 12_000 });
    const submitted: { readonly payload: ContinuationPayload; readonly delaySeconds: number | undefined }[] =
      [];
    const invoker: Invoker = {
      call: async () => undefined,
      submit: async (payload, _, delaySeconds) => {
        submitted.push({
          payload: continuationSchema.parse(JSON.parse(JSON.stringify(payload))),
          delaySeconds,
        });
        return 'accepted';
      },
    };

    const report = await runCleanup(
      anEvent(['eci-0', 'eci-1', 'eci-gone']),
      { ...ports, invoker },
      { identity: {} },
    );

    expect(report).toMatchObject({ tags: { removed: 1 }, continuation: { hop: 1 } });
    expect(isDone(report)).toBe(true);
    expect(world.clock.now() - startedAtMs).toBeLessThan(1000);
    const [{ payload, delaySeconds } = { payload: undefined, delaySeconds: 0 }] = submitted;
    expect(delaySeconds).toBe(20);
    expect(payload?.created?.map(({ id }) => id)).toEqual(['eci-1', 'eci-gone']);
    await world.clock.sleep(20_000);
    const later = anEvent(['eci-1', 'eci-gone'], {
      trigger: { type: 'continuation', name: 'all' },
      runId: 'run-1-all-h1',
      parentRunId: 'run-1',
      chain: payload!,
    });
    const second = await runCleanup(later, { ...ports, invoker }, { identity: {} });
    expect(second).toMatchObject({ outcome: 'success', tags: { removed: 1 }, continuation: null });
    expect(second.warnings.join()).toContain('eci-gone');
    expect(submitted).toHaveLength(1);
  });

  it('does not wait for a dry run', async () => {
    const world = aWorld(created(1));
    const startedAtMs = world.clock.now();

    const report = await runCleanup(anEvent(['eci-gone'], { mode: 'dry-run' }), world.ports, {
      identity: {},
    });

    expect(report).toMatchObject({ outcome: 'success', tags: { planned: 0 } });
    expect(report.warnings.join()).toContain('a dry run does not wait: cn-hangzhou/ContainerGroup/eci-gone');
    expect(world.clock.now() - startedAtMs).toBeLessThan(1000);
  });

  it('asks no region for the ids of another, and leaves a namesake there alone', async () => {
    const twins = ['cn-hangzhou', 'cn-shanghai'].flatMap((region) =>
      ['eci-0', 'eci-1'].map((id) => aResource({ id, region, tags: { 'ci-run': '1' } })),
    );
    const world = aWorld(twins);
    const both = aPolicy({
      scope: { regions: ['cn-hangzhou', 'cn-shanghai'] },
      limits: { maxPercent: 100, canary: 0 },
    });
    const pairs = [
      { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-0' },
      { region: 'cn-shanghai', type: 'ContainerGroup', id: 'eci-1' },
    ] as const;

    const report = await runCleanup(
      anEvent(['eci-0', 'eci-1'], {
        policy: both,
        narrowing: { regions: ['cn-hangzhou', 'cn-shanghai'], resourceIds: ['eci-0', 'eci-1'] },
        created: pairs,
      }),
      world.ports,
      { identity: {} },
    );

    expect(report).toMatchObject({ outcome: 'success', resources: { seen: 2 }, tags: { removed: 2 } });
    expect([...world.cloud.state()].filter(([, tags]) => tags.has('ci-run')).map(([name]) => name)).toEqual([
      'cn-hangzhou/ContainerGroup/eci-1',
      'cn-shanghai/ContainerGroup/eci-0',
    ]);
  });
});
