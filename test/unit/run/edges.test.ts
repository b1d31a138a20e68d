import { describe, expect, it } from 'vitest';
import { InvocationError } from '../../../lib/errors.ts';
import type { Invoker } from '../../../lib/ports.ts';
import { MAX_HOPS, unusedBy } from '../../../lib/run/chain.ts';
import { planCleanup, runCleanup } from '../../../lib/run/cleanup.ts';
import { isDone } from '../../../lib/run/leave-to-platform.ts';
import type { RunOptions } from '../../../lib/run/request.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aPlan } from '../../support/planned.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const OPTIONS = { identity: {} };
const FLEET = Array.from({ length: 40 }, (_, n) =>
  aResource({
    id: `eci-${n}`,
    region: n % 2 === 0 ? 'cn-hangzhou' : 'cn-shanghai',
    tags: { 'ci-run': `${n}` },
  }),
);

const untags = (world: ReturnType<typeof aWorld>) =>
  world.cloud.calls.filter((call) => call.api === 'UntagResources').length;
const invokerThat = (submit: Invoker['submit']): Invoker => ({ call: async () => undefined, submit });

describe('a run that sees nothing', () => {
  it.each([
    { narrowing: {}, says: /^No resource at all was seen in scope/ },
    {
      narrowing: { resourceIds: ['eci-9'], regions: ['cn-hangzhou'] },
      says: /^None of the named resources was seen/,
    },
  ])('asks whether that is so: $says', async ({ narrowing, says }) => {
    const world = aWorld([aResource({ id: 'x', region: 'cn-beijing', type: 'DataCache' })]);
    const policy = aPolicy({ scope: { regions: ['cn-hangzhou'] } });

    const report = await runCleanup(aRequest({ policy, narrowing }), world.ports, OPTIONS);

    expect(report.warnings).toContainEqual(expect.stringMatching(says));
  });
});

describe('a run whose regions are done side by side', () => {
  const everywhere = aPolicy({ limits: { maxPercent: 100 } });

  it('does them itself where certainly none was started', async () => {
    const world = aWorld(FLEET);
    const invoker = invokerThat(async () => {
      throw new InvocationError('The function refuses the call: status 403.', true);
    });

    const report = await runCleanup(
      aRequest({ policy: everywhere }),
      { ...world.ports, invoker },
      { ...OPTIONS, deadlineAtMs: world.clock.now() + 600_000 },
    );

    expect(report).toMatchObject({ outcome: 'success', tags: { removed: 40 } });
    expect(report.warnings).toContainEqual(expect.stringMatching(/^The regions were not done side by side/));
  });

  it.each([
    { description: 'an answer was lost', failsAt: 1, notStarted: false },
    { description: 'one was started before', failsAt: 2, notStarted: true },
  ])('leaves them to the platform where $description', async ({ failsAt, notStarted }) => {
    const world = aWorld(FLEET);
    let calls = 0;
    const invoker = invokerThat(async () => {
      calls += 1;
      if (calls === failsAt) throw new InvocationError('No answer.', notStarted);
      return 'accepted';
    });

    const run = runCleanup(
      aRequest({ policy: everywhere }),
      { ...world.ports, invoker },
      { ...OPTIONS, deadlineAtMs: world.clock.now() + 600_000 },
    );

    const report = await run;
    expect(report).toMatchObject({ code: 'INVOCATION_FAILED' });
    expect(isDone(report)).toBe(false);
    expect(untags(world)).toBe(0);
  });

  it('pins each region to its part of the plan that was reviewed', async () => {
    const world = aWorld(FLEET);
    const payloads: Record<string, unknown>[] = [];
    const invoker = invokerThat(async (payload) => {
      payloads.push(payload as Record<string, unknown>);
      return 'accepted';
    });
    const options: RunOptions = { ...OPTIONS, accountId: '1234567890123456' };
    const { plan } = await planCleanup(aRequest({ policy: everywhere }), world.ports, options);

    await runCleanup(
      aRequest({
        policy: everywhere,
        policyIsInline: true,
        planDigest: plan.digest,
        narrowing: { resourceTypes: ['ContainerGroup'] },
      }),
      { ...world.ports, invoker },
      { ...options, deadlineAtMs: world.clock.now() + 600_000 },
    );

    expect(payloads).toHaveLength(2);
    expect(new Set(payloads.map((payload) => payload.planDigest)).size).toBe(2);
    expect(payloads[0]).toMatchObject({
      regions: ['cn-hangzhou'],
      resourceTypes: ['ContainerGroup'],
      document: everywhere.document,
    });
  });
});

describe('a chain of invocations', () => {
  const slow = aPolicy({
    scope: { regions: ['cn-hangzhou', 'cn-shanghai'] },
    limits: { maxPercent: 100, canary: 0 },
    batch: { resources: 1 },
    pace: { concurrency: 1 },
    verify: 'none',
  });
  const chain = {
    familyId: 'run-1',
    shard: 'all',
    hop: MAX_HOPS,
    idleHops: 0,
    allowance: { resources: 100, tags: 100, failures: 10 },
    startedAtMs: 0,
  };
  const short = (world: ReturnType<typeof aWorld>) => ({
    ...OPTIONS,
    deadlineAtMs: world.clock.now() + 12_000,
  });
  const never = invokerThat(async () => {
    throw new Error('submitted');
  });

  it('ends after so many, whatever is left', async () => {
    const world = aWorld(FLEET, { latencyMs: [400, 400] });

    const report = await runCleanup(
      aRequest({ policy: slow, chain }),
      { ...world.ports, invoker: never },
      short(world),
    );

    expect(report.tags.notReached).toBeGreaterThan(0);
    expect(report.reason).toContain(`The chain ends after ${MAX_HOPS} invocations.`);
  });

  it('ends where the policy came with the request and is too large to hand over', async () => {
    const world = aWorld(FLEET, { latencyMs: [400, 400] });
    const policy = { ...slow, document: { ...(slow.document as object), description: 'x'.repeat(50_000) } };

    const report = await runCleanup(
      aRequest({ policy, policyIsInline: true, chain: { ...chain, hop: 1 } }),
      { ...world.ports, invoker: never },
      short(world),
    );

    expect(report.reason).toContain('too large to hand over');
  });
});

describe('unusedBy', () => {
  it('takes a percentage for resources where it is looked at', () => {
    const resources = Array.from({ length: 40 }, (_, n) =>
      aResource({ id: `eci-${n}`, tags: n < 5 ? { 'ci-run': '1' } : {} }),
    );
    const policy = aPolicy({ limits: { maxPercent: 25, maxResources: 30 } });

    expect(unusedBy(aPlan(resources, policy), policy.limits)).toEqual({ resources: 5, tags: 595 });
    expect(unusedBy(aPlan(resources, policy), { ...policy.limits, maxPercent: 100 })).toEqual({
      resources: 25,
      tags: 595,
    });
  });
});
