import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import type { FleetResource } from '../../emulator/resource.ts';
import { type Emulator, startEmulator } from '../../emulator/server.ts';
import { readCredentials } from '../../lib/cloud/credentials.ts';
import { createEciClient } from '../../lib/cloud/eci/client.ts';
import { eciEndpoints } from '../../lib/cloud/eci/endpoints.ts';
import type { EciApi, ListQuery, UntagRequest } from '../../lib/ports.ts';
import { RESOURCE_TYPES, type Resource } from '../../lib/resource.ts';

const region = 'cn-hangzhou';
const PREFIX = { ContainerGroup: 'eci', ImageCache: 'imc', DataCache: 'edc', VirtualNode: 'vnd' } as const;

/** 45 resources of each type: three pages. */
function aFleet(): FleetResource[] {
  return RESOURCE_TYPES.flatMap((type) =>
    Array.from({ length: 45 }, (_, index) => ({
      id: `${PREFIX[type]}-${String(index).padStart(3, '0')}`,
      type,
      region,
      name: `name-${index}`,
      created: '2026-01-02T03:04:00Z',
      group: index % 2 === 0 ? 'rg-even' : 'rg-odd',
      tags: { env: index % 3 === 0 ? 'dev' : 'prod', 'ci-run': String(index) },
    })),
  );
}

async function allPages(eci: EciApi, query: ListQuery): Promise<readonly Resource[]> {
  const items: Resource[] = [];
  for (let nextToken: string | undefined; ; ) {
    const page = await eci.listResources({ ...query, ...(nextToken === undefined ? {} : { nextToken }) });
    items.push(...page.items);
    if (page.nextToken === undefined) return items;
    nextToken = page.nextToken;
  }
}

