import { describe, expect, it } from 'vitest';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { readHistory } from '../../../lib/run/history.ts';
import { runUndo, type UndoRequest } from '../../../lib/run/undo.ts';
import { blindAfter } from '../../support/blind.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = Array.from({ length: 60 }, (_, n) =>
  aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}`, team: 'a', 'ci-job': 'x' } }),
);

const ref = (n: number) => ({ region: 'cn-hangzhou', type: 'ContainerGroup' as const, id: `eci-${n}` });

function anUndo(part: Partial<UndoRequest> = {}): UndoRequest {
  return { undo: 'run-1', mode: 'apply', trigger: { type: 'cli', name: 'test' }, runId: 'undo-1', ...part };
}

async function aWorldAfterARun(policy = aPolicy({ limits: { maxPercent: 100 } })) {
  const world = aWorld(FLEET);
  const before = world.cloud.state();
  await runCleanup(aRequest({ policy }), world.ports, { identity: {} });
  return { ...world, before };
}

describe('runUndo', () => {
  it('puts back exactly what the run removed', async () => {
    const { cloud, log, ports, before } = await aWorldAfterARun();

    const report = await runUndo(anUndo(), ports, { identity: {} });

    expect([...cloud.state()].map(([name, tags]) => [name, [...tags].sort()])).toEqual(
      [...before].map(([name, tags]) => [name, [...tags].sort()]),
    );
    expect(report).toMatchObject({
      outcome: 'success',
      tags: { planned: 120, removed: 0, restored: 120, failed: 0 },
      proof: { verified: true, unexplained: 0 },
      undo: { of: 'run-1', restorable: 120, left: [] },
    });
    expect(log.kept.some((record) => record.event_name === 'restores_planned')).toBe(true);
    expect(log.kept.at(-1)).toMatchObject({ event_name: 'run_completed', tags_restored: '120' });
  });

  it.each(['dry-run', 'apply'] as const)(
    'calls nothing vanished that is only not listed any more, as %s',
    async (mode) => {
      const { ports } = await aWorldAfterARun();

      const report = await runUndo(
        anUndo({ mode }),
        { ...ports, eci: blindAfter(ports.eci) },
        { identity: {} },
      );

      expect(report.tags.vanished).toBe(0);
      expect(report).toMatchObject({
        outcome: 'partial',
        reason: expect.stringMatching(/^60 resources of those that are meant are not listed any more/),
        undo: { restorable: 0, left: expect.arrayContaining([expect.objectContaining({ key: 'ci-run' })]) },
      });
    },
  );

  it('does not call verified what it cannot see again', async () => {
    const { cloud, ports, before } = await aWorldAfterARun();

    const report = await runUndo(
      anUndo(),
      { ...ports, eci: blindAfter(ports.eci, 'TagResources') },
      { identity: {} },
    );

    expect(report.proof.verified).toBe(false);
    expect(report.proof.unread).toBeGreaterThan(0);
    expect(report.outcome).not.toBe('success');
    expect(cloud.state().size).toBe(before.size);
  });

  it('changes nothing in a dry run, and says how much could be put back', async () => {
    const { cloud, ports } = await aWorldAfterARun();
    const before = JSON.stringify([...cloud.state()].map(([name, tags]) => [name, [...tags]]));

    const report = await runUndo(anUndo({ mode: 'dry-run' }), ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', mode: 'dry-run', undo: { restorable: 120 } });
    expect(JSON.stringify([...cloud.state()].map(([name, tags]) => [name, [...tags]]))).toBe(before);
  });

  it('says of each tag that it left why, and overwrites nothing', async () => {
    const { cloud, ports } = await aWorldAfterARun();
    cloud.setTag(ref(1), 'ci-run', 'theirs');
    cloud.setTag(ref(2), 'ci-job', 'x');
    cloud.destroy(ref(3));
    for (let n = 0; n < 18; n++) cloud.setTag(ref(4), `own-${n}`, '');

    const report = await runUndo(anUndo(), ports, { identity: {} });

    expect(report.tags).toMatchObject({
      planned: 120,
      restored: 115,
      stale: 1,
      absent: 1,
      vanished: 2,
      failed: 1,
    });
    expect(report.outcome).toBe('partial');
    expect(report.undo?.left).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          resourceId: 'eci-1',
          key: 'ci-run',
          why: expect.stringContaining('"theirs"'),
        }),
        expect.objectContaining({
          resourceId: 'eci-2',
          key: 'ci-job',
          why: expect.stringContaining('value it had'),
        }),
        expect.objectContaining({
          resourceId: 'eci-3',
          key: 'ci-run',
          why: expect.stringContaining('not exist'),
        }),
        expect.objectContaining({
          resourceId: 'eci-4',
          key: 'ci-run',
          why: expect.stringContaining('more than 20'),
        }),
      ]),
    );
    expect(cloud.tagsOf(ref(1))?.get('ci-run')).toBe('theirs');
    expect(cloud.tagsOf(ref(4))?.size).toBe(20);
  });

  it('does nothing the second time', async () => {
    const { ports } = await aWorldAfterARun();
    await runUndo(anUndo(), ports, { identity: {} });

    const again = await runUndo(anUndo({ runId: 'undo-2' }), ports, { identity: {} });

    expect(again).toMatchObject({ outcome: 'success', tags: { restored: 0, absent: 120 } });
  });

  it('cannot put back what was journaled without values', async () => {
    const policy = aPolicy({ limits: { maxPercent: 100 }, journal: 'keys' });
    const { cloud, ports } = await aWorldAfterARun(policy);

    const report = await runUndo(anUndo(), ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'failure', tags: { restored: 0, failed: 120 } });
    expect(report.failures[0]).toMatchObject({ code: 'ValueNotKept' });
    expect(cloud.calls.some((call) => call.api === 'TagResources')).toBe(false);
  });

  it('isolates the resource that cannot be tagged', async () => {
    const world = aWorld(FLEET, {
      fault: (call) =>
        call.api === 'TagResources' && call.ids?.includes('eci-7')
          ? { when: 'before', kind: 'rejected', code: 'NoPermission' }
          : undefined,
    });
    await runCleanup(aRequest(), world.ports, { identity: {} });

    const report = await runUndo(anUndo(), world.ports, { identity: {} });

    expect(report.tags).toMatchObject({ restored: 118, failed: 2 });
    expect(report.failures).toEqual([expect.objectContaining({ resourceId: 'eci-7', code: 'NoPermission' })]);
  });

  it('counts what a call without an answer did all the same', async () => {
    let lost = 0;
    const world = aWorld(FLEET, {
      fault: (call) =>
        call.api === 'TagResources' && lost++ % 2 === 0
          ? { when: 'after', kind: 'unanswered', code: 'Unanswered' }
          : undefined,
    });
    await runCleanup(aRequest(), world.ports, { identity: {} });

    const report = await runUndo(anUndo(), world.ports, { identity: {} });

    expect(report).toMatchObject({ outcome: 'success', tags: { restored: 120 } });
  });

  it('puts nothing back when the journal cannot be written', async () => {
    const { cloud, log, ports } = await aWorldAfterARun();
    log.failNext(1000);

    const report = await runUndo(anUndo(), ports, { identity: {} });

    expect(report).toMatchObject({
      outcome: 'failure',
      code: 'AUDIT_UNAVAILABLE',
      tags: { restored: 0, notReached: 120 },
    });
    expect(cloud.calls.some((call) => call.api === 'TagResources')).toBe(false);
  });

  it('throws for a run that the log does not know, or without a log', async () => {
    const { ports } = aWorld(FLEET);

    await expect(runUndo(anUndo(), ports, { identity: {} })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(runUndo(anUndo(), { ...ports, audit: null }, { identity: {} })).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
    });
  });
});

describe('readHistory', () => {
  it('tells of runs, newest first, with the runs under them', async () => {
    const { ports, clock } = await aWorldAfterARun();
    clock.advance(60_000);
    await runCleanup(aRequest({ runId: 'run-2', mode: 'dry-run' }), ports, { identity: {} });
    await runCleanup(aRequest({ runId: 'run-3', parentRunId: 'run-2' }), ports, { identity: {} });

    const { families: history } = await readHistory(ports);

    expect(history.map(({ run, children }) => [run.runId, children.map((child) => child.runId)])).toEqual([
      ['run-2', ['run-3']],
      ['run-1', []],
    ]);
    expect(history[1]?.run).toMatchObject({ outcome: 'success', tags: { removed: 120 }, triggerType: 'cli' });
  });

  it('throws without a log', async () => {
    await expect(readHistory({ audit: null })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  });
});
