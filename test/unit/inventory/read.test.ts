import { describe, expect, it } from 'vitest';
import type { Inventory, Narrowing } from '../../../lib/inventory/inventory.ts';
import { type ReadingOptions, readInventory } from '../../../lib/inventory/read.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import type { Resource } from '../../../lib/resource.ts';
import { aPolicy, aResource, aTag } from '../../support/builders.ts';
import { anEciError, type FakeEci, type FakeEciOptions, fakeEci } from '../../support/fake-eci.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const ONE_PLACE = { regions: ['cn-hangzhou'], resourceTypes: ['ContainerGroup'] };

function aFleet(
  count: number,
  part: (at: number) => Parameters<typeof aResource>[0] = () => ({}),
): readonly Resource[] {
  return Array.from({ length: count }, (_, at) =>
    aResource({ id: `eci-${String(at).padStart(5, '0')}`, ...part(at) }),
  );
}

function read(
  eci: FakeEci,
  policy: Policy = aPolicy({ scope: ONE_PLACE }),
  narrowing: Narrowing = {},
  options: Partial<ReadingOptions> = {},
): Promise<Inventory> {
  return readInventory(eci, { policy, narrowing }, { clock: virtualClock(), ...options });
}

function fakeOf(resources: readonly Resource[], options: FakeEciOptions = {}): FakeEci {
  return fakeEci({ resources, ...options });
}

