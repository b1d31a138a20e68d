import { describe, expect, it } from 'vitest';
import { EciError } from '../../lib/errors.ts';
import { callsPerMinute } from '../../lib/pace/quotas.ts';
import type { EciApi, Page, UntagRequest } from '../../lib/ports.ts';
import { TAG_ENDS } from '../../lib/report/report.ts';
import type { Resource } from '../../lib/resource.ts';
import { runCleanup } from '../../lib/run/cleanup.ts';
import { runUndo } from '../../lib/run/undo.ts';
import type { Fault } from '../simulation/cloud.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import { aRequest, aWorld, type World } from '../support/runs.ts';

const FLEET = Array.from({ length: 40 }, (_, n) =>
  aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}`, env: n % 2 === 0 ? 'dev' : 'prod' } }),
);
const OPTIONS = { identity: {} };
const REJECTED: Fault = { when: 'before', kind: 'rejected', code: 'IncorrectStatus' };

const untags = ({ cloud }: World) => cloud.calls.filter((call) => call.api === 'UntagResources');
const withEci = ({ ports }: World, part: Partial<EciApi>) => ({ ...ports, eci: { ...ports.eci, ...part } });

describe('the promises', () => {
  it('1: asks for nothing outside the plan', async () => {
    const world = aWorld(FLEET);
    const policy = aPolicy({
      select: { tag: 'env', equals: 'dev' },
      remove: [{ key: 'ci-*' }],
      limits: { maxPercent: 100 },
    });

    await runCleanup(aRequest({ policy }), world.ports, OPTIONS);

    const asked = untags(world).flatMap((call) => call.ids ?? []);
    expect(asked.sort()).toEqual(
      FLEET.filter((_, n) => n % 2 === 0)
        .map((one) => one.id)
        .sort(),
    );
    expect(untags(world).every((call) => call.keys?.join() === 'ci-run')).toBe(true);
  });

  it('2: gives every planned tag one end, though some resources refuse', async () => {
    const world = aWorld(FLEET, {
      fault: (call) => (call.api === 'UntagResources' && call.ids?.includes('eci-7') ? REJECTED : undefined),
    });

    const { tags } = await runCleanup(aRequest(), world.ports, OPTIONS);

    expect(TAG_ENDS.reduce((sum, end) => sum + tags[end], 0)).toBe(tags.planned);
    expect(tags).toMatchObject({ planned: 40, removed: 39, failed: 1 });
  });

  it('3: removes nothing when a page is missing', async () => {
    const world = aWorld(FLEET);
    let pages = 0;
    const listResources: EciApi['listResources'] = async (query): Promise<Page<Resource>> => {
      pages += 1;
      if (pages === 1) return await world.ports.eci.listResources(query);
      throw new EciError('Refused.', {
        kind: 'rejected',
        apiCode: 'InvalidParameter',
        apiName: 'DescribeContainerGroups',
        region: query.region,
        outcomeUnknown: false,
      });
    };

    const report = await runCleanup(aRequest(), withEci(world, { listResources }), OPTIONS);

    expect(report).toMatchObject({ outcome: 'refused', code: 'INVENTORY_INCOMPLETE' });
    expect(untags(world)).toEqual([]);
  });

  it('4: has every tag in the log before the request that removes it', async () => {
    const world = aWorld(FLEET);
    const before: string[] = [];
    const untagResources = async (request: UntagRequest) => {
      const journal = world.log.kept
        .filter((record) => record.event_name === 'removals_planned')
        .map((record) => record.resources)
        .join();
      before.push(...request.ids.filter((id) => journal.includes(`{"id":"${id}","tags":{"ci-run":`)));
      return await world.ports.eci.untagResources(request);
    };

    await runCleanup(aRequest(), withEci(world, { untagResources }), OPTIONS);

    expect(before).toHaveLength(40);
  });

  it('4: removes nothing where the log cannot be written', async () => {
    const world = aWorld(FLEET);
    world.log.failNext(1000);

    const report = await runCleanup(aRequest(), world.ports, OPTIONS);

    expect(report).toMatchObject({ outcome: 'refused', code: 'AUDIT_UNAVAILABLE', tags: { removed: 0 } });
    expect(untags(world)).toEqual([]);
  });

  it('5: ends where one clean run ends, after a run whose answers were all lost', async () => {
    const clean = aWorld(FLEET);
    await runCleanup(aRequest(), clean.ports, OPTIONS);
    let calls = 0;
    const lost: Fault = { when: 'after', kind: 'unanswered', code: 'Unanswered' };
    const world = aWorld(FLEET, {
      fault: (call) => (call.api === 'UntagResources' && calls++ % 2 === 0 ? lost : undefined),
    });

    await runCleanup(aRequest(), world.ports, OPTIONS);
    await runCleanup(aRequest({ runId: 'run-2' }), world.ports, OPTIONS);

    expect(world.cloud.state()).toEqual(clean.cloud.state());
  });

  it('6: puts back what a run removed, and leaves what was set again', async () => {
    const world = aWorld(FLEET);
    const before = world.cloud.state();
    await runCleanup(aRequest(), world.ports, OPTIONS);
    world.cloud.setTag(FLEET[3]!, 'ci-run', 'mine');

    const trigger = { type: 'cli', name: 'test' } as const;
    const undo = { undo: 'run-1', mode: 'apply', trigger, runId: 'undo-1' } as const;
    const report = await runUndo(undo, world.ports, OPTIONS);

    expect(report.tags).toMatchObject({ planned: 40, restored: 39, stale: 1 });
    expect(report.undo?.left).toMatchObject([{ resourceId: 'eci-3', key: 'ci-run' }]);
    for (const [name, tags] of world.cloud.state()) {
      const expected = Object.fromEntries(before.get(name)!);
      if (name.endsWith('/eci-3')) expected['ci-run'] = 'mine';
      expect(Object.fromEntries(tags)).toEqual(expected);
    }
  });

  it.each(['timer', 'manual', 'event', 'continuation', 'cli'] as const)(
    '7: holds the limits of a run that a %s started',
    async (type) => {
      const world = aWorld(FLEET);
      const policy = aPolicy({ limits: { maxResources: 39, maxPercent: 100 } });

      const report = await runCleanup(
        aRequest({ policy, trigger: { type, name: 'test' } }),
        world.ports,
        OPTIONS,
      );

      expect(report).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED' });
      expect(untags(world)).toEqual([]);
    },
  );

  it('8: stays under its share of the quota in every sliding minute', async () => {
    const world = aWorld(FLEET);
    const policy = aPolicy({
      limits: { maxPercent: 100, canary: 0 },
      pace: { share: 0.01 },
      batch: { resources: 1, keys: 1 },
    });

    await runCleanup(aRequest({ policy }), world.ports, OPTIONS);

    const most = callsPerMinute('UntagResources', 0.01);
    const at = untags(world).map((call) => call.atMs);
    expect(at).toHaveLength(40);
    expect(at.every((atMs, n) => n < most || atMs - at[n - most]! >= 60_000)).toBe(true);
  });

  it('9: changes nothing unless told to', async () => {
    const world = aWorld(FLEET);
    const before = world.cloud.state();

    const report = await runCleanup(aRequest({ mode: aPolicy().mode }), world.ports, OPTIONS);

    expect(report).toMatchObject({ mode: 'dry-run', tags: { planned: 40, removed: 0 } });
    expect(world.cloud.state()).toEqual(before);
    expect(untags(world)).toEqual([]);
  });
});
