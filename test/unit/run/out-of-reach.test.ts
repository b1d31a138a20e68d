import { describe, expect, it } from 'vitest';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = Array.from({ length: 30 }, (_, n) => aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}` } }));
const policy = aPolicy({ limits: { maxPercent: 100, canary: 5 }, batch: { resources: 5 } });
const UNDO = {
  undo: 'run-1',
  mode: 'apply',
  trigger: { type: 'cli', name: 'test' },
  runId: 'undo-1',
} as const;

/** A world in which reading fails from the first removal on, or once it is said to. */
function aWorldWithoutReading(kind: 'rejected' | 'fatal', fromFirstRemoval: boolean) {
  const state = { out: false };
  const world = aWorld(FLEET, {
    fault: (call) => {
      if (call.api === 'UntagResources' && fromFirstRemoval) state.out = true;
      if (!state.out || call.api !== 'DescribeContainerGroups') return undefined;
      return { when: 'before', kind, code: 'NoPermission' };
    },
  });
  return { world, state };
}

describe('a canary that cannot be read again', () => {
  it('is taken at its word, and nothing else is touched', async () => {
    const { world } = aWorldWithoutReading('rejected', true);

    const report = await runCleanup(aRequest({ policy }), world.ports, { identity: {} });

    expect(report).toMatchObject({
      outcome: 'failure',
      code: 'CANARY',
      tags: { planned: 30, removed: 5, failed: 0, notReached: 25 },
      proof: { verified: false },
    });
    expect(report.reason).toContain('before the canary could be verified; nothing else was touched');
  });

  it('ends the run at once where the account is refused', async () => {
    const { world } = aWorldWithoutReading('fatal', true);

    const report = await runCleanup(aRequest({ policy }), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'failure', code: 'ECI', tags: { removed: 5, notReached: 25 } });
    expect(report.durationMs).toBeLessThan(10_000);
  });
});

describe('an undo whose resources cannot be read', () => {
  it.each([
    { kind: 'rejected', outcome: 'partial' },
    { kind: 'fatal', outcome: 'failure' },
  ] as const)('says so ($kind), and leaves them alone', async ({ kind, outcome }) => {
    const { world, state } = aWorldWithoutReading(kind, false);
    await runCleanup(aRequest({ policy }), world.ports, { identity: {} });
    state.out = true;

    const report = await runUndo(UNDO, world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome, code: 'ECI', tags: { restored: 0, notReached: 30 } });
    expect(report.reason).toMatch(/resources could not be read, and were left alone/);
    expect(report.undo?.left).toHaveLength(30);
  });

  it('says so where its time ended while it read', async () => {
    const { world } = aWorldWithoutReading('rejected', false);
    await runCleanup(aRequest({ policy }), world.ports, { identity: {} });

    const deadlineAtMs = world.clock.now() + 1;
    const report = await runUndo(UNDO, world.ports, { identity: {}, deadlineAtMs });

    expect(report).toMatchObject({ outcome: 'partial', code: 'TIME', tags: { restored: 0, notReached: 30 } });
  });
});