describe('readInventory, in full', () => {
  it('reads every region and type of the scope, sorted', async () => {
    const eci = fakeOf([
      aResource({ id: 'imc-1', type: 'ImageCache' }),
      aResource({ id: 'eci-2' }),
      aResource({ id: 'eci-1', tags: { b: '2', a: '1' } }),
      aResource({ id: 'eci-1', region: 'cn-beijing' }),
      aResource({ id: 'eci-9', region: 'cn-elsewhere' }),
    ]);

    const inventory = await read(
      eci,
      aPolicy({
        scope: { regions: ['cn-hangzhou', 'cn-beijing'], resourceTypes: ['ImageCache', 'ContainerGroup'] },
      }),
    );

    expect(inventory.resources.map((one) => `${one.region} ${one.type} ${one.id}`)).toEqual([
      'cn-beijing ContainerGroup eci-1',
      'cn-hangzhou ContainerGroup eci-1',
      'cn-hangzhou ContainerGroup eci-2',
      'cn-hangzhou ImageCache imc-1',
    ]);
    expect(inventory).toMatchObject({
      complete: true,
      gaps: [],
      resourcesSeen: 4,
      regions: ['cn-beijing', 'cn-hangzhou'],
    });
    expect(inventory.readings).toHaveLength(4);
    expect(inventory.readings[1]).toEqual({
      region: 'cn-beijing',
      resourceType: 'ImageCache',
      way: 'plain pages',
      calls: 1,
      plainCalls: 1,
    });
  });

  it('asks for the regions where the scope says all', async () => {
    const eci = fakeOf([aResource({}), aResource({ region: 'cn-beijing' })]);

    const inventory = await read(eci, aPolicy());

    expect(inventory.regions).toEqual(['cn-beijing', 'cn-hangzhou']);
    expect(inventory.resources).toHaveLength(2);
    expect(eci.count('DescribeRegions')).toBe(1);
  });

  it('goes on after short and empty pages until no token comes', async () => {
    const types = ['ContainerGroup', 'ImageCache'] as const;
    const resources = types.flatMap((type) => aFleet(50, () => ({ type })));
    const eci = fakeOf(resources, { pageSize: (_, call) => [0, 3, 7][call % 3]! });

    const inventory = await read(eci, aPolicy({ scope: { regions: ['cn-hangzhou'] } }));

    expect(inventory.complete).toBe(true);
    expect(inventory.resources).toHaveLength(100);
  });

  it('reads container groups through ids 200 a page and details side by side', async () => {
    const eci = fakeOf(aFleet(1000));

    const inventory = await read(eci);

    expect(inventory.resources).toHaveLength(1000);
    expect(inventory.readings[0]).toMatchObject({
      way: 'ids 200 a page, details by 20 side by side',
      calls: 1 + 5 + 49,
      plainCalls: 50,
    });
    expect(eci.count('DescribeContainerGroupStatus')).toBe(5);
  });

  it('has no more reads by id in flight than asked for', async () => {
    let inFlight = 0;
    let most = 0;
    const eci = fakeOf(aFleet(500), {
      onCall: async ({ query }) => {
        if (query.ids === undefined) return;
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise(setImmediate);
        inFlight -= 1;
      },
    });

    await read(eci, undefined, {}, { concurrency: 3 });

    expect(most).toBe(3);
  });

  it('lists page by page where ids are refused', async () => {
    const eci = fakeOf(aFleet(100), {
      onCall: ({ api }) => {
        if (api === 'DescribeContainerGroupStatus')
          throw anEciError({ api, kind: 'rejected', code: 'NoPermission' });
      },
    });

    const inventory = await read(eci);

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 100 });
    expect(inventory.readings[0]!.way).toBe('plain pages');
  });

  it('lists page by page where ids are refused on a later page', async () => {
    const eci = fakeOf(aFleet(500), {
      onCall: ({ api, query }) => {
        if (api === 'DescribeContainerGroupStatus' && query.nextToken) throw anEciError({ api });
      },
    });

    const inventory = await read(eci);

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 500 });
    expect(inventory.resources).toHaveLength(500);
  });

  it('does not believe ids that leave out what the list shows', async () => {
    const eci = fakeOf(aFleet(100));
    const listContainerGroupStatus: FakeEci['listContainerGroupStatus'] = async () => ({ items: [] });

    const inventory = await read({ ...eci, listContainerGroupStatus } as FakeEci);

    expect(inventory.resources).toHaveLength(100);
    expect(inventory.readings[0]!.way).toBe('plain pages');
  });

  it('passes over what is gone before its details are read', async () => {
    const fleet = aFleet(100);
    const eci: FakeEci = fakeOf(fleet, {
      onCall: ({ query }) => {
        if (query.ids) fleet.slice(0, 30).forEach(eci.drop);
      },
    });

    const inventory = await read(eci);

    expect(inventory.complete).toBe(true);
    expect(inventory.readings[0]!.way).toBe('ids 200 a page, details by 20 side by side');
    // The first page was seen before they went.
    expect(inventory.resources).toHaveLength(90);
  });

  it('lists each resource group of the scope by itself', async () => {
    const eci = fakeOf(aFleet(90, (at) => ({ resourceGroupId: `rg-${at % 3}` })));

    const inventory = await read(eci, aPolicy({ scope: { ...ONE_PLACE, resourceGroups: ['rg-0', 'rg-1'] } }));

    expect(inventory.resources).toHaveLength(60);
    expect(inventory.resourcesSeen).toBe(60);
    expect(inventory.readings[0]!.way).toMatch(/^2 resource groups side by side/);
  });

  it('leaves out resources of other groups although the server shows them', async () => {
    const eci = fakeOf([
      aResource({ resourceGroupId: 'rg-2' }),
      aResource({ id: 'eci-2', resourceGroupId: 'rg-1' }),
    ]);
    const careless: FakeEci = {
      ...eci,
      listResources: ({ resourceGroupId: _, ...query }) => eci.listResources(query),
    };

    const inventory = await read(careless, aPolicy({ scope: { ...ONE_PLACE, resourceGroups: ['rg-1'] } }));

    expect(inventory.resources.map((one) => one.id)).toEqual(['eci-2']);
    expect(inventory.resourcesSeen).toBe(1);
  });

  it('counts a resource that two pages show once, keeps what else it was seen with, and says so', async () => {
    const pages = [
      { items: [aResource({ id: 'imc-1', tags: { a: '1' } }), aResource({ id: 'imc-2' })], nextToken: 'x' },
      { items: [aResource({ id: 'imc-1', tags: { a: '2' } }), aResource({ id: 'imc-2' })], nextToken: 'y' },
      { items: [aResource({ id: 'imc-1' })] },
    ];
    const eci: FakeEci = { ...fakeEci(), listResources: async () => pages.shift()! };

    const inventory = await read(
      eci,
      aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } }),
    );

    expect(inventory.resources.map((one) => [one.id, one.tags, one.otherTags])).toEqual([
      ['imc-1', [], [[{ key: 'a', value: '1' }], [{ key: 'a', value: '2' }]]],
      ['imc-2', [], undefined],
    ]);
    expect(inventory.readings[0]!.note).toBe(
      '1 seen twice with different tags: kept unless all of them let it go',
    );
  });

  it('shares equal tags, and keeps unseen ones apart from none', async () => {
    const eci = fakeOf([
      aResource({ id: 'eci-1', tags: { a: '1', b: '2' } }),
      aResource({ id: 'eci-2', tags: { b: '2' }, name: undefined } as unknown as Parameters<
        typeof aResource
      >[0]),
      aResource({ id: 'eci-3', tags: undefined }),
    ]);

    const { resources } = await read(eci);

    expect(resources[0]!.tags![1]).toBe(resources[1]!.tags![0]);
    expect(resources[1]).not.toHaveProperty('name');
    expect(resources[2]).not.toHaveProperty('tags');
  });

  it('tells how far it is, now and then', async () => {
    const clock = virtualClock();
    const seen: number[] = [];
    const eci = fakeOf(aFleet(600), { onCall: () => clock.advance(150) });

    await read(eci, undefined, {}, { clock, onProgress: ({ done }) => void seen.push(done) });

    expect(seen[0]).toBe(0);
    expect(seen.length).toBeLessThan(eci.count());
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen.at(-1)).toBeGreaterThan(20);
  });

  it('stops when told to', async () => {
    const control = new AbortController();
    const eci = fakeOf(aFleet(100), {
      onCall: (_, number) => (number === 1 && control.abort(new Error('enough'))) || undefined,
    });

    await expect(read(eci, undefined, {}, { signal: control.signal })).rejects.toThrow('enough');
  });
});

