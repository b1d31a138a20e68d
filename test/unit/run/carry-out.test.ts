import { describe, expect, it } from 'vitest';
import type { EciApi } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = Array.from({ length: 60 }, (_, n) => aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}` } }));
const OPTIONS = { identity: {} };

describe('carryOut', () => {
  it('makes a failure of whatever breaks on the way, with a report that balances', async () => {
    const world = aWorld(FLEET);
    let calls = 0;
    const untagResources: EciApi['untagResources'] = async (request) => {
      calls += 1;
      if (calls === 2) throw new TypeError('cannot read properties of undefined');
      return await world.ports.eci.untagResources(request);
    };

    const report = await runCleanup(
      aRequest(),
      { ...world.ports, eci: { ...world.ports.eci, untagResources } },
      OPTIONS,
    );

    expect(report).toMatchObject({
      outcome: 'failure',
      code: 'UNKNOWN',
      reason: expect.stringContaining('cannot read properties'),
      tags: { planned: 60, removed: 10, notReached: 50 },
    });
    expect(world.log.kept.at(-1)).toMatchObject({ event_name: 'run_completed', outcome: 'failure' });
  });

  it('makes a failure of a proof that breaks, and tells what was done', async () => {
    const world = aWorld(FLEET);
    let isDone = false;
    const listResources: EciApi['listResources'] = async (query) => {
      if (isDone) throw new TypeError('cannot read properties of undefined');
      return await world.ports.eci.listResources(query);
    };
    const untagResources: EciApi['untagResources'] = async (request) => {
      isDone = true;
      return await world.ports.eci.untagResources(request);
    };
    const { policy } = aRequest();
    const limits = { ...policy.limits, canary: 0 };

    const report = await runCleanup(
      aRequest({ policy: { ...policy, limits } }),
      { ...world.ports, eci: { ...world.ports.eci, listResources, untagResources } },
      OPTIONS,
    );

    expect(report).toMatchObject({
      outcome: 'failure',
      code: 'UNKNOWN',
      reason: 'What was removed could not be verified: cannot read properties of undefined',
      tags: { removed: 60 },
      proof: { verified: false, unexplained: 0 },
    });
  });

  it('does not read again where the policy does not want it', async () => {
    const world = aWorld(FLEET);
    const { policy } = aRequest();

    const report = await runCleanup(
      aRequest({ policy: { ...policy, verify: 'none', limits: { ...policy.limits, canary: 0 } } }),
      world.ports,
      OPTIONS,
    );

    expect(report.proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
    expect(world.cloud.calls.at(-1)?.api).toBe('UntagResources');
  });
});
