import { describe, expect, it } from 'vitest';
import type { Behavior } from '../../emulator/behavior.ts';
import type { FleetResource } from '../../emulator/resource.ts';
import { type Running, useEmulator } from './support/running.ts';

const start = useEmulator();
const REGION = { RegionId: 'cn-hangzhou' };

const groups = (
  count: number,
  more: (index: number) => Partial<FleetResource> = () => ({}),
): FleetResource[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `eci-${index + 1}`,
    type: 'ContainerGroup',
    region: 'cn-hangzhou',
    tags: { env: 'dev', Env: 'x', note: '' },
    ...more(index),
  }));

const caches: readonly FleetResource[] = ['default', 'models'].map((bucket) => ({
  id: `edc-${bucket}`,
  type: 'DataCache',
  region: 'cn-hangzhou',
  bucket,
}));

async function running(behavior: Partial<Behavior>, fleet: readonly FleetResource[] = groups(45)) {
  return await start({ fleet, behavior });
}

async function listAll(emulator: Running, parameters = {}, action = 'DescribeContainerGroups') {
  const pages: { readonly ids: readonly string[]; readonly token: string; readonly total: unknown }[] = [];
  for (let token: string | undefined; token !== ''; ) {
    const { body } = await emulator.call(action, {
      ...REGION,
      ...parameters,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const items = body.ContainerGroups ?? body.Data ?? body.DataCaches;
    const ids = items.map((item: Record<string, string>) => item.ContainerGroupId ?? item.DataCacheId);
    token = body.NextToken as string;
    pages.push({ ids, token, total: body.TotalCount });
  }
  return { pages, ids: pages.flatMap((page) => page.ids) };
}

const untag = (emulator: Running, TagKey: readonly string[], ResourceId = ['eci-1']) =>
  emulator.call('UntagResources', { ...REGION, ResourceType: 'ContainerGroup', ResourceId, TagKey });

describe('readings of the service', () => {
  it('refuses Limit without ids', async () => {
    const emulator = await running({ limitNeedsIds: true });
    const list = (parameters: object) =>
      emulator.call('DescribeContainerGroups', { ...REGION, ...parameters });

    expect([(await list({ Limit: 20 })).code, (await list({})).code]).toEqual([
      'MissingParameter',
      undefined,
    ]);
    expect((await list({ Limit: 20, ContainerGroupIds: '["eci-1"]' })).code).toBeUndefined();
    expect((await emulator.call('DescribeContainerGroupStatus', { ...REGION, Limit: 200 })).code).toBe(
      'MissingParameter',
    );
  });

  it.each([
    ['array', []],
    ['absent', undefined],
    ['null', null],
  ] as const)('shows no tags as %s', async (noTags, tags) => {
    const emulator = await running(
      { noTags },
      groups(1, () => ({ tags: {} })),
    );

    expect((await emulator.call('DescribeContainerGroups', REGION)).body.ContainerGroups[0].Tags).toEqual(
      tags,
    );
  });

  it('leaves an empty value out, in lists and in rows', async () => {
    const emulator = await running({ emptyValue: 'absent' }, groups(1));
    const list = await emulator.call('DescribeContainerGroups', REGION);
    const rows = await emulator.call('ListTagResources', { ...REGION, ResourceType: 'ContainerGroup' });

    expect(list.body.ContainerGroups[0].Tags).toContainEqual({ Key: 'note' });
    expect(rows.body.TagResources[2]).toEqual({
      ResourceType: 'ContainerGroup',
      ResourceId: 'eci-1',
      TagKey: 'note',
    });
  });

  it.each([
    ['matches', [45, 45, 45]],
    ['page', [20, 20, 5]],
    ['absent', [undefined, undefined, undefined]],
  ] as const)('tells a total of the %s', async (totalCount, totals) => {
    const { pages } = await listAll(await running({ totalCount }));

    expect(pages.map((page) => page.total)).toEqual(totals);
  });

  it('gives one token for all pages of a list, and each resource once', async () => {
    const { pages, ids } = await listAll(await running({ tokens: 'constant' }));

    expect(pages.map((page) => page.token)).toEqual([pages[0]?.token, pages[0]?.token, '']);
    expect(ids).toEqual(groups(45).map(({ id }) => id));
  });

  it('begins a page with the last resource of the one before', async () => {
    const { pages } = await listAll(await running({ pageShift: 'repeats' }));

    expect(pages.map((page) => [page.ids[0], page.ids.at(-1)])).toEqual([
      ['eci-1', 'eci-20'],
      ['eci-20', 'eci-39'],
      ['eci-39', 'eci-45'],
    ]);
  });

  it.each([
    ['empty', undefined],
    ['404', 'InvalidParameter.NotFound'],
  ] as const)('answers ids of which one is gone: %s', async (goneOnRead, code) => {
    const emulator = await running({ goneOnRead });

    const answer = await emulator.call('DescribeContainerGroups', {
      ...REGION,
      ContainerGroupIds: '["eci-1","eci-none"]',
    });

    expect(answer.code).toBe(code);
  });

  it.each([
    ['all', 8],
    ['podsOnly', 3],
    ['some', 6],
    ['ignoresGroup', 8],
  ] as const)('lists statuses: %s', async (statusList, count) => {
    const fleet = groups(8, (index) => ({
      group: statusList === 'ignoresGroup' && index > 3 ? 'rg-other' : 'rg-mine',
      tags: index < 3 ? { PodName: 'p' } : {},
    }));
    const emulator = await running({ statusList }, fleet);

    const { ids } = await listAll(emulator, { ResourceGroupId: 'rg-mine' }, 'DescribeContainerGroupStatus');

    expect(ids).toHaveLength(count);
  });

  it.each([
    ['all', 2, 1],
    ['default', 1, 1],
    ['defaultById', 1, 0],
  ] as const)('shows data caches without a bucket: %s', async (buckets, listed, byId) => {
    const emulator = await running({ buckets }, caches);
    const count = async (parameters: object) =>
      (await emulator.call('DescribeDataCaches', { ...REGION, ...parameters })).body.DataCaches.length;

    expect([await count({}), await count({ DataCacheId: ['edc-models'] })]).toEqual([listed, byId]);
    expect(await count({ Bucket: 'models' })).toBe(1);
  });

  it.each([
    ['exact', 10, 10, 10],
    ['nothing', 0, 10, 10],
    ['less', 5, 5, 5],
  ] as const)('filters: %s', async (filters, byKey, byValue, byStatus) => {
    const emulator = await running({ filters }, groups(10));
    const count = async (parameters: object) => (await listAll(emulator, parameters)).ids.length;

    expect(await count({ 'Tag.1.Key': 'env' })).toBe(byKey);
    expect(await count({ 'Tag.1.Key': 'env', 'Tag.1.Value': 'dev' })).toBe(byValue);
    expect(await count({ Status: 'Running' })).toBe(byStatus);
    expect(await count({})).toBe(10);
  });

  it('refuses rows of tags without ids', async () => {
    const emulator = await running({ tagRowsNeedIds: true });
    const rows = (parameters: object) =>
      emulator.call('ListTagResources', { ...REGION, ResourceType: 'ContainerGroup', ...parameters });

    expect([(await rows({})).code, (await rows({ ResourceId: ['eci-1'] })).code]).toEqual([
      'MissingParameter',
      undefined,
    ]);
  });

  it('shows empty lists after a number of removals, by id as well', async () => {
    const emulator = await running({ listsGoEmptyAfter: 1 });
    const before = await listAll(emulator);
    await untag(emulator, ['env']);

    expect(before.ids).toHaveLength(45);
    expect((await listAll(emulator)).ids).toEqual([]);
    expect((await listAll(emulator, { ContainerGroupIds: '["eci-1"]' })).ids).toEqual([]);
    expect(emulator.state.resources.size).toBe(45);
  });

  it.each([
    ['asked', ['Env', 'note']],
    ['anyCase', ['note']],
    ['everything', []],
  ] as const)('takes away what was %s', async (untagTakes, left) => {
    const emulator = await running({ untagTakes });
    await untag(emulator, ['env']);

    expect(Object.keys(emulator.tagsOf('eci-1'))).toEqual(left);
    expect(Object.keys(emulator.tagsOf('eci-2'))).toHaveLength(3);
  });

  it.each(['Succeeded', 'Failed', 'Expired'])('refuses tag changes of a group that is %s', async (status) => {
    const fleet = groups(2, (index) => ({ status: index === 0 ? status : 'Running' }));
    const emulator = await running({ endedGroups: 'refuse' }, fleet);

    expect((await untag(emulator, ['env'])).code).toBe('IncorrectStatus');
    expect((await untag(emulator, ['env'], ['eci-2'])).code).toBeUndefined();
  });

  it('closes regions and types, each with a code and a status of its own', async () => {
    const emulator = await running({
      places: [
        { region: 'cn-beijing', code: 'ServiceNotEnabled' },
        {
          type: 'VirtualNode',
          code: 'NoPermission',
          status: 400,
          message: 'not authorized to use Product on ECI',
        },
      ],
    });
    const seen = await Promise.all([
      emulator.call('DescribeContainerGroups', { RegionId: 'cn-beijing' }),
      emulator.call('DescribeVirtualNodes', REGION),
      emulator.call('ListTagResources', { ...REGION, ResourceType: 'VirtualNode' }),
      emulator.call('DescribeContainerGroups', REGION),
      emulator.call('DescribeRegions'),
    ]);

    expect(seen.map(({ status, code }) => [status, code])).toEqual([
      [400, 'ServiceNotEnabled'],
      [400, 'NoPermission'],
      [400, 'NoPermission'],
      [200, undefined],
      [200, undefined],
    ]);
  });

  it('shows tags later in lists than by id', async () => {
    const emulator = await running({ lateListsMs: 60_000 }, groups(1));
    await untag(emulator, ['env', 'Env', 'note']);
    const tags = async (parameters: object) =>
      (await emulator.call('DescribeContainerGroups', { ...REGION, ...parameters })).body.ContainerGroups[0]
        .Tags;

    expect(await tags({})).toHaveLength(3);
    expect(await tags({ ContainerGroupIds: '["eci-1"]' })).toEqual([]);
  });
});
