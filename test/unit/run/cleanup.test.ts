import { describe, expect, it } from 'vitest';
import { planCleanup, runCleanup } from '../../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = Array.from({ length: 60 }, (_, n) =>
  aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}`, team: 'a', 'ci-job': 'x' } }),
);

describe('runCleanup', () => {
  it('removes what the policy names and nothing else', async () => {
    const { cloud, log, ports } = aWorld(FLEET);

    const report = await runCleanup(aRequest(), ports, { identity: {} });

    expect([...cloud.state().values()].map((tags) => [...tags])).toEqual(FLEET.map(() => [['team', 'a']]));
    expect(report).toMatchObject({
      outcome: 'success',
      reason: '',
      resources: { seen: 60, selected: 60, changed: 60, failed: 0 },
      tags: { planned: 120, removed: 120, notReached: 0 },
      removedByKey: { 'ci-job': 60, 'ci-run': 60 },
      proof: { verified: true, foreign: 0, unexplained: 0 },
      audit: { project: 'memory', records: log.kept.length },
    });
  });

  it('does nothing in a dry run, and plans the same', async () => {
    const { cloud, ports } = aWorld(FLEET);
    const dry = await runCleanup(aRequest({ mode: 'dry-run' }), ports, { identity: {} });

    expect(dry).toMatchObject({ outcome: 'success', tags: { planned: 120, removed: 0, notReached: 0 } });
    expect(cloud.calls.filter((call) => call.api === 'UntagResources')).toEqual([]);

    const apply = await runCleanup(aRequest({ planDigest: dry.planDigest! }), ports, { identity: {} });
    expect(apply).toMatchObject({ outcome: 'success', planDigest: dry.planDigest });
  });

  it('finds nothing to do the second time', async () => {
    const { ports } = aWorld(FLEET);
    await runCleanup(aRequest(), ports, { identity: {} });

    const again = await runCleanup(aRequest({ runId: 'run-2' }), ports, { identity: {} });

    expect(again).toMatchObject({ outcome: 'success', tags: { planned: 0 }, calls: { untag: 0 } });
  });

  it.each([
    {
      description: 'a limit',
      part: { policy: aPolicy({ limits: { maxResources: 0 } }) },
      code: 'LIMIT_EXCEEDED',
    },
    { description: 'a digest', part: { planDigest: `sha256:${'0'.repeat(64)}` }, code: 'DIGEST_MISMATCH' },
  ])('refuses for $description with a balanced report', async ({ part, code }) => {
    const { cloud, log, ports } = aWorld(FLEET);

    const report = await runCleanup(aRequest(part), ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'refused', code, tags: { planned: 120, notReached: 120 } });
    expect(report.reason).not.toBe('');
    expect(cloud.calls.some((call) => call.api === 'UntagResources')).toBe(false);
    expect(log.kept.at(-1)).toMatchObject({ event_name: 'run_completed', outcome: 'refused' });
  });

  it('refuses an apply without a log store', async () => {
    const { cloud, ports } = aWorld(FLEET);

    const report = await runCleanup(aRequest(), { ...ports, audit: null }, { identity: {} });

    expect(report).toMatchObject({ outcome: 'refused', code: 'AUDIT_UNAVAILABLE', audit: null });
    expect(cloud.calls.some((call) => call.api === 'UntagResources')).toBe(false);
  });
});

describe('planCleanup', () => {
  it('writes nothing anywhere', async () => {
    const { cloud, log, ports } = aWorld(FLEET);

    const planned = await planCleanup(aRequest(), ports, { identity: {} });

    expect(planned.plan.removals).toHaveLength(60);
    expect(planned.refusal).toBeUndefined();
    expect(log.kept).toEqual([]);
    expect(cloud.calls.some((call) => call.api === 'UntagResources')).toBe(false);
  });

  it('gives the plan together with what would refuse it', async () => {
    const { ports } = aWorld(FLEET);

    const planned = await planCleanup(aRequest({ policy: aPolicy({ limits: { maxTags: 5 } }) }), ports, {
      identity: {},
    });

    expect(planned.plan.removals).toHaveLength(60);
    expect(planned.refusal).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});
