import { createRequire } from 'node:module';
import type PopCore from '@alicloud/pop-core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { useEmulator } from './support/running.ts';
import { callTagApi, connectSdk, listAll, sdk } from './support/sdk.ts';

const start = useEmulator();
const popCore = createRequire(import.meta.url)('@alicloud/pop-core') as typeof PopCore;

const ODD_KEYS = ["it's (a) *test*!", 'a b+c%20d', '环境/标签', '🚀 launch', '"quoted"', '~tilde~', 'a&b=c'];
const WRONG = { ...DEFAULT_IDENTITY, accessKeySecret: 'wrong' };

describe('the unmodified SDK', () => {
  it.each([
    { description: 'a long-lived key', identity: DEFAULT_IDENTITY, settings: {} },
    { description: 'temporary credentials', identity: DEFAULT_STS_IDENTITY, settings: {} },
    {
      description: 'the older signature',
      identity: DEFAULT_IDENTITY,
      settings: { signatureAlgorithm: 'v2' },
    },
    {
      description: 'the older signature and temporary credentials',
      identity: DEFAULT_STS_IDENTITY,
      settings: { signatureAlgorithm: 'v2' },
    },
  ])('lists all four types, page by page, with $description', async ({ identity, settings }) => {
    const emulator = await start();

    const lists = await listAll(connectSdk(emulator.url, identity, settings), 'cn-hangzhou');

    expect(lists).toEqual({ ContainerGroup: 45, ImageCache: 3, DataCache: 3, VirtualNode: 3 });
    expect(emulator.counters.of('DescribeContainerGroups').requests).toBe(3);
  });

  it('reads each type under its own field names', async () => {
    const emulator = await start();
    const client = connectSdk(emulator.url);
    const regionId = 'cn-hangzhou';

    const groups = await client.describeContainerGroups(
      new sdk.DescribeContainerGroupsRequest({ regionId, limit: 1 }),
    );
    const images = await client.describeImageCaches(
      new sdk.DescribeImageCachesRequest({ regionId, limit: 1 }),
    );
    const data = await client.describeDataCaches(new sdk.DescribeDataCachesRequest({ regionId, limit: 1 }));
    const nodes = await client.describeVirtualNodes(
      new sdk.DescribeVirtualNodesRequest({ regionId, limit: 1 }),
    );

    const tags = [
      { key: 'env', value: 'dev' },
      { key: 'ci-run', value: '0' },
    ];
    const common = { regionId, resourceGroupId: 'rg-default', tags };
    expect(groups.body?.containerGroups?.[0]).toMatchObject({
      ...common,
      containerGroupId: 'eci-1',
      containerGroupName: 'eci-name-1',
      creationTime: '2026-01-01T00:00:30Z',
      status: 'Running',
    });
    expect(images.body?.imageCaches?.[0]).toMatchObject({
      ...common,
      imageCacheId: 'imc-1',
      imageCacheName: 'imc-name-1',
      creationTime: '2026-01-01T00:00:30Z',
      status: 'Ready',
    });
    expect(data.body?.dataCaches?.[0]).toMatchObject({
      ...common,
      dataCacheId: 'edc-1',
      name: 'edc-name-1',
      creationTime: '2026-01-01T00:00Z',
      status: 'Available',
    });
    expect(nodes.body?.virtualNodes?.[0]).toMatchObject({
      ...common,
      virtualNodeId: 'vnd-1',
      virtualNodeName: 'vnd-name-1',
      creationTime: '2026-01-01T00:00:30Z',
      status: 'Ready',
    });
  });

  it.each([{}, { signatureAlgorithm: 'v2' }])(
    'adds, lists and removes odd keys through the generic call %o',
    async (settings) => {
      const emulator = await start();
      const client = connectSdk(emulator.url, DEFAULT_IDENTITY, settings);
      const target = {
        RegionId: 'cn-hangzhou',
        ResourceType: 'ContainerGroup',
        ResourceId: ['eci-1', 'eci-2'],
      };

      await callTagApi(client, 'TagResources', {
        ...target,
        Tag: ODD_KEYS.map((Key) => ({ Key, Value: `${Key}?` })),
      });
      const added = emulator.tagsOf('eci-2');
      const rows = await callTagApi(client, 'ListTagResources', { ...target, Limit: '100' });
      const answer = await callTagApi(client, 'UntagResources', {
        ...target,
        TagKey: [...ODD_KEYS, 'never-there'],
      });

      expect(Object.keys(added)).toEqual(['env', 'ci-run', ...ODD_KEYS]);
      expect(rows.body.TagResources).toHaveLength(2 * (ODD_KEYS.length + 2));
      expect(answer).toMatchObject({ statusCode: 200, body: { RequestId: expect.any(String) } });
      expect(Object.keys(answer.body)).toEqual(['RequestId']);
      expect(emulator.tagsOf('eci-2')).toEqual({ env: 'test', 'ci-run': '1' });
    },
  );

  it.each([{}, { signatureAlgorithm: 'v2' }])('is turned away with a wrong secret %o', async (settings) => {
    const emulator = await start();
    const client = connectSdk(emulator.url, WRONG, settings);

    await expect(listAll(client, 'cn-hangzhou')).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  it('sends 20 keys of 128 characters that each take nine bytes on the line', async () => {
    const emulator = await start();
    const keys = Array.from({ length: 20 }, (_, index) => '标'.repeat(126) + String(index).padStart(2, '0'));

    const answer = await callTagApi(connectSdk(emulator.url), 'UntagResources', {
      RegionId: 'cn-hangzhou',
      ResourceType: 'ContainerGroup',
      ResourceId: ['eci-1'],
      TagKey: keys,
    });

    expect(answer.statusCode).toBe(200);
    expect(emulator.counters.writes[0]?.targetBytes).toBeGreaterThan(20_000);
  });

  it('meets the errors of the API as its own kind of error', async () => {
    const emulator = await start();

    const call = callTagApi(connectSdk(emulator.url), 'UntagResources', {
      RegionId: 'cn-hangzhou',
      ResourceType: 'ContainerGroup',
      ResourceId: ['eci-none'],
      TagKey: ['a'],
    });

    await expect(call).rejects.toMatchObject({ code: 'InvalidParameter.NotFound', statusCode: 404 });
  });
});

describe('pop-core, a client that shares no code with the SDK', () => {
  it.each(['GET', 'POST'])('lists and untags with %s', async (method) => {
    const emulator = await start();
    const client = connectPopCore(emulator.url, DEFAULT_IDENTITY);

    await client.request(
      'TagResources',
      {
        RegionId: 'cn-hangzhou',
        ResourceType: 'ContainerGroup',
        ResourceId: ['eci-1'],
        Tag: ODD_KEYS.map((Key) => ({ Key, Value: 'x' })),
      },
      { method },
    );
    await client.request(
      'UntagResources',
      {
        RegionId: 'cn-hangzhou',
        ResourceType: 'ContainerGroup',
        ResourceId: ['eci-1'],
        TagKey: [...ODD_KEYS, 'env'],
      },
      { method },
    );
    const list = await client.request<{ ContainerGroups: unknown[] }>(
      'DescribeContainerGroups',
      { RegionId: 'cn-hangzhou' },
      { method },
    );

    expect(emulator.tagsOf('eci-1')).toEqual({ 'ci-run': '0' });
    expect(list.ContainerGroups).toHaveLength(20);
  });

  it('works with temporary credentials, and is turned away with a wrong secret', async () => {
    const emulator = await start();

    await expect(
      connectPopCore(emulator.url, DEFAULT_STS_IDENTITY).request('DescribeRegions', {}),
    ).resolves.toMatchObject({ Regions: [{ RegionId: 'cn-hangzhou' }] });
    await expect(connectPopCore(emulator.url, WRONG).request('DescribeRegions', {})).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});

function connectPopCore(url: string, identity: typeof DEFAULT_STS_IDENTITY): PopCore {
  return new popCore({
    endpoint: url,
    apiVersion: '2018-08-08',
    accessKeyId: identity.accessKeyId,
    accessKeySecret: identity.accessKeySecret,
    ...(identity.securityToken === undefined ? {} : { securityToken: identity.securityToken }),
  });
}