describe('readInventory, with faults', () => {
  it.each([
    { description: 'the first page', failing: 0 },
    { description: 'a later page', failing: 1 },
  ])('leaves a gap when $description fails, and reads the rest', async ({ failing }) => {
    let pages = 0;
    const eci = fakeOf([...aFleet(50, () => ({ type: 'ImageCache' })), aResource({ region: 'cn-beijing' })], {
      onCall: ({ api }) => {
        if (api === 'DescribeImageCaches' && pages++ === failing) throw anEciError({ api });
      },
    });

    const inventory = await read(
      eci,
      aPolicy({
        scope: { regions: ['cn-beijing', 'cn-hangzhou'], resourceTypes: ['ContainerGroup', 'ImageCache'] },
      }),
      { regions: failing === 0 ? ['cn-hangzhou', 'cn-beijing'] : ['cn-hangzhou'] },
    );

    expect(inventory.complete).toBe(false);
    expect(inventory.gaps).toHaveLength(1);
    expect(inventory.gaps[0]).toMatchObject({ resourceType: 'ImageCache', code: 'InternalError' });
    expect(inventory.readings.map((one) => one.way)).toContain('not to the end');
    expect(inventory.resourcesSeen).toBeGreaterThanOrEqual(inventory.resources.length);
  });

  it('leaves a gap when details cannot be read', async () => {
    const eci = fakeOf(aFleet(300), {
      onCall: ({ query }) => {
        if ((query.ids as string[] | undefined)?.includes('eci-00150'))
          throw anEciError({ kind: 'unanswered', code: 'Unanswered' });
      },
    });

    const inventory = await read(eci);

    expect(inventory).toMatchObject({
      complete: false,
      gaps: [{ region: 'cn-hangzhou', resourceType: 'ContainerGroup', code: 'Unanswered' }],
    });
  });

  it('leaves a gap when the regions cannot be listed', async () => {
    const eci = fakeOf([], {
      onCall: ({ api }) => {
        throw anEciError({ api });
      },
    });

    expect(await read(eci, aPolicy())).toMatchObject({
      complete: false,
      regions: [],
      resources: [],
      gaps: [{ region: 'all', code: 'InternalError' }],
    });
  });

  it('throws what ends the run, once all calls have ended', async () => {
    let open = 0;
    const eci = fakeOf(
      aFleet(300, (at) => ({ type: at % 2 ? 'ImageCache' : 'ContainerGroup' })),
      {
        onCall: async ({ api, query }) => {
          open += 1;
          await new Promise(setImmediate);
          open -= 1;
          if (api === 'DescribeImageCaches' && query.nextToken)
            throw anEciError({ api, kind: 'fatal', code: 'InvalidAccessKeyId.NotFound' });
        },
      },
    );

    await expect(read(eci, aPolicy({ scope: { regions: ['cn-hangzhou'] } }))).rejects.toMatchObject({
      kind: 'fatal',
    });
    expect(open).toBe(0);
  });

  it.each([
    { api: 'DescribeContainerGroupStatus', type: 'ContainerGroup' },
    { api: 'DescribeContainerGroups', type: 'ContainerGroup' },
  ])('throws a fatal answer of $api, and faults that are no answer', async ({ api, type }) => {
    for (const error of [anEciError({ kind: 'fatal' }), new TypeError('a fault of ours')]) {
      const eci = fakeOf(aFleet(300), {
        onCall: (call) => {
          if (
            call.api === api &&
            (call.query.nextToken || call.query.ids || call.api !== 'DescribeContainerGroups')
          )
            throw error;
        },
      });

      await expect(
        read(eci, aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: [type] } })),
      ).rejects.toBe(error);
    }
  });

  it.each([
    {
      description: 'a token that comes again and brings nothing new',
      tokens: () => 'again',
      items: (page: number) => [aResource({ id: `imc-${page % 3}` })],
    },
    {
      description: 'new tokens that always lead to the same page',
      tokens: (page: number) => `t${page}`,
      items: () => [aResource({ id: 'imc-1' })],
    },
    { description: 'empty pages without end', tokens: (page: number) => `t${page}`, items: () => [] },
  ])('takes $description for a gap', async ({ tokens, items }) => {
    let page = 0;
    const eci: FakeEci = {
      ...fakeEci(),
      listResources: async () => {
        page += 1;
        return { items: items(page), nextToken: tokens(page) };
      },
    };

    const inventory = await read(
      eci,
      aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } }),
    );

    expect(inventory.gaps).toMatchObject([
      { code: 'INVENTORY_INCOMPLETE', message: expect.stringContaining('leads back') },
    ]);
  });

  it('follows one token for all pages, as long as each brings something new', async () => {
    let page = 0;
    const eci: FakeEci = {
      ...fakeEci(),
      listResources: async () => {
        page += 1;
        const items = [aResource({ id: `imc-${page}` })];
        return page < 50 ? { items, nextToken: 'the same' } : { items };
      },
    };

    const inventory = await read(
      eci,
      aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } }),
    );

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 50 });
  });

  it('lists page by page where the ids go in circles', async () => {
    const eci = fakeOf(aFleet(100));
    const circling: FakeEci = {
      ...eci,
      listContainerGroupStatus: async () => ({ items: [{ id: 'eci-00000' }], nextToken: 'again' }),
    };

    const inventory = await read(circling);

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 100 });
    expect(inventory.readings[0]!.way).toBe('plain pages');
  });
});

