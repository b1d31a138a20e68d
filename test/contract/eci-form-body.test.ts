import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { formatPlanFile, readPlanFile } from '../../lib/plan/plan-file.ts';
import { planCleanup, runCleanup } from '../../lib/run/cleanup.ts';
import type { RunPorts } from '../../lib/run/request.ts';
import { applySavedPlan } from '../../lib/run/saved-plan.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { aPolicy } from '../support/builders.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const { accessKeyId, accessKeySecret } = DEFAULT_IDENTITY;
const KEYS = Array.from({ length: 20 }, (_, at) => `${'键'.repeat(100)}${at}`);

let emulator: Emulator;
afterEach(() => emulator.close());

async function connected(options: { readonly formBody?: boolean; readonly homeRegion?: string }) {
  emulator = await startEmulator({
    fleet: [
      {
        id: 'eci-1',
        type: 'ContainerGroup',
        region: 'cn-hangzhou',
        tags: Object.fromEntries([...KEYS.slice(0, 3), 'team'].map((key) => [key, '1'])),
      },
    ],
    behavior: { maxTargetBytes: 8192 },
  });
  const asked: string[] = [];
  const eci = createEciClient({
    endpointFor: (region) => {
      asked.push(region);
      return new URL(emulator.url).host;
    },
    protocol: 'http',
    credentials: async () => ({ accessKeyId, accessKeySecret }),
    ...options,
  });
  return { eci, asked };
}

const PLACE = { region: 'cn-hangzhou', type: 'ContainerGroup', ids: ['eci-1'] } as const;

describe('createEciClient', () => {
  it('sends changes as signed form parameters where it is told to, however long the keys', async () => {
    const { eci } = await connected({ formBody: true });

    await eci.untagResources({ ...PLACE, keys: KEYS, clientToken: 'a' });
    await eci.tagResources({ ...PLACE, tags: [{ key: 'new', value: 'x y+z' }] });

    expect(Object.fromEntries(emulator.state.get({ ...PLACE, id: 'eci-1' })!.tags)).toEqual({
      team: '1',
      new: 'x y+z',
    });
    expect(emulator.counters.writes.map(({ targetBytes }) => targetBytes)).toEqual([1, 1]);
    expect(emulator.counters.writes[0]).toMatchObject({ tagKeys: KEYS, clientToken: 'a', code: 'OK' });
  });

  it('sends them in the URL otherwise', async () => {
    const { eci } = await connected({});

    await eci.untagResources({ ...PLACE, keys: ['team'], clientToken: 'a' });

    expect(emulator.counters.writes[0]!.targetBytes).toBeGreaterThan(50);
    await expect(eci.untagResources({ ...PLACE, keys: KEYS, clientToken: 'b' })).rejects.toThrow();
  });

  it('asks its own region for the list of regions', async () => {
    const { eci, asked } = await connected({ homeRegion: 'cn-beijing' });

    await eci.describeRegions();

    expect(asked).toEqual(['cn-beijing']);
  });
});

describe('a run whose keys are longer than a URL', () => {
  const POLICY = aPolicy({ remove: [{ key: '键*' }], limits: { canary: 0, maxPercent: 100 } });
  const OPTIONS = { identity: {} };
  const trigger = { type: 'cli', name: 'test' } as const;
  const request = { policy: POLICY, narrowing: {}, trigger };

  async function started(formBody: boolean): Promise<RunPorts> {
    const clock = virtualClock();
    emulator = await startEmulator({
      now: clock.now,
      fleet: Array.from({ length: 50 }, (_, at) => ({
        id: `eci-${at}`,
        type: 'ContainerGroup',
        region: 'cn-hangzhou',
        tags: Object.fromEntries(KEYS.map((key) => [key, 'x'])),
      })),
      behavior: { maxTargetBytes: 8192, clockWindowMs: 1e12 },
    });
    const eci = createEciClient({
      endpointFor: () => new URL(emulator.url).host,
      protocol: 'http',
      credentials: async () => ({ accessKeyId, accessKeySecret }),
      formBody,
    });
    return { eci, formBody, audit: createMemoryLog(), clock, chance: () => 0.5 };
  }
  const requests = () => emulator.counters.writes.filter(({ code }) => code === 'OK').length;
  const left = () => emulator.state.snapshot().flatMap(({ tags = {} }) => Object.keys(tags)).length;

  it('takes one request in a body, and one to put all back', async () => {
    const ports = await started(true);

    const report = await runCleanup({ ...request, mode: 'apply', runId: 'run-1' }, ports, OPTIONS);
    const afterRun = { requests: requests(), left: left() };
    const undone = await runUndo({ undo: 'run-1', mode: 'apply', trigger, runId: 'undo-1' }, ports, OPTIONS);

    expect(report).toMatchObject({ outcome: 'success', calls: { untag: 1, untagLowerBound: 1 } });
    expect(afterRun).toEqual({ requests: 1, left: 0 });
    expect(undone).toMatchObject({ outcome: 'success', tags: { restored: 1000 } });
    // Of an undo some go first, as a canary.
    expect(requests()).toBe(3);
  });

  it('takes as many as keep each URL short otherwise', async () => {
    const ports = await started(false);

    const report = await runCleanup({ ...request, mode: 'apply', runId: 'run-1' }, ports, OPTIONS);

    expect(report.outcome).toBe('success');
    expect(requests()).toBeGreaterThan(2);
  });

  it('is planned in a file as it is sent, and the file goes where requests are sent so', async () => {
    const ports = await started(true);
    const { plan } = await planCleanup({ ...request, mode: 'dry-run', runId: 'run-0' }, ports, OPTIONS);
    const read = readPlanFile([...formatPlanFile(plan)].join(''), 'plan.json');
    const apply = (own: RunPorts, runId: string) =>
      applySavedPlan({ plan: read, mode: 'apply', trigger, runId }, own, OPTIONS);

    const inUrl = await apply({ ...ports, formBody: false }, 'run-1');
    const inBody = await apply(ports, 'run-2');

    expect(read).toEqual(plan);
    expect(plan.batches).toHaveLength(1);
    expect(inUrl).toMatchObject({
      outcome: 'refused',
      code: 'PLAN_REFUSED',
      reason: expect.stringContaining('TAGSWEEP_FORM_BODY=on'),
    });
    expect(inBody).toMatchObject({ outcome: 'success', tags: { removed: 1000 } });
    expect(left()).toBe(0);
  });

  it('has another digest, since what is sent is not the same', async () => {
    const ports = await started(true);
    const digestOf = async (formBody: boolean) =>
      (await planCleanup({ ...request, mode: 'dry-run', runId: 'run-0' }, { ...ports, formBody }, OPTIONS))
        .plan.digest;

    expect(await digestOf(true)).not.toBe(await digestOf(false));
  });
});
