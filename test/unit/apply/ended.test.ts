import { describe, expect, it } from 'vitest';
import type { EciApi } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anEciError, type FakeCall, fakeEci } from '../../support/fake-eci.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { aRequest } from '../../support/runs.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const TAGS = { 'ci-run': '1', env: 'dev' };

/** Container groups of which every tenth has ended, in a service that refuses tag calls for those. */
function anAccount(groups: number, refused: readonly string[] = ['Succeeded', 'Failed', 'Expired']) {
  const clock = virtualClock();
  const resources = Array.from({ length: groups }, (_, n) =>
    aResource({
      id: `eci-${String(n).padStart(4, '0')}`,
      status: n % 10 === 3 ? ['Succeeded', 'Failed', 'Expired'][n % 3] : 'Running',
      tags: TAGS,
    }),
  );
  const status = new Map(resources.map((one) => [one.id, one.status!]));
  const onCall = async ({ api, query }: FakeCall) => {
    await clock.sleep(50);
    if (api !== 'UntagResources' && api !== 'TagResources') return;
    if (!(query.ids as readonly string[]).some((id) => refused.includes(status.get(id)!))) return;
    throw anEciError({ api, kind: 'busy', code: 'IncorrectStatus' });
  };
  const eci = fakeEci({ resources, onCall });
  const ports = { eci, audit: createMemoryLog(), clock, chance: () => 0.5 };
  const policy = aPolicy({ limits: { maxPercent: 100 } });
  return { eci, clock, ports, policy, startMs: clock.now() };
}

describe('groups that have ended, and are refused', () => {
  it('end as ended in few calls, without a retry and outside the error budget', async () => {
    const { eci, clock, ports, policy, startMs } = anAccount(300);

    const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });

    expect(report).toMatchObject({
      outcome: 'success',
      tags: { planned: 300, removed: 270, ended: 30, failed: 0, notReached: 0 },
      calls: { retries: 0 },
      failures: [],
      proof: { verified: true },
    });
    expect(eci.count('UntagResources')).toBeLessThanOrEqual(40);
    expect(clock.now() - startMs).toBeLessThan(60_000);
  });

  it('leave the others of a request alone', async () => {
    const { eci, ports, policy } = anAccount(20);

    await runCleanup(aRequest({ policy }), ports, { identity: {} });

    const left = eci.resources.filter(({ tags }) => tags!.some(({ key }) => key === 'ci-run'));
    expect(left.map(({ id }) => id)).toEqual(['eci-0003', 'eci-0013']);
  });

  it('lose their tags like any other where the service takes the call', async () => {
    const { ports, policy } = anAccount(40, []);

    const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });

    expect(report.tags).toMatchObject({ removed: 40, ended: 0 });
  });

  it('are told apart by their status', async () => {
    const { ports, policy } = anAccount(60, ['Expired']);

    const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 58, ended: 2, failed: 0 } });
  });

  it('keep what an undo would put back, which says so', async () => {
    const { eci, ports, policy } = anAccount(10, []);
    await runCleanup(aRequest({ policy }), ports, { identity: {} });
    const onCall: EciApi['tagResources'] = async (request) => {
      if (request.ids.includes('eci-0003')) {
        throw anEciError({ api: 'TagResources', kind: 'busy', code: 'IncorrectStatus' });
      }
      return await eci.tagResources(request);
    };

    const report = await runUndo(
      { undo: 'run-1', mode: 'apply', trigger: { type: 'cli', name: 'test' }, runId: 'undo-1' },
      { ...ports, eci: { ...eci, tagResources: onCall } },
      { identity: {} },
    );

    expect(report).toMatchObject({ outcome: 'success', tags: { restored: 9, ended: 1, failed: 0 } });
    expect(report.undo?.left).toMatchObject([
      { resourceId: 'eci-0003', why: expect.stringContaining('final status') },
    ]);
  });
});