describe('readInventory, of resources that are listed without their tags', () => {
  const bare = [aResource({ id: 'eci-1', tags: { a: '1' } }), aResource({ id: 'eci-2' })];

  it('asks for them by id, and takes no row for no tag', async () => {
    const eci = fakeOf(bare, { leavesOut: () => true });

    const inventory = await read(eci);

    expect(inventory.resources).toEqual(bare);
    expect(inventory).toMatchObject({ complete: true, unseen: 0, warnings: [] });
    expect(eci.count('ListTagResources')).toBe(1);
  });

  it('counts those that nobody tells, and says so', async () => {
    const eci = fakeOf(bare, {
      leavesOut: () => true,
      onCall: ({ api }) => {
        if (api === 'ListTagResources') throw anEciError({ api, kind: 'rejected', code: 'NoPermission.Tag' });
      },
    });

    const inventory = await read(eci);

    expect(inventory).toMatchObject({ complete: true, unseen: 2 });
    expect(inventory.warnings).toEqual([
      expect.stringContaining('2 resources, eci-1 in cn-hangzhou among them'),
    ]);
  });
});

describe('readInventory, of data caches in several buckets', () => {
  const caches = ['edc-1', 'edc-2'].map((id) => aResource({ id, type: 'DataCache', tags: { a: '1' } }));
  const policy = (scope = {}) =>
    aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['DataCache'], ...scope } });
  const isHidden = ({ query }: { readonly query: { readonly ids?: unknown } }, { id }: Resource) =>
    id === 'edc-2' && query.ids === undefined;

  it('finds those that a list without a bucket does not show', async () => {
    const inventory = await read(fakeOf(caches, { hides: isHidden }), policy());

    expect(inventory.resources).toEqual(caches);
    expect(inventory).toMatchObject({ complete: true, warnings: [] });
  });

  it('says that there are some which cannot be read by their id either', async () => {
    const inventory = await read(fakeOf(caches, { hides: (_, { id }) => id === 'edc-2' }), policy());

    expect(inventory.resources).toEqual([caches[0]]);
    expect(inventory.warnings).toEqual([
      expect.stringMatching(/^1 data cache in cn-hangzhou .*scope\.buckets/),
    ]);
  });

  it('says that only the default bucket may have been seen, where nothing tells', async () => {
    const eci = fakeOf(caches, {
      onCall: ({ api, query }) => {
        if (api === 'ListTagResources' && query.ids === undefined)
          throw anEciError({ api, kind: 'rejected', code: 'MissingParameter' });
      },
    });

    expect((await read(eci, policy())).warnings).toEqual([
      expect.stringContaining('only those of the bucket `default`'),
    ]);
  });

  it('lists each bucket that the scope names, and looks no further', async () => {
    const eci = fakeOf(caches);

    await read(eci, policy({ buckets: ['default', 'models'] }));

    expect(eci.calls.map(({ api, query }) => [api, query.bucket])).toEqual([
      ['DescribeDataCaches', 'default'],
      ['DescribeDataCaches', 'models'],
    ]);
  });
});

describe('readInventory, where a place is closed to the account', () => {
  const closed = (match: (query: { region?: unknown; type?: unknown }) => boolean, code = 'NoPermission') =>
    fakeOf([aResource({ tags: { a: '1' } }), aResource({ region: 'cn-beijing' })], {
      regions: ['cn-beijing', 'cn-hangzhou'],
      onCall: ({ api, query }) => {
        if (match(query)) throw anEciError({ api, kind: 'rejected', code });
      },
    });
  const inBeijing = ({ region }: { region?: unknown }) => region === 'cn-beijing';
  const nodes = ({ type }: { type?: unknown }) => type === 'VirtualNode';

  it('skips a region that the scope does not name, once for all its types, and tells it', async () => {
    const inventory = await read(
      closed(inBeijing, 'ServiceNotEnabled'),
      aPolicy({ scope: { regions: 'all' } }),
    );

    expect(inventory).toMatchObject({ complete: true, gaps: [], resourcesSeen: 1 });
    expect(inventory.skipped).toEqual([
      {
        region: 'cn-beijing',
        code: 'ServiceNotEnabled',
        why: expect.stringContaining('Every type in cn-beijing'),
      },
    ]);
    expect(inventory.warnings).toEqual([inventory.skipped[0]!.why]);
  });

  it('skips a type that the scope does not name', async () => {
    const inventory = await read(
      closed(nodes),
      aPolicy({ scope: { regions: ['cn-beijing', 'cn-hangzhou'] } }),
    );

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 2 });
    expect(inventory.skipped.map(({ region, resourceType }) => [region, resourceType])).toEqual([
      ['cn-beijing', 'VirtualNode'],
      ['cn-hangzhou', 'VirtualNode'],
    ]);
  });

  it.each([
    ['a region by the policy', inBeijing, { regions: ['cn-beijing', 'cn-hangzhou'] }, {}],
    ['a region by the request', inBeijing, { regions: 'all' }, { regions: ['cn-beijing', 'cn-hangzhou'] }],
    ['a type by the policy', nodes, { regions: 'all', resourceTypes: ['ContainerGroup', 'VirtualNode'] }, {}],
    [
      'a type by the request',
      nodes,
      { regions: 'all' },
      { resourceTypes: ['ContainerGroup', 'VirtualNode'] },
    ],
  ] as const)('fails closed where %s is named', async (_, match, scope, narrowing) => {
    const inventory = await read(closed(match), aPolicy({ scope }), narrowing as Narrowing);

    expect(inventory.complete).toBe(false);
    expect(inventory.skipped).toEqual([]);
  });

  it('fails closed where everything is closed', async () => {
    const inventory = await read(
      closed(() => true),
      aPolicy({ scope: { regions: ['cn-hangzhou'] } }),
    );

    expect(inventory).toMatchObject({ complete: false, skipped: [] });
  });

  it('does not take a place that cannot be read for a closed one', async () => {
    const eci = fakeOf([aResource()], {
      onCall: ({ api }) => {
        if (api === 'DescribeVirtualNodes') throw anEciError({ api });
      },
    });

    expect((await read(eci, aPolicy({ scope: { regions: 'all' } }))).complete).toBe(false);
  });

  it('looks behind each empty list: one that is denied looks the same', async () => {
    const node = aResource({ id: 'vnd-1', type: 'VirtualNode', tags: { a: '1' } });
    const eci = fakeOf([aResource(), node]);
    const denied: FakeEci = {
      ...eci,
      listResources: async (query) =>
        query.type === 'VirtualNode' ? { items: [] } : eci.listResources(query),
    };

    const inventory = await read(denied, aPolicy({ scope: { regions: ['cn-hangzhou'] } }));

    expect(inventory.gaps).toMatchObject([{ resourceType: 'VirtualNode', code: 'LooksDenied' }]);
  });

  it('warns where the witness is refused but other lists are not empty', async () => {
    const eci = fakeOf([aResource()], {
      onCall: ({ api }) => {
        if (api === 'ListTagResources') throw anEciError({ api, kind: 'rejected', code: 'NoPermission.Tag' });
      },
    });

    const inventory = await read(
      eci,
      aPolicy({ scope: { ...ONE_PLACE, resourceTypes: ['ContainerGroup', 'VirtualNode'] } }),
    );

    expect(inventory.complete).toBe(true);
    expect(inventory.warnings).toEqual([
      expect.stringContaining('The list of VirtualNode in cn-hangzhou is empty'),
    ]);
  });
});

