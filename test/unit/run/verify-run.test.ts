import { describe, expect, it } from 'vitest';
import { createRecorder } from '../../../lib/audit/recorder.ts';
import type { ApiName } from '../../../lib/ports.ts';
import { NOTHING_PROVED } from '../../../lib/report/report.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { verifyRun } from '../../../lib/run/verify-run.ts';
import { blindAfter } from '../../support/blind.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { anEciError } from '../../support/fake-eci.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = Array.from({ length: 60 }, (_, n) =>
  aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}`, team: 'a', 'ci-job': 'x' } }),
);

const ref = (n: number) => ({ region: 'cn-hangzhou', type: 'ContainerGroup' as const, id: `eci-${n}` });

/** A world in which a run removed everything, and did not look whether it is gone. */
async function aWorldAfterARun(part: { readonly shownAfterMs?: number; readonly journal?: 'keys' } = {}) {
  const broken = new Set<ApiName>();
  const world = aWorld(FLEET, {
    visibilityMs: () => part.shownAfterMs ?? 0,
    fault: ({ api }) =>
      broken.has(api) ? { when: 'before', kind: 'rejected', code: 'Forbidden.RAM' } : undefined,
  });
  const { journal = 'values' } = part;
  const policy = aPolicy({ limits: { maxPercent: 100, canary: 0 }, verify: 'none', journal });
  await runCleanup(aRequest({ policy }), world.ports, { identity: {} });
  return { ...world, broken };
}

describe('verifyRun', () => {
  it('finds everything gone after a good run', async () => {
    const { ports, clock } = await aWorldAfterARun();
    const startedAtMs = clock.now();

    expect(await verifyRun('run-1', ports, {})).toEqual({
      runId: 'run-1',
      tags: { announced: 120, gone: 120, restored: 0, changed: 0, there: 0, vanished: 0, unread: 0 },
      proof: { ...NOTHING_PROVED, verified: true },
      warnings: [],
    });
    expect(clock.now() - startedAtMs).toBeLessThan(1000);
  });

  it('tells foreign changes from tags that should be gone', async () => {
    const { cloud, ports } = await aWorldAfterARun();
    cloud.setTag(ref(1), 'ci-run', 'theirs');
    cloud.setTag(ref(2), 'ci-run', '2');
    cloud.destroy(ref(3));

    expect(await verifyRun('run-1', ports, {})).toMatchObject({
      tags: { gone: 116, changed: 1, there: 1, vanished: 2 },
      proof: {
        verified: false,
        foreign: 1,
        unexplained: 1,
        differences: ['cn-hangzhou/ContainerGroup/eci-2 ci-run'],
      },
    });
  });

  it.each([
    { description: 'which still have tags', tags: { team: 'a' } },
    { description: 'which lost their last tag', tags: {} },
  ])(
    'takes resources that are not listed any more, $description, for unread and not for gone',
    async ({ tags }) => {
      const fleet = FLEET.map(({ id }) => aResource({ id, tags: { ...tags, 'ci-run': '1' } }));
      const world = aWorld(fleet);
      await runCleanup(aRequest(), world.ports, { identity: {} });
      const eci = blindAfter(world.ports.eci);

      const { tags: found, proof } = await verifyRun('run-1', { ...world.ports, eci }, {});

      expect(found).toMatchObject({ announced: 60, vanished: 0, unread: 60 });
      expect(proof).toMatchObject({ verified: false, unread: 60 });
    },
  );

  it('takes them for gone where others of their kind are listed', async () => {
    const { cloud, ports } = await aWorldAfterARun();
    for (let n = 0; n < 12; n++) cloud.destroy(ref(n));

    const { tags, proof } = await verifyRun('run-1', ports, {});

    expect(tags).toMatchObject({ announced: 120, gone: 96, vanished: 24, unread: 0 });
    expect(proof).toMatchObject({ verified: true, unread: 0 });
  });

  it('finds no fault with what an undo of the run put back, and does not wait for it to go', async () => {
    const { cloud, clock, ports } = await aWorldAfterARun();
    cloud.setTag(ref(1), 'ci-run', 'theirs');
    const undo = {
      undo: 'run-1',
      mode: 'apply',
      trigger: { type: 'cli', name: 'undo' },
      runId: 'undo-1',
    } as const;
    await runUndo(undo, ports, { identity: {} });
    const startedAtMs = clock.now();

    expect(await verifyRun('run-1', ports, {})).toMatchObject({
      tags: { announced: 120, restored: 119, gone: 0, changed: 1, there: 0 },
      proof: { verified: true, foreign: 1, unexplained: 0 },
    });
    expect(clock.now() - startedAtMs).toBeLessThan(1000);
  });

  it('still accuses what came back without an undo, whatever another undo put back', async () => {
    const { cloud, log, clock, ports } = await aWorldAfterARun();
    const recorder = createRecorder({ log, runId: 'undo-9', identity: {}, clock });
    await recorder.runStarted({
      policy: { name: 'p', digest: 'd' },
      trigger: { type: 'cli', name: 'test' },
      mode: 'apply',
      undoOf: 'run-9',
    });
    await recorder.journal('restores_planned', [
      {
        region: 'cn-hangzhou',
        type: 'ContainerGroup',
        id: 'eci-1',
        tags: [{ key: 'ci-run', value: '1' }],
      },
    ]);
    cloud.setTag(ref(1), 'ci-run', '1');

    expect((await verifyRun('run-1', ports, {})).proof).toMatchObject({ verified: false, unexplained: 1 });
  });

  it('waits for removals that show late, and asks again for those alone', async () => {
    const { cloud, ports } = await aWorldAfterARun({ shownAfterMs: 40_000 });
    const before = cloud.calls.length;

    const { tags, proof } = await verifyRun('run-1', ports, {});

    expect(tags).toMatchObject({ announced: 120, gone: 120, there: 0 });
    expect(proof).toEqual({ verified: true, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
    expect(cloud.calls.slice(before).length).toBeGreaterThan(3);
  });

  it('names a tag that is there after a minute all the same', async () => {
    const { cloud, clock, ports } = await aWorldAfterARun();
    cloud.setTag(ref(2), 'ci-run', '2');
    const startedAtMs = clock.now();

    const { proof } = await verifyRun('run-1', ports, {});

    expect(proof).toMatchObject({ unexplained: 1, differences: ['cn-hangzhou/ContainerGroup/eci-2 ci-run'] });
    expect(clock.now() - startedAtMs).toBeGreaterThan(55_000);
    expect(clock.now() - startedAtMs).toBeLessThan(70_000);
  });

  it('does not wait for a run that ended long ago', async () => {
    const { cloud, clock, ports } = await aWorldAfterARun();
    cloud.setTag(ref(2), 'ci-run', '2');
    clock.advance(60_001);
    const startedAtMs = clock.now();

    const { proof } = await verifyRun('run-1', ports, {});

    expect(proof).toMatchObject({ verified: false, unexplained: 1 });
    expect(clock.now() - startedAtMs).toBeLessThan(1000);
  });

  it('holds nothing against what may show late when time ends too early', async () => {
    const { clock, ports } = await aWorldAfterARun({ shownAfterMs: 40_000 });

    const { tags, proof } = await verifyRun('run-1', ports, { deadlineAtMs: clock.now() + 20_000 });

    expect(tags).toMatchObject({ gone: 0, there: 120 });
    expect(proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 0, unexplained: 0 });
  });

  it('tells what it could not read', async () => {
    const { broken, ports } = await aWorldAfterARun();
    broken.add('DescribeContainerGroups');

    const { tags, proof } = await verifyRun('run-1', ports, {});

    expect(tags).toEqual({
      announced: 120,
      gone: 0,
      restored: 0,
      changed: 0,
      there: 0,
      vanished: 0,
      unread: 120,
    });
    expect(proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 60, unexplained: 0 });
  });

  it('accuses nobody of what it could not look at again', async () => {
    const { cloud, clock, broken, ports } = await aWorldAfterARun();
    cloud.setTag(ref(2), 'ci-run', '2');
    const patience = { ...clock, sleep: async () => void broken.add('DescribeContainerGroups') };

    const { tags, proof } = await verifyRun('run-1', { ...ports, clock: patience }, {});

    expect(tags).toMatchObject({ gone: 118, there: 0, unread: 2 });
    expect(proof).toEqual({ verified: false, foreign: 0, lost: 0, unread: 1, unexplained: 0 });
  });

  it('takes a resource that is listed without its tags as not read', async () => {
    const { ports } = await aWorldAfterARun();
    const { listResources } = ports.eci;
    const eci = {
      ...ports.eci,
      listTagResources: async () => {
        throw anEciError({ api: 'ListTagResources', kind: 'rejected', code: 'NoPermission.Tag' });
      },
      listResources: async (query: Parameters<typeof listResources>[0]) => {
        const page = await listResources(query);
        return {
          ...page,
          items: page.items.map(({ tags, ...one }) => (one.id === 'eci-1' ? one : { ...one, tags: tags! })),
        };
      },
    };

    const { tags, proof } = await verifyRun('run-1', { ...ports, eci }, {});

    expect(tags).toMatchObject({ gone: 118, unread: 2 });
    expect(proof.verified).toBe(false);
  });

  it('takes any value for the old one where the journal kept none', async () => {
    const { cloud, clock, ports } = await aWorldAfterARun({ journal: 'keys' });
    cloud.setTag(ref(1), 'ci-run', 'theirs');
    clock.advance(60_001);

    const { tags, proof } = await verifyRun('run-1', ports, {});

    expect(tags).toMatchObject({ gone: 119, changed: 0, there: 1 });
    expect(proof).toMatchObject({ foreign: 0, unexplained: 1 });
  });

  it('names a hundred tags, and counts them all', async () => {
    const { cloud, clock, ports } = await aWorldAfterARun();
    for (let n = 0; n < 60; n++) {
      cloud.setTag(ref(n), 'ci-run', `${n}`);
      cloud.setTag(ref(n), 'ci-job', 'x');
    }
    clock.advance(60_001);

    const { proof } = await verifyRun('run-1', ports, {});

    expect(proof.unexplained).toBe(120);
    expect(proof.differences).toHaveLength(100);
  });

  it('tells how far it is', async () => {
    const { ports } = await aWorldAfterARun();
    const told: (readonly [number, number | undefined])[] = [];

    await verifyRun('run-1', ports, { onProgress: ({ done, total }) => told.push([done, total]) });

    expect(told.at(-1)).toEqual([60, 60]);
  });

  it('holds nothing against a tag that was announced and never asked for', async () => {
    const world = aWorld(FLEET, {
      fault: ({ api }) =>
        api === 'UntagResources' ? { when: 'before', kind: 'fatal', code: 'InvalidAccessKeyId' } : undefined,
    });
    const policy = aPolicy({ limits: { maxPercent: 100, canary: 0 }, batch: { resources: 5 } });
    await runCleanup(aRequest({ policy }), world.ports, { identity: {} });
    world.clock.advance(60_001);

    const { tags, proof } = await verifyRun('run-1', world.ports, {});

    expect(tags.there).toBe(tags.announced);
    expect(proof.unexplained).toBeLessThan(tags.there);
  });
});
