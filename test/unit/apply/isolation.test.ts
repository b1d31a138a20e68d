import { describe, expect, it } from 'vitest';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

describe('isolation', () => {
  const FLEET = Array.from({ length: 1000 }, (_, n) =>
    aResource({ id: `eci-${n}`, tags: { 'ci-a': 'x', 'ci-b': 'y' } }),
  );
  const policy = aPolicy({
    limits: { maxPercent: 100, canary: 0, maxFailures: 100 },
    batch: { resources: 100, keys: 20 },
  });

  async function callsWith(bad: readonly string[]) {
    const world = aWorld(FLEET, {
      fault: (call) =>
        call.api === 'UntagResources' && call.ids?.some((id) => bad.includes(id))
          ? { when: 'before', kind: 'rejected', code: 'Locked' }
          : undefined,
    });
    const report = await runCleanup(aRequest({ policy }), world.ports, { identity: {} });
    const untag = world.cloud.calls.filter((call) => call.api === 'UntagResources').length;
    return { report, untag, list: world.cloud.calls.length - untag };
  }

  it.each([
    { bad: ['eci-17'], more: { untag: 16, list: 17 } },
    { bad: ['eci-17', 'eci-640'], more: { untag: 32, list: 34 } },
    { bad: ['eci-3', 'eci-17', 'eci-333', 'eci-640', 'eci-999'], more: { untag: 100, list: 101 } },
  ])(
    'isolates $bad.length of 1000 with $more.untag requests and $more.list readings more',
    async ({ bad, more }) => {
      const clean = await callsWith([]);

      const { report, untag, list } = await callsWith(bad);

      expect(report.tags).toMatchObject({
        planned: 2000,
        removed: 2000 - 2 * bad.length,
        failed: 2 * bad.length,
      });
      expect(new Set(report.failures.map((one) => one.resourceId))).toEqual(new Set(bad));
      expect({ untag: untag - clean.untag, list: list - clean.list }).toEqual(more);
      // Two halves at each of the seven levels of 100 resources, and as much again for the two keys.
      expect(untag - 10).toBeLessThanOrEqual(bad.length * 2 * (Math.ceil(Math.log2(100)) + 4));
    },
  );
});
