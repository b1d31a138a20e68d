import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../lib/audit/record.ts';
import type { AuditLog } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { runUndo, type UndoRequest } from '../../../lib/run/undo.ts';
import { formatUndoPlan, readUndoPlan, type UndoPlan } from '../../../lib/undo/undo-plan.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = [
  ...Array.from({ length: 20 }, (_, n) =>
    aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}`, 'cost-center': '4711', team: 'a' } }),
  ),
  aResource({ id: 'eci-far', region: 'cn-beijing', tags: { 'ci-run': 'far', 'cost-center': '1' } }),
];

const ref = (id: string, region = 'cn-hangzhou') => ({ region, type: 'ContainerGroup' as const, id });

const policy = aPolicy({
  scope: { regions: ['cn-hangzhou', 'cn-beijing'] },
  remove: [{ key: 'ci-*' }, { key: 'cost-center' }],
  limits: { maxPercent: 100 },
});

function anUndo(part: Partial<UndoRequest> = {}): UndoRequest {
  return { undo: 'run-1', mode: 'apply', trigger: { type: 'cli', name: 'test' }, runId: 'undo-1', ...part };
}

async function afterARun(fleet = FLEET, own = policy) {
  const world = aWorld(fleet);
  await runCleanup(aRequest({ policy: own }), world.ports, { identity: {} });
  return world;
}

const puts = ({ cloud }: Awaited<ReturnType<typeof afterARun>>) =>
  cloud.calls.filter(({ api, region }) => api === 'TagResources' && region === 'cn-hangzhou');

describe('a part of a run', () => {
  it.each<[string, UndoRequest['part'], number]>([
    ['a key', { keys: ['cost-center'] }, 21],
    ['a resource', { resourceIds: ['eci-3'] }, 2],
    ['a key of two resources', { resourceIds: ['eci-3', 'eci-4'], keys: ['ci-run'] }, 2],
    ['a region', { regions: ['cn-beijing'] }, 2],
  ])('comes back alone: %s', async (_, part, tags) => {
    const world = await afterARun();

    const report = await runUndo(anUndo({ part: part! }), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { planned: tags, restored: tags } });
  });

  it('that names nothing of the run puts nothing back, and says so', async () => {
    const world = await afterARun();

    const report = await runUndo(anUndo({ part: { keys: ['none'] } }), world.ports, { identity: {} });

    expect(report.tags).toMatchObject({ planned: 0 });
    expect(report.warnings.join(' ')).toContain('removed nothing of what was asked for');
    expect(puts(world)).toEqual([]);
  });
});

describe('the plan of an undo', () => {
  async function planOf(world: Awaited<ReturnType<typeof afterARun>>): Promise<UndoPlan> {
    let made: UndoPlan | undefined;
    const onPlan = (plan: UndoPlan) => {
      made = plan;
    };
    await runUndo(anUndo({ mode: 'dry-run', onPlan }), world.ports, { identity: {} });
    return made!;
  }

  it('names every key and value, and is carried out exactly', async () => {
    const world = await afterARun();
    const plan = await planOf(world);
    const kept = readUndoPlan([...formatUndoPlan(plan)].join(''), 'undo.json', world.clock.now());
    const half = { ...kept, puts: kept.puts.slice(0, 5) };

    const report = await runUndo(anUndo({ plan: half }), world.ports, { identity: {} });

    expect(kept).toEqual(plan);
    expect(plan.puts.flatMap(({ tags }) => tags)).toHaveLength(42);
    expect(report).toMatchObject({ tags: { planned: 10, restored: 10 } });
  });

  it('puts back nothing that the records do not know', async () => {
    const world = await afterARun();
    const plan = await planOf(world);
    const forged = {
      ...plan,
      puts: [
        { ...plan.puts[0]!, tags: [{ key: 'role', value: 'admin' }] },
        { ...plan.puts[1]!, tags: [{ key: 'cost-center', value: 'another' }] },
      ],
    };

    const report = await runUndo(anUndo({ plan: forged }), world.ports, { identity: {} });

    expect(report.tags).toMatchObject({ planned: 0 });
    expect(puts(world)).toEqual([]);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['changed', (text) => text.replace('"4711"', '"0815"'), /changed after it was written/],
    ['cut off', (text) => text.slice(0, 300), /not JSON, or cut off/],
    ['with a host for a region', (text) => text.replace('"cn-beijing"', '"evil.example/"'), /region/],
  ])('that was %s is refused', async (_, change, message) => {
    const world = await afterARun();
    const text = change([...formatUndoPlan(await planOf(world))].join(''));

    expect(() => readUndoPlan(text, 'undo.json', world.clock.now())).toThrow(message);
  });

  it('ends after a day', async () => {
    const world = await afterARun();
    const text = [...formatUndoPlan(await planOf(world))].join('');

    expect(() => readUndoPlan(text, 'undo.json', world.clock.now() + 25 * 3_600_000)).toThrow(
      /could be carried out until/,
    );
  });
});

describe('keys by which Kubernetes finds its pods', () => {
  const PODS = [aResource({ id: 'eci-pod', tags: { NameSpace: 'shop', PodName: 'api', 'ci-run': '1' } })];
  const unprotecting = aPolicy({
    remove: [{ key: 'NameSpace' }, { key: 'PodName' }, { key: 'ci-*' }],
    unprotect: ['NameSpace', 'PodName'],
    limits: { maxPercent: 100 },
  });

  it('come back only where they are named, one by one', async () => {
    const world = await afterARun(PODS, unprotecting);

    const first = await runUndo(anUndo(), world.ports, { identity: {} });
    const kept = [...world.cloud.tagsOf(ref('eci-pod'))!.keys()];
    const second = await runUndo(anUndo({ runId: 'undo-2', allowKeys: ['PodName'] }), world.ports, {
      identity: {},
    });

    expect(first.tags).toMatchObject({ planned: 3, restored: 1, failed: 2 });
    expect(first.failures[0]).toMatchObject({ code: 'PlatformKey' });
    expect(kept).toEqual(['ci-run']);
    expect(second.tags).toMatchObject({ restored: 1, failed: 1 });
    expect(world.cloud.tagsOf(ref('eci-pod'))!.get('PodName')).toBe('api');
  });
});

describe('an older run', () => {
  it('does not put back what a later run took again, and shows the newer value', async () => {
    const world = await afterARun();
    world.clock.advance(60_000);
    world.cloud.setTag(ref('eci-1'), 'cost-center', '9000');
    world.clock.advance(60_000);
    await runCleanup(aRequest({ policy, runId: 'run-2' }), world.ports, { identity: {} });
    world.clock.advance(60_000);

    const older = await runUndo(anUndo(), world.ports, { identity: {} });
    expect(world.cloud.tagsOf(ref('eci-1'))!.has('cost-center')).toBe(false);
    const newer = await runUndo(anUndo({ undo: 'run-2', runId: 'undo-2' }), world.ports, { identity: {} });

    expect(older.tags).toMatchObject({ planned: 42, restored: 41, stale: 1 });
    expect(older.undo?.left[0]?.why).toBe(
      'The later run run-2 took it again, with the value "9000": undo that one for it.',
    );
    expect(newer.tags).toMatchObject({ restored: 1 });
    expect(world.cloud.tagsOf(ref('eci-1'))!.get('cost-center')).toBe('9000');
  });
});

describe('an older run, where the later one', () => {
  /** The later run took a newer value, and its end does not tell of that. */
  async function afterALaterRun(part: Parameters<typeof aWorld>[1] = {}) {
    const world = aWorld(FLEET, part);
    await runCleanup(aRequest({ policy }), world.ports, { identity: {} });
    world.clock.advance(60_000);
    world.cloud.setTag(ref('eci-1'), 'cost-center', '9000');
    world.clock.advance(60_000);
    return world;
  }
  const runAgain = async ({ ports }: Awaited<ReturnType<typeof afterALaterRun>>) =>
    await runCleanup(aRequest({ policy, runId: 'run-2' }), ports, { identity: {} });

  it('was killed, and came to a good end when it was tried again, does not get its older value back', async () => {
    const world = await afterALaterRun();
    await runAgain(world);
    world.clock.advance(60_000);
    await runAgain(world);
    const { read } = world.log;
    const isLost = ({ run_id, event_name, tags_removed }: AuditRecord): boolean =>
      run_id === 'run-2' && event_name === 'run_completed' && tags_removed === '1';
    const audit: AuditLog = {
      ...world.log,
      read: async (query) => (await read(query)).filter((one) => !isLost(one)),
    };

    const report = await runUndo(anUndo(), { ...world.ports, audit }, { identity: {} });

    expect(report.tags).toMatchObject({ planned: 42, restored: 41, stale: 1 });
    expect(world.cloud.tagsOf(ref('eci-1'))!.has('cost-center')).toBe(false);
  });

  it('could not know what its requests did, does not get its older value back', async () => {
    let isSilent = false;
    const world = await afterALaterRun({
      fault: ({ api, ids }) => {
        if (!isSilent) return undefined;
        if (api === 'UntagResources') return { when: 'after', kind: 'unanswered', code: 'Unanswered' };
        return ids === undefined ? undefined : { when: 'before', kind: 'rejected', code: 'Forbidden.RAM' };
      },
    });
    isSilent = true;
    const later = await runAgain(world);
    isSilent = false;

    const report = await runUndo(anUndo(), world.ports, { identity: {} });

    expect(later.tags).toMatchObject({ removed: 0, failed: 1 });
    expect(report.tags).toMatchObject({ planned: 42, restored: 41, stale: 1 });
    expect(world.cloud.tagsOf(ref('eci-1'))!.has('cost-center')).toBe(false);
  });
});

describe('the order of an undo', () => {
  it('puts back first what is asked for, and what most resources share before what each has alone', async () => {
    const world = await afterARun();
    const unordered = await afterARun();

    await runUndo(anUndo({ first: ['ci-run'] }), world.ports, { identity: {} });
    await runUndo(anUndo(), unordered.ports, { identity: {} });

    expect(
      puts(world)
        .slice(0, 20)
        .every(({ keys }) => keys?.join() === 'ci-run'),
    ).toBe(true);
    expect(puts(unordered)[0]?.keys).toEqual(['cost-center']);
  });
});

describe('an undo that time cuts short', () => {
  it('asks the function to go on with it', async () => {
    const fleet = Array.from({ length: 3000 }, (_, n) =>
      aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}` } }),
    );
    const many = aPolicy({ remove: [{ key: 'ci-*' }], limits: { maxPercent: 100, maxResources: 5000 } });
    const world = await afterARun(fleet, many);
    world.clock.advance(120_000);
    const submitted: unknown[] = [];
    const invoker = {
      submit: async (payload: unknown) => {
        submitted.push(payload);
        return 'accepted' as const;
      },
      call: async () => undefined,
    };

    const report = await runUndo(
      anUndo(),
      { ...world.ports, invoker },
      { identity: {}, deadlineAtMs: world.clock.now() + 30_000 },
    );

    expect(report.tags.restored).toBeGreaterThan(0);
    expect(report.tags.notReached).toBeGreaterThan(0);
    expect(report.continuation).toMatchObject({ taskId: 't-undo-undo-1' });
    expect(submitted).toEqual([{ undo: 'run-1', mode: 'apply' }]);
  });
});
