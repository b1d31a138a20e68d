import { describe, expect, it } from 'vitest';
import { readByIds } from '../../../lib/inventory/by-id.ts';
import type { Resource, ResourceRef, ResourceType } from '../../../lib/resource.ts';
import { anEciError, type FakeEciOptions, fakeEci } from '../../support/fake-eci.ts';
import { aResource } from '../../support/resources.ts';

const many = (count: number, type: ResourceType = 'ContainerGroup') =>
  Array.from({ length: count }, (_, n) => aResource({ id: `x-${n}`, type, tags: { a: `${n}` } }));

async function read(
  refs: readonly ResourceRef[],
  options: FakeEciOptions & { readonly mayStart?: () => boolean } = {},
) {
  const { mayStart, ...others } = options;
  const eci = fakeEci({ resources: refs as readonly Resource[], ...others });
  const seen: [string, Resource | undefined][] = [];
  const result = await readByIds(refs, {
    eci,
    concurrency: 2,
    ...(mayStart !== undefined && { mayStart }),
    onRead: (ref, live) => seen.push([`${ref.type} ${ref.id}`, live]),
  });
  return { result, seen, eci };
}

describe('readByIds', () => {
  it('reads nothing for nothing', async () => {
    const { result, seen, eci } = await read([]);

    expect([result, seen, eci.calls]).toEqual([{ unread: [] }, [], []]);
  });

  it('tells of every resource once, twenty a call', async () => {
    const refs = many(65);

    const { result, seen, eci } = await read(refs);

    expect(seen).toEqual(refs.map((ref) => [`ContainerGroup ${ref.id}`, ref]));
    expect(result).toEqual({ unread: [] });
    expect(eci.calls.map((call) => (call.query.ids as string[]).length)).toEqual([20, 20, 20, 5]);
  });

  it('tells of a resource that is gone', async () => {
    const [one, two] = many(2);

    const { seen } = await read([one!, two!], { resources: [two!] });

    expect(seen).toEqual([
      ['ContainerGroup x-0', undefined],
      ['ContainerGroup x-1', two],
    ]);
  });

  it('asks for each region and type by itself', async () => {
    const refs = [
      aResource({ id: 'x-1' }),
      aResource({ id: 'x-1', type: 'DataCache' }),
      aResource({ id: 'x-1', region: 'cn-beijing' }),
    ];

    const { seen, eci } = await read(refs);

    expect(seen.map(([, live]) => live)).toEqual(refs);
    expect(eci.calls).toHaveLength(3);
  });

  it('goes on after a page that holds less than was asked for', async () => {
    const refs = many(6);

    const { seen, result } = await read(refs, { pageSize: () => 2 });

    expect(seen.map(([, live]) => live)).toEqual(refs);
    expect(result.unread).toEqual([]);
  });

  it('knows a resource by its id, whatever its name', async () => {
    const refs = many(3).map((one) => ({ ...one, name: 'same' }));

    const { seen } = await read(refs);

    expect(seen.map(([, live]) => live?.id)).toEqual(['x-0', 'x-1', 'x-2']);
  });

  it('leaves unread what a call that failed asked for, and reads the rest', async () => {
    const refs = many(45);
    const error = anEciError();

    const { result, seen } = await read(refs, {
      onCall: (_, number) => {
        if (number === 1) throw error;
      },
    });

    expect(result.error).toBe(error);
    expect(result.unread.map((ref) => ref.id)).toEqual(refs.slice(20, 40).map((ref) => ref.id));
    expect(seen).toHaveLength(25);
  });

  it('passes on what is no failure of a call', async () => {
    const defect = new TypeError('not a function');

    await expect(
      read(many(1), {
        onCall: () => {
          throw defect;
        },
      }),
    ).rejects.toBe(defect);
  });

  it('asks for nothing more once it may not', async () => {
    let asked = 0;

    const { result, seen, eci } = await read(many(45), { mayStart: () => ++asked <= 1 });

    expect([seen.length, result.unread.length, eci.calls.length]).toEqual([20, 25, 1]);
    expect(result.error).toBeUndefined();
  });

  it('pages through a type that can be asked for one id at a time, where that costs less', async () => {
    const refs = many(30, 'ImageCache');

    const { seen, result, eci } = await read(refs);

    expect(seen.map(([, live]) => live)).toEqual(refs);
    expect(result.unread).toEqual([]);
    expect(eci.calls).toHaveLength(2);
    expect(eci.calls[0]?.query).not.toHaveProperty('ids');
  });

  it('asks one by one once paging has cost as many calls as there are ids', async () => {
    const fleet = many(100, 'ImageCache');
    const refs = [fleet[98]!, fleet[99]!];

    const { seen, eci } = await read(refs, { resources: fleet });

    expect(seen.map(([, live]) => live?.id).sort()).toEqual(['x-98', 'x-99']);
    expect(eci.calls.map((call) => call.query.ids)).toEqual(
      [undefined, undefined, ['x-98'], ['x-99']].slice(0, eci.calls.length),
    );
    expect(eci.calls.length).toBeLessThanOrEqual(4);
  });

  it('asks for a single resource of such a type at once', async () => {
    const { eci } = await read(many(1, 'ImageCache'));

    expect(eci.calls.map((call) => call.query.ids)).toEqual([['x-0']]);
  });

  it('asks for an id that pages do not show before it calls the resource gone', async () => {
    const refs = many(4, 'ImageCache');

    const eci = fakeEci({ resources: refs.slice(0, 3) });
    const { listResources } = eci;
    eci.listResources = async (query) => (query.ids ? listResources(query) : { items: [] });
    const seen: [string, boolean][] = [];

    await readByIds(refs, {
      eci,
      concurrency: 2,
      onRead: (ref, live) => seen.push([ref.id, live !== undefined]),
    });

    expect(seen.sort()).toEqual([
      ['x-0', true],
      ['x-1', true],
      ['x-2', true],
      ['x-3', false],
    ]);
  });

  describe('where an id that is gone refuses the whole call', () => {
    it.each([1, 3, 20])('reads the others by halves, %i of 40 being gone', async (missing) => {
      const refs = many(40);
      const gone = new Set(refs.filter((_, at) => at % Math.floor(40 / missing) === 0).slice(0, missing));

      const { seen, result, eci } = await read(refs, {
        goneOnRead: 'refused',
        resources: refs.filter((one) => !gone.has(one)),
      });

      expect(new Map(seen)).toEqual(
        new Map(refs.map((one) => [`ContainerGroup ${one.id}`, gone.has(one) ? undefined : one])),
      );
      expect(seen).toHaveLength(40);
      expect(result).toEqual({ unread: [] });
      // A binary search for each.
      expect(eci.count()).toBeLessThanOrEqual(2 + missing * 2 * Math.ceil(Math.log2(20)));
    });
  });

  describe('of resources that are listed without their tags', () => {
    const bare = (tags: Record<string, string>) => aResource({ id: 'x-1', tags });

    it('asks for them, 50 ids a call', async () => {
      const refs = many(120);

      const { seen, eci } = await read(refs, { leavesOut: () => true, rowsAPage: 1000 });

      expect(new Map(seen)).toEqual(new Map(refs.map((one) => [`ContainerGroup ${one.id}`, one])));
      expect(eci.count('ListTagResources')).toBe(3);
    });

    it('takes no row for no tag, and follows rows over pages', async () => {
      const none = bare({});
      const some = aResource({ id: 'x-2', tags: { a: '1', b: '2', c: '' } });

      const { seen } = await read([none, some], { leavesOut: () => true, rowsAPage: 1 });

      expect(seen.map(([, live]) => live?.tags)).toEqual([[], some.tags]);
    });

    it('asks for nothing where all of them came with their tags', async () => {
      const { eci } = await read([bare({}), ...many(5)]);

      expect(eci.count('ListTagResources')).toBe(0);
    });

    it.each([
      ['the operation is refused', { onCall: refuseTags }],
      ['not even the tags of another are told', { onCall: () => undefined, silent: true }],
    ])(
      'leaves them unseen where %s',
      async (_, { silent, ...options }: { silent?: boolean } & FakeEciOptions) => {
        const refs = [bare({ a: '1' }), aResource({ id: 'x-2', tags: { b: '1' } })];
        const eci = fakeEci({ resources: refs, leavesOut: (one) => one.id === 'x-1', ...options });
        if (silent) eci.listTagResources = async () => ({ items: [] });
        const seen: (Resource | undefined)[] = [];

        const result = await readByIds(refs, {
          eci,
          concurrency: 2,
          onRead: (_ref, live) => seen.push(live),
        });

        expect(seen.map((live) => live?.tags)).toEqual([refs[1]!.tags, undefined]);
        expect(result.unread).toEqual([]);
      },
    );

    it('leaves one unseen that has a key with two values', async () => {
      const eci = fakeEci({ resources: [bare({ a: '1' })], leavesOut: () => true });
      eci.listTagResources = async () => ({
        items: ['1', '2'].map((value) => ({ type: 'ContainerGroup', id: 'x-1', key: 'a', value })),
      });
      const seen: (Resource | undefined)[] = [];

      await readByIds([bare({ a: '1' })], { eci, concurrency: 2, onRead: (_ref, live) => seen.push(live) });

      expect(seen).toHaveLength(1);
      expect(seen[0]).not.toHaveProperty('tags');
    });

    it('leaves unread what could not be asked for', async () => {
      const error = anEciError({ api: 'ListTagResources' });

      const { result, seen } = await read([bare({ a: '1' })], {
        leavesOut: () => true,
        onCall: ({ api }) => {
          if (api === 'ListTagResources') throw error;
        },
      });

      expect([seen, result.unread.map((ref) => ref.id), result.error]).toEqual([[], ['x-1'], error]);
    });
  });
});

function refuseTags({ api }: { readonly api: string }): void {
  if (api === 'ListTagResources')
    throw anEciError({ api: 'ListTagResources', kind: 'rejected', code: 'NoPermission.Tag' });
}