describe('readInventory, of an account that looks empty', () => {
  it('is complete where nothing is tagged', async () => {
    const eci = fakeEci();

    expect(await read(eci)).toMatchObject({ complete: true, resources: [], resourcesSeen: 0 });
    expect(eci.count('ListTagResources')).toBe(1);
  });

  it('has a gap where tags are known of resources that the list does not show', async () => {
    const eci = fakeOf([aResource({ tags: { a: '1' } })]);
    const denied: FakeEci = { ...eci, listResources: async () => ({ items: [] }) };

    expect(await read(denied)).toMatchObject({
      complete: false,
      gaps: [{ code: 'LooksDenied', message: expect.stringContaining('eci-1') }],
    });
  });

  it('has a gap where it may not ask for tags either', async () => {
    const eci = fakeOf([], {
      onCall: ({ api }) => {
        if (api === 'ListTagResources') throw anEciError({ api, kind: 'rejected', code: 'NoPermission.Tag' });
      },
    });

    expect(await read(eci)).toMatchObject({
      complete: false,
      gaps: [{ code: 'NoPermission.Tag', message: expect.stringContaining('nothing tells whether') }],
    });
  });

  it('is complete where the question itself was refused', async () => {
    const eci = fakeOf([], {
      onCall: ({ api }) => {
        if (api === 'ListTagResources') throw anEciError({ api, kind: 'rejected', code: 'MissingParameter' });
      },
    });

    expect(await read(eci)).toMatchObject({ complete: true });
  });

  it('is complete where only other resource groups hold tagged resources', async () => {
    const eci = fakeOf([aResource({ resourceGroupId: 'rg-2', tags: { a: '1' } })]);

    expect(await read(eci, aPolicy({ scope: { ...ONE_PLACE, resourceGroups: ['rg-1'] } }))).toMatchObject({
      complete: true,
      resources: [],
    });
  });
});

