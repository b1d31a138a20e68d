import { describe, expect, it } from 'vitest';
import { CleanupError } from '../../../lib/errors.ts';
import type { Plan } from '../../../lib/plan/types.ts';
import { planCleanup } from '../../../lib/run/cleanup.ts';
import { applySavedPlan, type SavedPlanRequest } from '../../../lib/run/saved-plan.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld, type World } from '../../support/runs.ts';

const policy = aPolicy({
  remove: [{ key: 'ci-*' }],
  protect: [{ resources: { tag: 'legal-hold', exists: true } }],
  limits: { maxPercent: 100 },
});

const FLEET = Array.from({ length: 30 }, (_, n) =>
  aResource({ id: `eci-${n}`, tags: { 'ci-job': 'x', 'ci-run': `${n}`, team: 'a' } }),
);

const ref = (n: number) => ({ region: 'cn-hangzhou', type: 'ContainerGroup', id: `eci-${n}` }) as const;

async function aSavedPlan(world: World, accountId?: string): Promise<Plan> {
  const options = { identity: {}, ...(accountId !== undefined && { accountId }) };
  const { plan } = await planCleanup(aRequest({ policy }), world.ports, options);
  return JSON.parse(JSON.stringify(plan)) as Plan;
}

function asked(plan: Plan, mode: SavedPlanRequest['mode'] = 'apply'): SavedPlanRequest {
  return { plan, mode, trigger: { type: 'cli', name: 'test' }, runId: 'run-1' };
}

const untagCalls = (world: World) => world.cloud.calls.filter(({ api }) => api === 'UntagResources');

