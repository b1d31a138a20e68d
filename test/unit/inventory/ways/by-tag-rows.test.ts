import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../../lib/inventory/read.ts';
import type { EciApi } from '../../../../lib/ports.ts';
import { RESOURCE_TYPES, type Resource, type ResourceType } from '../../../../lib/resource.ts';
import { aPolicy, aResource, type ResourceDraft } from '../../../support/builders.ts';
import { anEciError, type FakeEciOptions, fakeEci } from '../../../support/fake-eci.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';

/** So many resources of one type; `tagsOf` tells what each carries. */
function aFleet(count: number, type: ResourceType, tagsOf: (at: number) => ResourceDraft['tags']) {
  return Array.from({ length: count }, (_, at) =>
    aResource({ id: `r-${String(at).padStart(5, '0')}`, type, tags: tagsOf(at) ?? {} }),
  );
}

const oneIn = (every: number) => (at: number) => (at % every === 0 ? { 'ci-run': `${at}` } : {});

function policyOf(type: ResourceType, part: Readonly<Record<string, unknown>> = {}) {
  return aPolicy({ scope: { regions: ['cn-hangzhou'], resourceTypes: [type] }, ...part });
}

/** Reads a fleet; `lie` may take the place of some operations. */
async function read(
  resources: readonly Resource[],
  options: {
    readonly part?: Readonly<Record<string, unknown>>;
    readonly fake?: FakeEciOptions;
    readonly lie?: Partial<EciApi>;
    readonly tagRows?: boolean;
  } = {},
) {
  const { type } = resources[0]!;
  const eci = fakeEci({ resources, ...options.fake });
  const policy = policyOf(type, options.part);
  const inventory = await readInventory(
    { ...eci, ...options.lie },
    { policy, narrowing: {} },
    { clock: virtualClock(), tagRows: () => options.tagRows ?? true },
  );
  const tagged = inventory.resources.filter((one) => (one.tags?.length ?? 0) > 0);
  return { eci, inventory, way: inventory.readings[0]!.way, tagged };
}

