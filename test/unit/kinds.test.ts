import { afterAll, describe, expect, it, vi } from 'vitest';
import { readCreation } from '../../functions/cleanup/creation.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { PERMISSIONS, type RamPlace, ramPolicy } from '../../lib/cloud/ram.ts';
import { typeOfId } from '../../lib/inventory/scope.ts';
import { RESOURCE_KINDS, RESOURCE_TYPES, type ResourceType } from '../../lib/kinds.ts';
import { callsPerMinute } from '../../lib/pace/quotas.ts';
import { formatPlanFile, readPlanFile } from '../../lib/plan/plan-file.ts';
import { planCleanup, runCleanup } from '../../lib/run/cleanup.ts';
import { runUndo } from '../../lib/run/undo.ts';
import { aPolicy, aResource } from '../support/builders.ts';
import { aRequest, aWorld } from '../support/runs.ts';
import { json, startScriptedServer } from '../support/scripted-server.ts';

/** The one row that a new kind of resource takes; nothing else of this test's subject is told of it. */
vi.mock('../../lib/kinds.ts', async (importOriginal) => {
  const table = await importOriginal<typeof import('../../lib/kinds.ts')>();
  const ContainerJob = {
    list: {
      api: 'DescribeContainerJobs',
      quotaPerMinute: 300,
      ids: { parameter: 'JobId', form: 'list', most: 7 },
      byStatus: false,
      answer: { resources: 'Jobs', id: 'JobId', name: 'JobName' },
    },
    finalStatuses: [],
    idPrefix: 'job',
    creation: { event: 'CreateContainerJob', idField: 'JobId' },
    arn: 'containerjob',
  };
  Object.assign(table.RESOURCE_KINDS, { ContainerJob });
  return { ...table, RESOURCE_TYPES: Object.keys(table.RESOURCE_KINDS) };
});

const JOB = 'ContainerJob' as ResourceType;
const LIST_JOBS = 'DescribeContainerJobs' as 'DescribeContainerGroups';
const REGION = 'cn-hangzhou';
const policy = aPolicy({ scope: { regions: [REGION], resourceTypes: [JOB] }, limits: { maxPercent: 100 } });
const FLEET = Array.from({ length: 30 }, (_, n) =>
  aResource({ id: `job-${n}`, type: JOB, region: REGION, tags: { 'ci-run': `${n}`, team: 'a' } }),
);

describe('a fifth kind of resource, which is a row in the table of kinds', () => {
  it('is a type that a policy may name, and every other type still is', () => {
    expect(RESOURCE_TYPES).toEqual(['ContainerGroup', 'ImageCache', 'DataCache', 'VirtualNode', JOB]);
    expect(policy.scope.resourceTypes).toEqual([JOB]);
    expect(() => aPolicy({ scope: { regions: 'all', resourceTypes: ['ContainerJobs'] } })).toThrow(
      'did you mean ContainerJob?',
    );
  });

  it('is read, planned, and its plan read back from a file', async () => {
    const { ports } = aWorld(FLEET);

    const { plan } = await planCleanup(aRequest({ policy, mode: 'dry-run' }), ports, { identity: {} });

    expect(plan.removals).toHaveLength(30);
    expect(readPlanFile([...formatPlanFile(plan)].join(''), 'plan.json').digest).toBe(plan.digest);
  });

  it('loses what is planned, is proved, and gets it back', async () => {
    const { cloud, ports } = aWorld(FLEET);

    const applied = await runCleanup(aRequest({ policy }), ports, { identity: {} });
    const left = cloud.tagsOf({ region: REGION, type: JOB, id: 'job-3' });
    const undone = await runUndo(
      { undo: 'run-1', mode: 'apply', trigger: { type: 'cli', name: 'undo' }, runId: 'undo-1' },
      ports,
      { identity: {} },
    );

    expect(applied).toMatchObject({ outcome: 'success', tags: { removed: 30 }, proof: { verified: true } });
    expect(left).toEqual(new Map([['team', 'a']]));
    expect(undone).toMatchObject({ outcome: 'success', tags: { restored: 30 } });
    expect(cloud.tagsOf({ region: REGION, type: JOB, id: 'job-3' })?.get('ci-run')).toBe('3');
  });

  it('is asked for by its own operation and parameter, so many ids a call, at its own quota', async () => {
    const RequestId = '1A2B3C4D-0000-4000-8000-000000000001';
    const Jobs = [{ JobId: 'job-1', JobName: 'nightly', Tags: [{ Key: 'ci-run' }] }];
    const server = await startScriptedServer([json({ RequestId, Jobs })]);
    afterAll(() => server.close());
    const eci = createEciClient({
      endpointFor: () => server.host,
      protocol: 'http',
      credentials: async () => ({ accessKeyId: 'k', accessKeySecret: 's' }),
    });

    const page = await eci.listResources({ region: REGION, type: JOB, ids: ['job-1', 'job-2'] });

    expect(page.items).toMatchObject([
      { type: JOB, id: 'job-1', name: 'nightly', tags: [{ key: 'ci-run', value: '' }] },
    ]);
    expect(server.seen[0]).toMatchObject({
      action: 'DescribeContainerJobs',
      query: { 'JobId.1': 'job-1', 'JobId.2': 'job-2' },
    });
    const tooMany = FLEET.slice(0, 8).map(({ id }) => id);
    await expect(eci.listResources({ region: REGION, type: JOB, ids: tooMany })).rejects.toThrow('at most 7');
    await expect(eci.listResources({ region: REGION, type: JOB, status: 'Done' })).rejects.toThrow(
      'cannot be listed by status',
    );
    expect(callsPerMinute(LIST_JOBS, 0.5)).toBe(150);
  });

  it('starts a run when one is created, and is known by its id', () => {
    const event = {
      id: 'e-1',
      source: 'acs.eci',
      type: 'eci:ActionTrail:ApiCall',
      region: REGION,
      data: { eventName: 'CreateContainerJob', acsRegion: REGION, responseElements: { JobId: 'job-1' } },
    };

    expect(readCreation(event)).toMatchObject({ created: { region: REGION, type: JOB, id: 'job-1' } });
    expect(typeOfId('job-1')).toBe(JOB);
  });

  it('is in the permissions of who reads and who changes', () => {
    const place: RamPlace = {
      accountId: '123',
      region: REGION,
      functionName: 'tagsweep',
      logProject: 'audit',
      logStore: 'tagsweep',
      platformLogStore: 'tagsweep-platform',
    };
    const { Statement } = ramPolicy('operator', policy.scope, place);
    const onJobs = Statement.filter(({ Resource }) =>
      Resource.includes(`acs:eci:${REGION}:123:containerjob/*`),
    );

    expect(PERMISSIONS[LIST_JOBS]).toEqual({ action: 'eci:DescribeContainerJobs', on: [JOB] });
    expect(onJobs.flatMap(({ Action }) => Action).sort()).toEqual([
      'eci:DescribeContainerJobs',
      'eci:TagResources',
      'eci:UntagResources',
    ]);
  });
});

describe('RESOURCE_KINDS', () => {
  it('gives no two kinds the same operation, prefix, event or ARN', () => {
    const kinds = RESOURCE_TYPES.map((type) => RESOURCE_KINDS[type]);

    for (const facts of [
      kinds.map(({ list }) => list.api),
      kinds.map(({ idPrefix }) => idPrefix),
      kinds.map(({ creation }) => creation.event),
      kinds.map(({ arn }) => arn),
    ]) {
      expect(new Set(facts).size).toBe(facts.length);
    }
  });
});