describe('readInventory, narrowed by a request', () => {
  const policy = aPolicy({
    scope: { regions: ['cn-hangzhou', 'cn-beijing'], resourceTypes: ['ContainerGroup', 'ImageCache'] },
  });

  it('reads only the regions and types of the request', async () => {
    const eci = fakeOf([
      aResource({}),
      aResource({ region: 'cn-beijing' }),
      aResource({ type: 'ImageCache' }),
    ]);

    const inventory = await read(eci, policy, {
      regions: ['cn-hangzhou'],
      resourceTypes: ['ContainerGroup'],
    });

    expect(inventory.resources).toEqual([aResource({})]);
    expect(inventory.regions).toEqual(['cn-hangzhou']);
  });

  it.each([
    {
      narrowing: { regions: ['eu-west-1'] },
      message:
        'regions names "eu-west-1", which is outside the scope of policy "a-policy" (cn-hangzhou, cn-beijing)',
    },
    { narrowing: { resourceTypes: ['VirtualNode'] as const }, message: 'resourceTypes names "VirtualNode"' },
    { narrowing: { resourceIds: [] }, message: 'resourceIds is an empty list' },
  ])('refuses to widen the scope: $message', async ({ narrowing, message }) => {
    const eci = fakeEci();

    await expect(read(eci, policy, narrowing)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    });
    expect(eci.count()).toBe(0);
  });

  it('takes any region where the scope says all, without asking for the list', async () => {
    const eci = fakeOf([aResource({})]);

    expect((await read(eci, aPolicy(), { regions: ['cn-hangzhou'] })).resources).toHaveLength(1);
    expect(eci.count('DescribeRegions')).toBe(0);
  });

  it('reads ids as many a call as the type takes, and asks each type where the prefix tells none', async () => {
    const eci = fakeOf([
      aResource({ id: 'eci-1' }),
      aResource({ id: 'imc-1', type: 'ImageCache' }),
      aResource({ id: 'odd', type: 'ImageCache' }),
    ]);

    const inventory = await read(eci, policy, {
      regions: ['cn-hangzhou'],
      resourceIds: ['eci-1', 'imc-1', 'odd', 'odd', 'eci-gone'],
    });

    expect(inventory.resources.map((one) => one.id)).toEqual(['eci-1', 'imc-1', 'odd']);
    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 3 });
    expect(eci.calls.map((call) => call.query.ids)).toEqual([
      ['eci-1', 'odd', 'eci-gone'],
      ['imc-1'],
      ['odd'],
    ]);
    expect(inventory.readings.map((one) => one.way)).toEqual(['by id', 'by id']);
  });

  it('says of a type that no id has that it was not read', async () => {
    const inventory = await read(fakeOf([aResource({})]), policy, {
      regions: ['cn-hangzhou'],
      resourceIds: ['eci-1'],
    });

    expect(inventory.readings.map((one) => one.way)).toEqual([
      'by id',
      'not read: no id of this type was named',
    ]);
  });

  it('halves a list of ids that one gone id refuses', async () => {
    const fleet = aFleet(16);
    const eci = fakeOf(fleet, {
      onCall: ({ query }) => {
        if ((query.ids as string[]).includes('eci-gone'))
          throw anEciError({ kind: 'gone', code: 'InvalidParameter.NotFound' });
      },
    });

    const inventory = await read(eci, policy, {
      regions: ['cn-hangzhou'],
      resourceTypes: ['ContainerGroup'],
      resourceIds: [...fleet.map((one) => one.id), 'eci-gone'],
    });

    expect(inventory).toMatchObject({ complete: true });
    expect(inventory.resources).toHaveLength(16);
  });

  it.each([
    { type: 'ContainerGroup' as const, prefix: 'eci', calls: 2 + 4 },
    { type: 'ImageCache' as const, prefix: 'imc', calls: 30 + 4 },
  ])(
    'counts the population of many named ids of type $type as far as maxPercent needs',
    async ({ type, prefix, calls }) => {
      const fleet = Array.from({ length: 400 }, (_, at) =>
        aResource({ id: `${prefix}-${String(at).padStart(3, '0')}`, type }),
      );
      const eci = fakeOf(fleet);

      const inventory = await read(eci, policy, {
        regions: ['cn-hangzhou'],
        resourceTypes: [type],
        resourceIds: fleet.slice(0, 30).map((one) => one.id),
      });

      expect(inventory.resources).toHaveLength(30);
      expect(inventory.resourcesSeen).toBeGreaterThanOrEqual(60);
      expect(eci.count()).toBe(calls);
      expect(inventory.readings[0]!.calls).toBe(calls);
    },
  );
});