describe('readInventory, by rows of tags', () => {
  it.each(RESOURCE_TYPES)('finds the few tagged of 3,000 %s in a few calls', async (type) => {
    const fleet = aFleet(3000, type, oneIn(100));

    const { eci, inventory, way, tagged } = await read(fleet, { part: { limits: { maxPercent: 50 } } });

    expect(way).toBe('rows of tags');
    expect(tagged.map((one) => one.id)).toEqual(fleet.filter((_, at) => at % 100 === 0).map((one) => one.id));
    expect(inventory.complete).toBe(true);
    expect(inventory.warnings).toEqual([]);
    expect(eci.count()).toBeLessThanOrEqual(8);
  });

  it('is not relied on unless switched on', async () => {
    const { eci, way } = await read(aFleet(300, 'ContainerGroup', oneIn(100)), { tagRows: false });

    expect(way).not.toBe('rows of tags');
    expect(eci.count('ListTagResources')).toBe(0);
  });

  it('is not asked where the policy needs more than tags', async () => {
    const part = { select: { age: { olderThan: '7d' } } };

    const { eci } = await read(aFleet(300, 'ImageCache', oneIn(100)), { part });

    expect(eci.count('ListTagResources')).toBe(0);
  });

  it('is left after its first page where there are too many rows, and costs one call', async () => {
    const fleet = aFleet(300, 'ContainerGroup', (at) => ({ 'ci-a': '', 'ci-b': '', 'ci-c': `${at}` }));

    const { eci, tagged, way } = await read(fleet);

    expect(way).toMatch(/^ids 200/);
    expect(tagged).toHaveLength(300);
    expect(eci.count('ListTagResources')).toBe(1);
  });

  it('goes on where the service gives many rows a page', async () => {
    const fleet = aFleet(2000, 'DataCache', (at) => ({ 'ci-a': '', 'ci-b': `${at}` }));
    const part = { limits: { maxPercent: 100 } };

    const { eci, tagged, way } = await read(fleet, { part, fake: { rowsAPage: 500 } });

    expect(way).toBe('rows of tags');
    expect(tagged).toHaveLength(2000);
    expect(eci.count('ListTagResources')).toBe(8);
  });

  it('is left where the first page was no fair sample, and never costs more than twice the other way', async () => {
    const fleet = aFleet(1000, 'VirtualNode', (at) =>
      at < 20 ? {} : Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [`ci-${key}`, `${at}`])),
    );

    const { eci, tagged } = await read(fleet);

    expect(tagged).toHaveLength(980);
    expect(eci.count()).toBeLessThanOrEqual(2 * 50 + 1);
  });

  it('lists no id twice of those that were counted before it was left', async () => {
    const fleet = aFleet(1000, 'ContainerGroup', (at) =>
      at < 20 ? {} : Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [`ci-${key}`, `${at}`])),
    );

    const { eci, tagged, way } = await read(fleet);

    expect(way).toMatch(/^ids 200/);
    expect(tagged).toHaveLength(980);
    expect(eci.count('DescribeContainerGroupStatus')).toBe(5);
  });

  it('reads a resource again whose rows straddle two pages', async () => {
    const changed = aResource({ id: 'r-00100', type: 'DataCache', tags: { 'legal-hold': 'yes' } });
    const fleet = aFleet(300, 'DataCache', (at) => (at % 50 === 0 ? { 'ci-a': '1', 'ci-b': '2' } : {}));
    const eci = fakeEci({
      resources: fleet,
      rowsAPage: 5,
      // Between its two rows the third tagged resource gets other tags.
      onCall: ({ api, query }) => {
        if (api === 'ListTagResources' && query.nextToken !== undefined) eci.put(changed);
      },
    });

    const { readings, resources } = await readInventory(
      eci,
      { policy: policyOf('DataCache', { limits: { maxPercent: 100 } }), narrowing: {} },
      { clock: virtualClock(), tagRows: () => true },
    );

    expect(readings[0]!.way).toBe('rows of tags');
    expect(resources.find((one) => one.id === changed.id)?.tags).toEqual(changed.tags);
  });

  it.each([
    { description: 'leave out a resource that the list shows', from: 0 },
    { description: 'leave out a tag of a resource that is in them', from: 100 },
  ])('is not believed where the rows $description', async ({ from }) => {
    const fleet = aFleet(300, 'VirtualNode', (at) =>
      at % 100 === from % 100 ? { 'ci-a': '1', 'ci-b': '2' } : {},
    );
    const shifted = from === 0 ? fleet : fleet.slice(20);
    const honest = fakeEci({ resources: shifted });
    let cut = 0;

    const { way, tagged, inventory } = await read(shifted, {
      lie: {
        listTagResources: async (query) => {
          const page = await honest.listTagResources(query);
          return { ...page, items: page.items.filter((row) => row.key !== 'ci-b' || cut++ > 0) };
        },
      },
    });

    expect(way).toBe('plain pages');
    expect(tagged).toHaveLength(shifted.filter((one) => one.tags!.length > 0).length);
    expect(tagged.every((one) => one.tags!.length === 2)).toBe(true);
    expect(inventory.warnings.join()).toContain('does not bear that out');
  });

  it('is not believed where there is no row, and no tag was shown to hold it against', async () => {
    const fleet = aFleet(300, 'ImageCache', (at) => (at === 250 ? { 'ci-a': '1' } : {}));

    const { way, tagged } = await read(fleet, { lie: { listTagResources: async () => ({ items: [] }) } });

    expect(way).toBe('plain pages');
    expect(tagged).toHaveLength(1);
  });

  it('finds a resource that changed in between no fault of the rows', async () => {
    const fleet = aFleet(300, 'VirtualNode', oneIn(100));
    const eci = fakeEci({
      resources: fleet,
      onCall: ({ api }) => {
        if (api === 'ListTagResources') eci.put(aResource({ id: 'r-00000', type: 'VirtualNode', tags: {} }));
      },
    });

    const { readings, resources } = await readInventory(
      eci,
      { policy: policyOf('VirtualNode'), narrowing: {} },
      { clock: virtualClock(), tagRows: () => true },
    );

    expect(readings[0]!.way).toBe('rows of tags');
    expect(resources.find((one) => one.id === 'r-00000')?.tags).toEqual([]);
  });

  it('goes another way where the operation is refused', async () => {
    const fleet = aFleet(300, 'DataCache', oneIn(100));
    const refuse = ({ api }: { readonly api: string }): void => {
      if (api === 'ListTagResources') throw anEciError({ api, kind: 'rejected', code: 'NoPermission.Tag' });
    };

    const { inventory, tagged } = await read(fleet, { fake: { onCall: refuse } });

    expect(inventory.complete).toBe(true);
    expect(tagged).toHaveLength(3);
  });

  it('throws what ends the run', async () => {
    const fleet = aFleet(300, 'DataCache', oneIn(100));
    const fake: FakeEciOptions = {
      onCall: ({ api }) => {
        if (api === 'ListTagResources') throw anEciError({ api, kind: 'fatal', code: 'InvalidAccessKeyId' });
      },
    };

    await expect(read(fleet, { fake })).rejects.toMatchObject({ kind: 'fatal' });
  });
});