describe('ECI, as seen through our port', () => {
  let emulator: Emulator;
  let eci: EciApi;

  beforeEach(async () => {
    emulator = await startEmulator({ fleet: aFleet(), regions: ['us-east-1', region] });
    const { accessKeyId, accessKeySecret, securityToken } = DEFAULT_STS_IDENTITY;
    const credentials = { accessKeyId, accessKeySecret, securityToken: securityToken ?? '' };
    eci = createEciClient({
      ...eciEndpoints('public', new URL(emulator.url)),
      credentials: async () => credentials,
      timeoutMs: 2000,
    });
  });
  afterEach(async () => {
    await emulator.close();
    expect(emulator.failures).toEqual([]);
  });

  const untag = (change: Partial<UntagRequest> = {}) =>
    eci.untagResources({
      region,
      type: 'ContainerGroup',
      ids: ['eci-001', 'eci-002'],
      keys: ['ci-run', 'never-there'],
      clientToken: 'token-1',
      ...change,
    });
  const tagsOf = async (id: string) =>
    (await eci.listResources({ region, type: 'ContainerGroup', ids: [id] })).items[0]?.tags?.map(
      (tag) => tag.key,
    );

  it('tells the regions, sorted', async () => {
    expect(await eci.describeRegions()).toEqual([region, 'us-east-1']);
  });

  it.each(RESOURCE_TYPES)('lists every %s once, with all that is known of it', async (type) => {
    const all = await allPages(eci, { region, type });

    expect(new Set(all.map((item) => item.id)).size).toBe(45);
    expect(all.find((item) => item.id === `${PREFIX[type]}-001`)).toMatchObject({
      region,
      type,
      name: 'name-1',
      createdAtMs: Date.UTC(2026, 0, 2, 3, 4),
      resourceGroupId: 'rg-odd',
      tags: [
        { key: 'ci-run', value: '1' },
        { key: 'env', value: 'prod' },
      ],
    });
  });

  it('ends a listing with a token alone, however short its pages', async () => {
    emulator.setBehavior({ pages: 'short', lastToken: 'absent' });

    expect(await allPages(eci, { region, type: 'DataCache' })).toHaveLength(45);
  });

  it.each(RESOURCE_TYPES)('finds a %s by id, and by tag with and without its value', async (type) => {
    const ids = [`${PREFIX[type]}-003`];

    expect((await eci.listResources({ region, type, ids })).items.map((item) => item.id)).toEqual(ids);
    expect(await allPages(eci, { region, type, tags: [{ key: 'env', value: 'dev' }] })).toHaveLength(15);
    expect(await allPages(eci, { region, type, tags: [{ key: 'env' }] })).toHaveLength(45);
    expect(await allPages(eci, { region, type, resourceGroupId: 'rg-odd' })).toHaveLength(22);
  });

  it('lists up to 200 container groups without their tags in one call', async () => {
    const page = await eci.listContainerGroupStatus({ region });

    expect(page.items).toHaveLength(45);
    expect(page.nextToken).toBeUndefined();
  });

  it('lists tags as rows', async () => {
    const page = await eci.listTagResources({ region, type: 'ImageCache', ids: ['imc-001'] });

    expect(page.items.map((row) => [row.type, row.id, row.key, row.value]).sort()).toEqual([
      ['ImageCache', 'imc-001', 'ci-run', '1'],
      ['ImageCache', 'imc-001', 'env', 'prod'],
    ]);
  });

  it('removes the named keys of the named resources and nothing else, absent ones included', async () => {
    await untag();

    expect(await tagsOf('eci-001')).toEqual(['env']);
    expect(await tagsOf('eci-002')).toEqual(['env']);
    expect(await tagsOf('eci-003')).toEqual(['ci-run', 'env']);
  });

  it('does the same once for one client token, and refuses the token for anything else', async () => {
    const first = await untag();

    expect(await untag()).toEqual(first);
    await expect(untag({ keys: ['env'] })).rejects.toMatchObject({
      kind: 'rejected',
      apiCode: 'IdempotentParameterMismatch',
    });
  });

  it('puts tags back', async () => {
    await untag();
    await eci.tagResources({
      region,
      type: 'ContainerGroup',
      ids: ['eci-001'],
      tags: [{ key: 'ci-run', value: '1' }],
    });

    expect(await tagsOf('eci-001')).toEqual(['ci-run', 'env']);
  });

  it('says of an unknown resource that it is gone, and changes none of the others', async () => {
    await expect(untag({ ids: ['eci-001', 'eci-none'] })).rejects.toMatchObject({ kind: 'gone' });

    expect(await tagsOf('eci-001')).toEqual(['ci-run', 'env']);
  });

  it('refuses system tags', async () => {
    await expect(untag({ keys: ['acs:tag:createdby'] })).rejects.toMatchObject({
      kind: 'rejected',
      apiCode: 'NoPermission.Tag',
    });
  });

  it.each([
    ['reset', 'unanswered'],
    ['html', 'unanswered'],
    ['empty', 'unanswered'],
    ['truncated', 'unanswered'],
    ['cut', 'unanswered'],
  ] as const)(
    'leaves the outcome open when the answer is lost (%s), although it was done',
    async (kind, expected) => {
      emulator.faults.add({ api: 'UntagResources', calls: [1], fault: { kind, applied: true } });

      await expect(untag()).rejects.toMatchObject({ kind: expected, outcomeUnknown: true });

      expect(await tagsOf('eci-001')).toEqual(['env']);
      await expect(untag()).resolves.toHaveProperty('requestId');
    },
  );

  it('sees a throttle inside a good answer', async () => {
    emulator.faults.add({ calls: [1], fault: { kind: 'code-in-ok', code: 'Throttling' } });

    await expect(eci.listResources({ region, type: 'VirtualNode' })).rejects.toMatchObject({
      kind: 'throttled',
    });
  });
});

/** Read-only, and only when a region of a real account is named; credentials come from the environment. */
const realRegion = process.env.ECI_CONTRACT_REGION;
describe.runIf(realRegion !== undefined)('ECI of a real account', () => {
  const eci = createEciClient({
    ...eciEndpoints('public'),
    credentials: async () => readCredentials(process.env),
  });

  it('tells the regions', async () => {
    expect(await eci.describeRegions()).toContain(realRegion);
  });

  it.each(RESOURCE_TYPES)('lists a page of %s that can be read', async (type) => {
    const page = await eci.listResources({ region: realRegion ?? '', type });

    for (const item of page.items) expect(item.createdAtMs).toBeGreaterThan(0);
  });
});