describe('readInventory, by what the policy can touch', () => {
  const exact = (part: object = {}) =>
    aPolicy({ scope: ONE_PLACE, remove: [{ key: 'a' }, { key: 'b' }], ...part });
  const sparse = (count: number, part: object = {}) =>
    aFleet(count, (at) => ({
      tags: at % 20 === 7 ? { [at % 40 === 7 ? 'a' : 'b']: '1' } : { other: '1' },
      ...part,
    }));

  it('reads 10,000 container groups for two exact keys carried by 5 % in at most 60 calls', async () => {
    const eci = fakeOf(sparse(10_000));

    const inventory = await read(eci, exact());

    expect(inventory.resources.filter((one) => one.tags!.some((tag) => tag.key !== 'other'))).toHaveLength(
      500,
    );
    expect(eci.count()).toBeLessThanOrEqual(60);
    expect(inventory.resourcesSeen).toBeGreaterThanOrEqual(1000);
    expect(inventory.readings[0]).toMatchObject({
      way: 'filtered by a; or b',
      note: expect.stringMatching(/^population counted up to 10\d\d: enough/),
    });
  });

  it('does not count where maxPercent is 100', async () => {
    const eci = fakeOf(sparse(1000));

    const inventory = await read(eci, exact({ limits: { maxPercent: 100 } }));

    expect(eci.count('DescribeContainerGroupStatus')).toBeLessThanOrEqual(3);
    expect(inventory.readings[0]!.note).toBe('population not counted: maxPercent does not need it');
  });

  it('reads in full where most resources carry the keys', async () => {
    const eci = fakeOf(aFleet(500, () => ({ tags: { a: '1' } })));

    const inventory = await read(eci, exact());

    expect(inventory.readings[0]!.way).toMatch(/^ids 200 a page/);
    expect(inventory.resourcesSeen).toBe(500);
  });

  it('reads a small fleet in full', async () => {
    const eci = fakeOf(sparse(60));

    expect((await read(eci, exact())).readings[0]!.way).toMatch(/^ids 200 a page/);
    expect(eci.count()).toBe(4);
  });

  it('filters the types that have no ids to list by pages, after as many plain pages', async () => {
    const eci = fakeOf(sparse(2000, { type: 'ImageCache' }));

    const inventory = await read(
      eci,
      exact({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } }),
    );

    expect(inventory.readings[0]).toMatchObject({ way: 'filtered by a; or b' });
    expect(eci.count()).toBeLessThan(25);
  });

  it('ends with the plain pages where they end first', async () => {
    const eci = fakeOf(sparse(50, { type: 'ImageCache' }));

    const inventory = await read(
      eci,
      exact({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } }),
    );

    expect(inventory.readings[0]).toMatchObject({ way: 'plain pages', calls: 3 });
  });

  it('reads in full where more keys are named than listings pay for', async () => {
    const remove = Array.from({ length: 11 }, (_, at) => ({ key: `k${at}` }));

    expect((await read(fakeOf(sparse(1000)), exact({ remove }))).readings[0]!.way).toMatch(/^ids 200 a page/);
  });

  it('lists by status where the policy selects one', async () => {
    const eci = fakeOf(
      aFleet(1000, (at) => ({ status: at % 50 === 3 ? 'Failed' : 'Running', tags: { 'ci-a': '1' } })),
    );

    const inventory = await read(eci, aPolicy({ scope: ONE_PLACE, select: { status: 'Failed' } }));

    expect(inventory.readings[0]!.way).toBe('filtered by status Failed');
    expect(inventory.resources.filter((one) => one.status === 'Failed')).toHaveLength(20);
  });

  it('lists only the first page where nothing can match', async () => {
    const eci = fakeOf(sparse(1000));

    const inventory = await read(eci, aPolicy({ scope: ONE_PLACE, select: { resourceType: 'ImageCache' } }));

    expect(inventory.readings[0]!.way).toBe('first page only: the policy can touch nothing here');
    expect(eci.count()).toBeLessThan(5);
  });

  it('does not believe filters that leave out what the plain list shows', async () => {
    const fleet = aFleet(1000, (at) => ({ tags: at % 20 === 7 ? { a: 'x' } : { note: '1' } }));
    const eci = fakeOf(fleet);
    // As if a key alone meant an empty value.
    const strict: FakeEci = {
      ...eci,
      listResources: (query) =>
        eci.listResources(
          query.tags ? { ...query, tags: query.tags.map((tag) => ({ value: '', ...tag })) } : query,
        ),
    };

    const inventory = await read(strict, exact({ remove: [{ key: 'a' }] }));

    expect(inventory.resources).toHaveLength(1000);
    expect(inventory.readings[0]!.way).toMatch(/^ids 200 a page/);
  });

  it('lists page by page where the filter on ids leaves out what the filtered list shows', async () => {
    const fleet = aFleet(1000, (at) => ({ tags: at % 20 === 7 ? { a: 'x' } : { note: '1' } }));
    const eci = fakeOf(fleet);
    const odd: FakeEci = {
      ...eci,
      listContainerGroupStatus: (query) =>
        query.tags ? Promise.resolve({ items: [] }) : eci.listContainerGroupStatus(query),
    };

    const inventory = await read(odd, exact({ remove: [{ key: 'a' }] }));

    expect(inventory.readings[0]!.way).toBe('filtered by a');
    expect(inventory.resources.filter((one) => one.tags!.some(({ key }) => key === 'a'))).toHaveLength(50);
  });

  describe('of a service that shows less than there is', () => {
    const fleet = sparse(1000);
    const carrying = (inventory: Inventory) =>
      inventory.resources.filter((one) => one.tags!.some(({ key }) => key === 'a' || key === 'b'));

    it.each<[string, FakeEciOptions]>([
      [
        'ids of statuses',
        { hides: ({ api }, { id }) => api === 'DescribeContainerGroupStatus' && id.endsWith('7') },
      ],
      [
        'ids, of which nobody tells how many there are',
        { tellsTotal: false, hides: ({ api }) => api === 'DescribeContainerGroupStatus' },
      ],
      ['a filter by key', { hides: ({ query }) => query.tags !== undefined }],
      [
        'every other that a filter finds',
        { hides: ({ query }, { id }) => query.tags !== undefined && Number(id.slice(4)) % 2 === 1 },
      ],
    ])('finds what is left out: %s', async (_, how) => {
      for (const policy of [exact(), exact({ remove: [{ key: '?' }] })]) {
        const inventory = await read(fakeOf(fleet, how), policy);

        expect(carrying(inventory)).toHaveLength(50);
        expect(inventory.gaps).toEqual([]);
      }
    });

    it('counts nobody whom only the list of statuses knows', async () => {
      const eci = fakeOf(sparse(300));
      const more = { items: Array.from({ length: 600 }, (_, at) => ({ id: `gone-${at}` })) };
      const odd: FakeEci = {
        ...eci,
        listContainerGroupStatus: async (query) => {
          const page = await eci.listContainerGroupStatus(query);
          return page.nextToken ? page : { items: [...page.items, ...more.items] };
        },
      };

      for (const policy of [exact(), exact({ remove: [{ key: '?' }] })]) {
        expect((await read(odd, policy)).resourcesSeen).toBeLessThanOrEqual(300);
      }
    });

    it('counts nobody of another group where the list of statuses ignores it', async () => {
      const groups = sparse(400).map((one, at) => ({
        ...one,
        resourceGroupId: at % 4 === 0 ? 'rg-1' : 'rg-2',
      }));
      const eci = fakeOf(groups);
      const odd: FakeEci = {
        ...eci,
        listContainerGroupStatus: ({ resourceGroupId: _group, ...query }) =>
          eci.listContainerGroupStatus(query),
      };
      const scope = { ...ONE_PLACE, resourceGroups: ['rg-1'] };

      for (const policy of [exact({ scope }), exact({ scope, remove: [{ key: '?' }] })]) {
        expect((await read(odd, policy)).resourcesSeen).toBeLessThanOrEqual(100);
      }
    });

    it('counts named resources in their group alone', async () => {
      const groups = sparse(400).map((one, at) => ({ ...one, resourceGroupId: at < 60 ? 'rg-1' : 'rg-2' }));
      const inventory = await read(
        fakeOf(groups),
        exact({ scope: { ...ONE_PLACE, resourceGroups: ['rg-1'] }, remove: [{ key: '?*' }] }),
        {
          resourceIds: groups.slice(0, 50).map(({ id }) => id),
        },
      );

      expect(inventory.resourcesSeen).toBe(60);
    });
  });

  it('leaves the count too small where it cannot go on, and says so', async () => {
    const eci = fakeOf(sparse(3000, { type: 'ImageCache' }), {
      onCall: ({ api, query }) => {
        if (
          api === 'DescribeImageCaches' &&
          query.tags === undefined &&
          String(query.nextToken).startsWith('eci-00079')
        )
          throw anEciError({ api });
      },
    });

    const inventory = await read(
      eci,
      exact({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } }),
    );

    expect(inventory.complete).toBe(true);
    expect(inventory.readings[0]!.note).toMatch(
      /^population counted only up to \d+, which makes maxPercent stricter: Describe/,
    );
    expect(inventory.resourcesSeen).toBeLessThan(300);
  });

  it('throws what ends the run while it counts', async () => {
    const eci = fakeOf(sparse(3000, { type: 'ImageCache' }), {
      onCall: ({ api, query }) => {
        if (
          api === 'DescribeImageCaches' &&
          query.tags === undefined &&
          String(query.nextToken).startsWith('eci-00079')
        )
          throw anEciError({ api, kind: 'fatal' });
      },
    });

    await expect(
      read(eci, exact({ scope: { regions: ['cn-hangzhou'], resourceTypes: ['ImageCache'] } })),
    ).rejects.toMatchObject({ kind: 'fatal' });
  });

  it('finds a tag that a resource on the plain page lost in between no fault of the filter', async () => {
    const fleet = aFleet(1000, (at) => ({ tags: at % 20 === 7 ? { a: 'x' } : { note: '1' } }));
    const eci: FakeEci = fakeOf(fleet, {
      onCall: (_, number) => {
        if (number === 1) eci.put({ ...fleet[7]!, tags: [aTag('z')] });
      },
    });

    const inventory = await read(eci, exact({ remove: [{ key: 'a' }] }));

    expect(inventory.readings[0]!.way).toBe('filtered by a');
    expect(inventory.resources.find((one) => one.id === fleet[7]!.id)!.tags).toEqual([aTag('z')]);
    expect(inventory.readings[0]!.note).toContain('1 seen twice with different tags');
  });
});