describe('applySavedPlan', () => {
  it('removes exactly the plan where nothing changed since', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    world.cloud.put(aResource({ id: 'eci-late', tags: { 'ci-run': 'late' } }));

    const report = await applySavedPlan(asked(plan), world.ports, { identity: {} });

    expect(report).toMatchObject({
      outcome: 'success',
      planDigest: plan.digest,
      tags: { planned: 60, removed: 60 },
    });
    expect(world.cloud.tagsOf({ ...ref(0), id: 'eci-late' })).toEqual(new Map([['ci-run', 'late']]));
    expect(FLEET.every((_, n) => world.cloud.tagsOf(ref(n))?.size === 1)).toBe(true);
  });

  it('tells what changed, was gone, or lost its resource, and keeps what is not its own', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    world.cloud.setTag(ref(0), 'ci-run', 'somebody else');
    world.cloud.dropTag(ref(1), 'ci-run');
    world.cloud.destroy(ref(2));

    const report = await applySavedPlan(asked(plan), world.ports, { identity: {} });

    expect(report.tags).toEqual({
      planned: 60,
      removed: 56,
      absent: 1,
      stale: 1,
      vanished: 2,
      ended: 0,
      failed: 0,
      notReached: 0,
    });
    expect(world.cloud.tagsOf(ref(0))?.get('ci-run')).toBe('somebody else');
  });

  it('keeps what the policy of that name keeps today', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    const today = aPolicy({ remove: [{ key: 'ci-run' }], limits: { maxPercent: 100 } });

    const report = await applySavedPlan({ ...asked(plan), today }, world.ports, { identity: {} });

    expect(report.tags).toMatchObject({ planned: 60, removed: 30, stale: 30 });
    expect(world.cloud.tagsOf(ref(3))?.get('ci-job')).toBe('x');
  });

  it("is refused where it passes today's limits", async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    const today = aPolicy({ remove: [{ key: 'ci-*' }], limits: { maxPercent: 100, maxTags: 10 } });

    const report = await applySavedPlan({ ...asked(plan), today }, world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'refused', code: 'LIMIT_EXCEEDED', tags: { notReached: 60 } });
    expect(untagCalls(world)).toEqual([]);
  });

  describe('limits.perDay', () => {
    const daily = aPolicy({ remove: [{ key: 'ci-*' }], limits: { maxPercent: 100, perDay: 70 } });

    it('counts what other runs of the policy removed within a day, whichever way they came', async () => {
      const world = aWorld(FLEET);
      const { plan } = await planCleanup(aRequest({ policy: daily }), world.ports, { identity: {} });
      const first = await applySavedPlan(asked(plan), world.ports, { identity: {} });
      for (const one of FLEET) world.cloud.put(one);

      const second = await applySavedPlan({ ...asked(plan), runId: 'run-2' }, world.ports, { identity: {} });
      const calls = untagCalls(world).length;
      await world.clock.sleep(23.9 * 3_600_000);
      const late = await applySavedPlan({ ...asked(plan), runId: 'run-3' }, world.ports, { identity: {} });

      expect(first).toMatchObject({ outcome: 'success', tags: { removed: 60 } });
      expect(second).toMatchObject({
        outcome: 'refused',
        code: 'LIMIT_EXCEEDED',
        tags: { removed: 0, notReached: 60 },
      });
      expect(second.reason).toMatch(/removes 60 tags, .* removed 60 within .* limits.perDay \(70\)/);
      expect(late.code).toBe('LIMIT_EXCEEDED');
      expect(untagCalls(world)).toHaveLength(calls);
    });

    it("is today's where that is the smaller one, and the plan's where today's says none", async () => {
      const world = aWorld(FLEET);
      const plan = await aSavedPlan(world);
      const today = aPolicy({ remove: [{ key: 'ci-*' }], limits: { maxPercent: 100, perDay: 59 } });
      const { plan: limited } = await planCleanup(aRequest({ policy: today }), world.ports, { identity: {} });

      const byToday = await applySavedPlan({ ...asked(plan), today }, world.ports, { identity: {} });
      const byPlan = await applySavedPlan({ ...asked(limited), runId: 'run-2', today: policy }, world.ports, {
        identity: {},
      });

      expect([byToday.code, byPlan.code]).toEqual(['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
      expect(untagCalls(world)).toEqual([]);
    });

    it('refuses where the records of the day cannot be read', async () => {
      const world = aWorld(FLEET);
      const { plan } = await planCleanup(aRequest({ policy: daily }), world.ports, { identity: {} });
      const audit = {
        ...world.log,
        read: async () => {
          throw new CleanupError('AUDIT_UNAVAILABLE', 'The log store does not answer.');
        },
      };

      const report = await applySavedPlan(asked(plan), { ...world.ports, audit }, { identity: {} });

      expect(report.code).toBe('AUDIT_UNAVAILABLE');
      expect(untagCalls(world)).toEqual([]);
    });
  });

  it('is refused a day after it was made, and not before', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    await world.clock.sleep(24 * 3_600_000 + 1000);

    const late = await applySavedPlan(asked(plan), world.ports, { identity: {} });

    expect(late).toMatchObject({ outcome: 'refused', code: 'PLAN_REFUSED' });
    expect(late.reason).toMatch(/could be applied until .*limits.planAge.*make it again/);
    expect(untagCalls(world)).toEqual([]);
  });

  it('keeps the tags of a resource that its policy has come to protect', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    world.cloud.setTag(ref(3), 'legal-hold', 'case 7');

    const report = await applySavedPlan(asked(plan), world.ports, { identity: {} });

    expect(report.tags).toMatchObject({ removed: 58, stale: 2 });
    expect(world.cloud.tagsOf(ref(3))?.get('ci-run')).toBe('3');
  });

  it('changes nothing in a dry run, and warns of what drifted', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    world.cloud.dropTag(ref(1), 'ci-run');

    const report = await applySavedPlan(asked(plan, 'dry-run'), world.ports, { identity: {} });

    expect(untagCalls(world)).toEqual([]);
    expect(report.tags).toMatchObject({ planned: 60, removed: 0 });
    expect(report.warnings.join()).toContain('1 are gone');
  });

  it('refuses a plan of another account before anything is read', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world, '1111');
    const callsBefore = world.cloud.calls.length;

    const report = await applySavedPlan(asked(plan), world.ports, { identity: {}, accountId: '2222' });

    expect(report).toMatchObject({ outcome: 'refused', code: 'PLAN_REFUSED', tags: { notReached: 60 } });
    expect(world.cloud.calls).toHaveLength(callsBefore);
  });

  it('refuses an incomplete plan, and one without a place for its records', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    const incomplete = { ...plan, inventory: { ...plan.inventory, complete: false } };

    const cut = await applySavedPlan(asked(incomplete), world.ports, { identity: {} });
    const unrecorded = await applySavedPlan(asked(plan), { ...world.ports, audit: null }, { identity: {} });

    expect([cut.code, unrecorded.code]).toEqual(['INVENTORY_INCOMPLETE', 'AUDIT_UNAVAILABLE']);
    expect(untagCalls(world)).toEqual([]);
  });

  it('refuses a plan whose policy is not the one it was made with', async () => {
    const world = aWorld(FLEET);
    const plan = await aSavedPlan(world);
    const wider = {
      ...plan,
      policy: { ...plan.policy, document: aPolicy({ remove: [{ key: '*' }] }).document },
    };

    await expect(applySavedPlan(asked(wider), world.ports, { identity: {} })).rejects.toMatchObject({
      code: 'INVALID_PLAN_FILE',
    });
  });

  it('leaves alone what it could not read', async () => {
    let planned = false;
    const world = aWorld(FLEET, {
      fault: ({ api, ids }) =>
        planned && api === 'DescribeContainerGroups' && ids?.includes('eci-0')
          ? { when: 'before', kind: 'rejected', code: 'NoPermission' }
          : undefined,
    });
    const plan = await aSavedPlan(world);
    planned = true;

    const report = await applySavedPlan(asked(plan), world.ports, { identity: {} });

    expect(report.outcome).toBe('partial');
    expect(report.reason).toMatch(/could not be read, and were left alone/);
    expect(report.tags.notReached).toBeGreaterThan(0);
    expect(world.cloud.tagsOf(ref(0))?.get('ci-run')).toBe('0');
  });
});
