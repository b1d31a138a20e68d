import { describe, expect, it } from 'vitest';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { readHistory } from '../../../lib/run/history.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { findWho } from '../../../lib/run/who.ts';
import { anAuditRecord } from '../../support/audit-builders.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const FLEET = [1, 2, 3].map((n) =>
  aResource({ id: `eci-${n}`, tags: { 'ci-run': `${n}`, 'cost-center': '4711' } }),
);

const policy = aPolicy({
  remove: [{ key: 'ci-*' }, { key: 'cost-center' }],
  limits: { maxPercent: 100 },
});

async function afterARun() {
  const world = aWorld(FLEET);
  const options = { identity: { actor: 'acs:ram::1:user/alice', account_id: '1' } };
  await runCleanup(aRequest({ policy }), world.ports, options);
  return world;
}

describe('findWho', () => {
  it('tells when, by which run, rule and policy text, and started by whom', async () => {
    const { ports } = await afterARun();

    const { taken, warnings } = await findWho(ports, { resourceId: 'eci-2', key: 'cost-center' });

    expect(warnings).toEqual([]);
    expect(taken).toMatchObject([
      {
        id: 'eci-2',
        key: 'cost-center',
        value: '4711',
        outcome: 'removed',
        runId: 'run-1',
        rule: 'remove[1] key "cost-center"',
        policy: { name: policy.name, digest: policy.digest, document: policy.document },
        startedBy: { trigger: 'cli test', actor: 'acs:ram::1:user/alice', accountId: '1' },
      },
    ]);
    expect(taken[0]).not.toHaveProperty('putBack');
  });

  it('tells of all tags of a resource, and which undo put them back', async () => {
    const { ports, clock } = await afterARun();
    clock.advance(60_000);
    const undo = {
      undo: 'run-1',
      mode: 'apply',
      trigger: { type: 'cli', name: 'test' },
      runId: 'undo-1',
    } as const;
    await runUndo(undo, ports, { identity: {} });

    const { taken } = await findWho(ports, { resourceId: 'eci-1' });

    expect(taken.map(({ key, putBack }) => [key, putBack?.runId])).toEqual([
      ['ci-run', 'undo-1'],
      ['cost-center', 'undo-1'],
    ]);
  });

  it('says of a killed run, whose requests have no record, that nothing tells', async () => {
    const { log, ports } = await afterARun();
    const kept = log.kept.filter(({ event_name }) => !/^(batch|run)_completed$/.test(event_name));
    const audit = { ...log, read: async () => kept };

    const { taken } = await findWho({ ...ports, audit }, { resourceId: 'eci-1', key: 'ci-run' });

    expect(taken).toMatchObject([{ outcome: 'unknown', value: '1' }]);
  });

  it('believes no request that names a run of its own invention', async () => {
    const { log, ports } = await afterARun();
    await log.write([
      anAuditRecord({
        event_name: 'batch_completed',
        event_id: 'evil:b0:1',
        run_id: 'evil',
        attempt_id: 'evil',
        api_name: 'UntagResources',
        region: 'cn-hangzhou',
        resource_type: 'ContainerGroup',
        resource_ids: '["eci-1"]',
        tag_keys: '["cost-center"]',
        outcome: 'success',
      }),
    ]);

    const { taken } = await findWho(ports, { resourceId: 'eci-1', key: 'cost-center' });

    expect(taken.map(({ runId }) => runId)).toEqual(['run-1']);
  });
});

describe('readHistory', () => {
  it('finds the runs that asked for a change of a resource, or of a key', async () => {
    const { ports } = await afterARun();
    const only = aPolicy({ remove: [{ key: 'none' }], limits: { maxPercent: 100 } });
    await runCleanup(aRequest({ policy: only, runId: 'run-2' }), ports, { identity: {} });

    const idsOf = async (query: Parameters<typeof readHistory>[1]) =>
      (await readHistory(ports, query)).families.map(({ run }) => run.runId);

    expect((await idsOf({})).sort()).toEqual(['run-1', 'run-2']);
    expect(await idsOf({ resourceId: 'eci-2' })).toEqual(['run-1']);
    expect(await idsOf({ resourceId: 'eci-9' })).toEqual([]);
    expect(await idsOf({ key: 'cost-center' })).toEqual(['run-1']);
    expect((await idsOf({ policy: only.name })).length).toBeGreaterThan(0);
    expect(await idsOf({ policy: 'other' })).toEqual([]);
  });
});