describe('readInventory, page by page', () => {
  const fleet = aFleet(400, (at) => ({ tags: at % 40 === 0 ? { old: 'x', team: 'a' } : { team: 'a' } }));
  const policy = aPolicy({ scope: ONE_PLACE, remove: [{ key: 'old' }] });
  /** A filter that leaves out one resource which stands on no early page. */
  const hides: FakeEciOptions['hides'] = ({ query }, { id }) =>
    query.tags !== undefined && id === 'eci-00360';

  it('finds what a filter leaves out and no early page shows, and says that it does', async () => {
    const eci = fakeOf(fleet, { hides });

    const narrowed = await read(eci, policy);
    const plain = await read(eci, policy, {}, { plain: true });

    const olds = ({ resources }: Inventory) =>
      resources.filter(({ tags }) => tags?.some(({ key }) => key === 'old')).length;
    expect([olds(narrowed), olds(plain)]).toEqual([9, 10]);
    expect(narrowed.warnings).toEqual([]);
    expect(plain.warnings).toEqual([
      expect.stringMatching(/filtered by old does not find.*plainReadings to 1/),
    ]);
    expect(plain.readings[0]).toMatchObject({ way: 'plain pages, as limits.plainReadings asks' });
  });

  it('says nothing where the filter finds all', async () => {
    const inventory = await read(fakeOf(fleet), policy, {}, { plain: true });

    expect(inventory).toMatchObject({ complete: true, resourcesSeen: 400, warnings: [] });
  });
});
