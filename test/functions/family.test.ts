import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionSpec } from '../../emulator/fc/function.ts';
import type { FunctionCompute } from '../../emulator/fc/service.ts';
import { generateFleet } from '../../emulator/fleet.ts';
import type { Emulator, EmulatorOptions } from '../../emulator/server.ts';
import { createSlsService } from '../../emulator/sls/service.ts';
import { DEFAULT_LOGSTORE, SlsState } from '../../emulator/sls/state.ts';
import type { Report } from '../../lib/report/report.ts';
import { aFunction, startWithFunctions } from '../support/function-compute.ts';

const BUILT = fileURLToPath(new URL('../../dist/cleanup', import.meta.url));
const REGIONS = ['cn-hangzhou', 'cn-beijing', 'ap-southeast-1'];

const POLICY = {
  version: 1,
  name: 'strip-markers',
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

let codeFolder: string;
let emulator: Emulator;
let fc: FunctionCompute;
let spec: FunctionSpec;
let environment: Record<string, string>;

async function start(options: {
  readonly timeoutSeconds: number;
  readonly emulator: EmulatorOptions;
}): Promise<void> {
  codeFolder = mkdtempSync(join(tmpdir(), 'tagsweep-code-'));
  cpSync(BUILT, codeFolder, { recursive: true });
  environment = {};
  spec = aFunction({ codeFolder, environment, timeoutSeconds: options.timeoutSeconds });
  ({ emulator, fc } = await startWithFunctions(
    { functions: [spec] },
    { ...options.emulator, services: [createSlsService(new SlsState())] },
  ));
  Object.assign(environment, {
    TAGSWEEP_ECI_ENDPOINT: emulator.url,
    TAGSWEEP_SLS_ENDPOINT: emulator.url,
    TAGSWEEP_FC_ENDPOINT: emulator.url,
    TAGSWEEP_LOG_PROJECT: DEFAULT_LOGSTORE.project,
    TAGSWEEP_LOG_STORE: DEFAULT_LOGSTORE.logstore,
  });
}

const startWithRegions = () =>
  start({
    timeoutSeconds: 60,
    emulator: {
      fleet: generateFleet({ seed: 5, resources: 900, regions: REGIONS, nowMs: Date.now(), profile: 'ci' }),
    },
  });

afterEach(async () => {
  await emulator.close();
  rmSync(codeFolder, { recursive: true, force: true });
});

/** What a timer event came to, once all that it started is done. */
async function runFromTimer(policy: unknown): Promise<Report> {
  const payload = JSON.stringify({ policy, mode: 'apply' });
  const event = { triggerTime: '2026-11-24T19:30:00Z', triggerName: 'nightly', payload };
  const submission = { event: Buffer.from(JSON.stringify(event)), qualifier: 'LATEST' };
  const { body, outcome } = await fc.platform.run(spec, submission, randomUUID());
  await fc.platform.settled();
  if (outcome !== 'returned') throw new Error(body.toString());
  return JSON.parse(body.toString()) as Report;
}

const markersLeft = () =>
  emulator.state
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
    expect(fc.platform.invocations.filter(({ async }) => async)).toHaveLength(REGIONS.length);
    expect(fc.platform.deadLetters).toEqual([]);
    expect(emulator.counters).toMatchObject({ untagWithAll: 0, untagWithoutKeys: 0 });
  });

  it('does all regions itself where the function must not be invoked', async () => {
    await startWithRegions();
    environment.TAGSWEEP_FC_ENDPOINT = 'http://127.0.0.1:9';

    const report = await runFromTimer(POLICY);

    expect(report).toMatchObject({ outcome: 'success', children: [], proof: { verified: true } });
    expect(report.warnings.join()).toContain('This invocation does them itself.');
    expect(markersLeft()).toBe(0);
  });

  it('goes on from invocation to invocation until nothing is left', async () => {
    const fleet = Array.from({ length: 60 }, (_, index) => ({
      id: `eci-${index}`,
      type: 'ContainerGroup' as const,
      region: 'cn-hangzhou',
      tags: { 'ci-run': String(index), [`only-${index}`]: '' },
    }));
    await start({ timeoutSeconds: 6, emulator: { fleet, behavior: { latencyMs: { UntagResources: 150 } } } });

    const report = await runFromTimer(SLOW_POLICY);

    expect(report).toMatchObject({ outcome: 'partial', continuation: { hop: 1 } });
    expect(markersLeft()).toBe(0);
    const hops = fc.platform.invocations.filter(({ async }) => async);
    expect(hops.length).toBeGreaterThanOrEqual(2);
    expect(hops.map(({ outcome }) => outcome)).toEqual(hops.map(() => 'returned'));
    expect(new Set(hops.map(({ taskId }) => taskId)).size).toBe(hops.length);
  });

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

    const submission = { event: Buffer.from(JSON.stringify(marker)), qualifier: 'LATEST' };
    const { body, outcome } = await fc.platform.run(spec, submission, randomUUID());

    expect(outcome).not.toBe('returned');
    expect(body.toString()).toContain('The rest was not removed');
    expect(markersLeft()).toBe(left);
  });
});
