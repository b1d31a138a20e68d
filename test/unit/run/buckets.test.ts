import { describe, expect, it } from 'vitest';
import type { EciApi } from '../../../lib/ports.ts';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { findResource } from '../../../lib/run/find-resource.ts';
import { runUndo } from '../../../lib/run/undo.ts';
import { verifyRun } from '../../../lib/run/verify-run.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const CACHES = Array.from({ length: 30 }, (_, n) =>
  aResource({
    id: `edc-${n}`,
    type: 'DataCache',
    status: 'Available',
    // Some lose their last tag, after which no row of tags tells of them.
    tags: { 'ci-run': `${n}`, ...(n % 2 === 0 && { team: 'a' }) },
  }),
);
const bucketOf = (id: string) => (Number(id.slice(4)) % 3 === 0 ? 'models' : 'default');

/** A service that shows data caches of one bucket at a time; by id as well, or by id alone. */
function inBuckets(eci: EciApi, without: 'lists and ids' | 'ids'): EciApi {
  return {
    ...eci,
    listResources: async ({ bucket, ...query }) => {
      const page = await eci.listResources(query);
      const isAll = bucket === undefined && without === 'ids' && query.ids === undefined;
      const items = page.items.map((one) => ({ ...one, bucket: bucketOf(one.id) }));
      return { ...page, items: items.filter((one) => isAll || one.bucket === (bucket ?? 'default')) };
    },
  };
}

// What is judged from the status is not judged from rows of tags.
const POLICY = {
  select: { status: 'Available' },
  limits: { maxPercent: 100, readingAge: '0s' },
};

describe('a run where data caches are read by their bucket', () => {
  it.each([
    { without: 'lists and ids', buckets: ['default', 'models'], knows: 'the policy names them' },
    { without: 'ids', buckets: undefined, knows: 'the list tells them' },
  ] as const)('cleans all buckets, by id as well, where $knows', async ({ without, buckets }) => {
    const { cloud, ports: plain } = aWorld(CACHES);
    const ports = { ...plain, eci: inBuckets(plain.eci, without) };
    const policy = aPolicy({
      ...POLICY,
      scope: { regions: ['cn-hangzhou'], resourceTypes: ['DataCache'], ...(buckets && { buckets }) },
    });

    const report = await runCleanup(aRequest({ policy }), ports, { identity: {} });

    expect(report).toMatchObject({
      outcome: 'success',
      tags: { planned: 30, removed: 30 },
      proof: { verified: true, foreign: 0, unread: 0 },
    });
    expect([...cloud.state().values()].every((tags) => !tags.has('ci-run'))).toBe(true);
  });

  it('is verified and undone in all buckets that its recorded policy names', async () => {
    const { cloud, ports: plain } = aWorld(CACHES);
    const ports = { ...plain, eci: inBuckets(plain.eci, 'lists and ids') };
    const scope = {
      regions: ['cn-hangzhou'],
      resourceTypes: ['DataCache' as const],
      buckets: ['default', 'models'],
    };
    await runCleanup(aRequest({ policy: aPolicy({ ...POLICY, scope }) }), ports, { identity: {} });
    const undo = {
      undo: 'run-1',
      mode: 'apply',
      trigger: { type: 'cli', name: 'test' },
      runId: 'undo-1',
    } as const;

    const { tags, proof } = await verifyRun('run-1', ports, {});
    const undone = await runUndo(undo, ports, { identity: {} });

    expect(tags).toMatchObject({ announced: 30, gone: 30, vanished: 0, unread: 0 });
    expect(proof.verified).toBe(true);
    expect(undone).toMatchObject({ outcome: 'success', tags: { restored: 30 }, proof: { verified: true } });
    expect([...cloud.state().values()].every((own) => own.has('ci-run'))).toBe(true);
  });

  it('is explained, whichever bucket the resource is in', async () => {
    const { ports } = aWorld(CACHES);
    const { scope } = aPolicy({ scope: { regions: ['cn-hangzhou'], buckets: ['default', 'models'] } });

    const found = await findResource(inBuckets(ports.eci, 'lists and ids'), { id: 'edc-3' }, { scope });

    expect(found).toMatchObject({ id: 'edc-3', status: 'Available' });
  });
});
