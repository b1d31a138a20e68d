import { afterEach, describe, expect, it } from 'vitest';
import { generateFleet } from '../../emulator/fleet.ts';
import type { Report } from '../../lib/report/report.ts';
import { readHistory } from '../../lib/run/history.ts';
import { type Deployed, type DeployOptions, deployFunction, TRUSTING } from '../support/deployed.ts';
import { deployedLog } from '../support/deployed-log.ts';

const REGIONS = ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'];

const POLICY = {
  version: 1,
  name: 'strip-markers',
  mode: 'apply',
  scope: { regions: 'all' },
  remove: [{ key: 'ci-*' }],
  limits: { maxResources: 2000, maxPercent: 100 },
};

/** A request a resource and one at a time, so that little gets done in an invocation's time. */
const SLOW_POLICY = {
  ...POLICY,
  scope: { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] },
  batch: { resources: 1, keys: 20 },
  pace: { share: 1, concurrency: 1 },
  limits: { ...POLICY.limits, canary: 0 },
  verify: 'none',
};

let fn: Deployed;

const start = async (options: DeployOptions): Promise<void> => {
  const environment = TRUSTING;
  fn = await deployFunction({ ...options, function: { environment, ...options.function } });
};

const startWithRegions = () =>
  start({
    emulator: {
      fleet: generateFleet({ seed: 5, resources: 900, regions: REGIONS, nowMs: Date.now(), profile: 'ci' }),
    },
  });

/** Sixty removals a region at 150 ms each, one at a time, in invocations of six seconds. */
const startShortOfTime = (regions: readonly string[]) =>
  start({
    function: { timeoutSeconds: 6 },
    emulator: {
      fleet: regions.flatMap((region) =>
        Array.from({ length: 60 }, (_, index) => ({
          id: `eci-${region}-${index}`,
          type: 'ContainerGroup' as const,
          region,
          tags: { 'ci-run': String(index), [`only-${index}`]: '' },
        })),
      ),
      behavior: { latencyMs: { UntagResources: 150 } },
    },
  });

afterEach(() => fn.close());

/** What a timer event came to, once all that it started is done. */
async function runFromTimer(policy: unknown): Promise<Report> {
  const payload = JSON.stringify({ policy, mode: 'apply' });
  const event = { triggerTime: '2026-11-24T19:30:00Z', triggerName: 'nightly', payload };
  const { result, error } = await fn.invoke(event);
  await fn.settled();
  if (error !== undefined) throw new Error(error.errorMessage);
  return result;
}

const markersLeft = () =>
  fn.emulator.state
    .snapshot()
    .flatMap(({ tags = {} }) => Object.keys(tags))
    .filter((key) => key.startsWith('ci-')).length;

describe('a run that one invocation is not enough for', () => {
  it('does each region of the whole account in an invocation of its own', async () => {
    await startWithRegions();
    expect(markersLeft()).toBeGreaterThan(1000);

    const report = await runFromTimer(POLICY);

    expect(report.children.map(({ region }) => region).sort()).toEqual([...REGIONS].sort());
    expect(markersLeft()).toBe(0);
    expect(fn.fc.platform.invocations.filter(({ async }) => async)).toHaveLength(REGIONS.length);
    expect(fn.fc.platform.deadLetters).toEqual([]);
    expect(fn.emulator.counters).toMatchObject({ untagWithAll: 0, untagWithoutKeys: 0 });
  });

  it('does all regions itself where the function must not be invoked', async () => {
    await startWithRegions();
    fn.environment.TAGSWEEP_FC_ENDPOINT = 'http://127.0.0.1:9';

    const report = await runFromTimer(POLICY);

    expect(report).toMatchObject({ outcome: 'success', children: [], proof: { verified: true } });
    expect(report.warnings.join()).toContain('This invocation does them itself.');
    expect(markersLeft()).toBe(0);
  });

  it('goes on from invocation to invocation until nothing is left', async () => {
    await startShortOfTime(['cn-hangzhou']);

    const report = await runFromTimer(SLOW_POLICY);

    expect(report).toMatchObject({ outcome: 'partial', continuation: { hop: 1 } });
    expect(markersLeft()).toBe(0);
    const hops = fn.fc.platform.invocations.filter(({ async }) => async);
    expect(hops.length).toBeGreaterThanOrEqual(2);
    expect(hops.map(({ outcome }) => outcome)).toEqual(hops.map(() => 'returned'));
    expect(new Set(hops.map(({ taskId }) => taskId)).size).toBe(hops.length);
  });

  it('takes several regions through several invocations each, and is told as one run', async () => {
    await startShortOfTime(['cn-hangzhou', 'cn-beijing']);

    const report = await runFromTimer({
      ...SLOW_POLICY,
      scope: { ...SLOW_POLICY.scope, regions: 'all' },
    });

    expect(report.children.map(({ region }) => region).sort()).toEqual(['cn-beijing', 'cn-hangzhou']);
    expect(markersLeft()).toBe(0);
    expect(fn.fc.platform.deadLetters).toEqual([]);
    const [family, ...others] = (await readHistory({ audit: deployedLog(fn) })).families;
    expect(others).toEqual([]);
    for (const { region } of report.children) {
      const own = family?.children.filter(({ runId }) => runId.includes(`-${region}-`)) ?? [];
      expect(own.length).toBeGreaterThanOrEqual(2);
      expect(own.map(({ runId }) => runId.split('-').at(-1))).toEqual(own.map((_, hop) => `h${hop}`));
      expect(own.reduce((sum, { tags }) => sum + tags.removed, 0)).toBe(60);
    }
    expect(family?.run).toMatchObject({ runId: report.runId, triggerName: 'nightly' });
    expect(family?.whole).toMatchObject({
      runs: fn.fc.platform.invocations.length,
      outcome: 'success',
      tags: { planned: 120, removed: 120, failed: 0, notReached: 0 },
      unexplained: 0,
    });
  }, 120_000);

  it('refuses a continuation whose policy was changed in between', async () => {
    await startWithRegions();
    const marker = {
      tagsweep: 'continuation',
      version: 1,
      familyId: 'r-1',
      shard: 'cn-hangzhou',
      hop: 1,
      idleHops: 0,
      policy: 'strip-markers',
      document: POLICY,
      policyDigest: `sha256:${'0'.repeat(64)}`,
      mode: 'apply',
      allowance: { resources: 1000, tags: 1000, failures: 0 },
      startedAtMs: Date.now(),
    };
    const left = markersLeft();

    const { error } = await fn.invoke(marker);

    expect(error?.errorMessage).toContain('The rest was not removed');
    expect(markersLeft()).toBe(left);
  });
});
