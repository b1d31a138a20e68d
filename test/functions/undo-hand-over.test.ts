import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../lib/report/report.ts';
import { readHistory } from '../../lib/run/history.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';
import { deployedLog } from '../support/deployed-log.ts';

const POLICY = {
  version: 1,
  name: 'strip-markers',
  mode: 'apply',
  scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] },
  remove: [{ key: 'ci-run' }],
  limits: { maxResources: 500, maxPercent: 100 },
};

/** No two have the same value, so that each takes a request of its own to be put back. */
const FLEET = Array.from({ length: 90 }, (_, n) => ({
  id: `eci-${n}`,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  created: '2026-01-01T00:00:00Z',
  tags: { 'ci-run': `run ${n}`, team: 'web' },
}));

let fn: Deployed;
afterEach(() => fn.close());

describe('an undo that its time is too short for', () => {
  it('goes on in other invocations until every tag is back, each put once', async () => {
    fn = await deployFunction({
      emulator: { fleet: FLEET, behavior: { latencyMs: { TagResources: 1500 } } },
      function: { environment: TRUSTING },
    });
    const before = fn.emulator.state.snapshot();
    const { result: applied } = await fn.invoke({ policy: POLICY, mode: 'apply' });
    expect(applied).toMatchObject({ outcome: 'success', tags: { removed: FLEET.length } });

    const { result: first } = await fn.invoke({ undo: applied.runId, mode: 'apply' }, { timeoutSeconds: 14 });
    await fn.settled();

    expect(first.continuation).toMatchObject({ hop: 1 });
    expect(first.tags.restored).toBeGreaterThan(0);
    expect(first.tags.restored).toBeLessThan(FLEET.length);
    expect(fn.emulator.state.snapshot()).toEqual(before);
    const undos: Report[] = fn.fc.platform.invocations
      .slice(1)
      .map(({ body }) => JSON.parse(body.toString('utf8')));
    expect(undos.map(({ undo }) => undo?.of)).toEqual(undos.map(() => applied.runId));
    expect(undos.reduce((sum, { tags }) => sum + (tags.restored ?? 0), 0)).toBe(FLEET.length);
    expect(undos.at(-1)).toMatchObject({ outcome: 'success', continuation: null });
    const named = fn.emulator.counters.writes
      .filter(({ api, applied: done }) => api === 'TagResources' && done)
      .flatMap(({ resourceIds }) => resourceIds);
    expect(new Set(named).size).toBe(named.length);
    const told = await readHistory({ audit: deployedLog(fn) }, { fromMs: 0 });
    expect(JSON.stringify(told)).toContain(first.runId);
  }, 180_000);
});
