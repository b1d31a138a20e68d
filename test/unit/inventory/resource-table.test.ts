import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPools } from '../../../lib/inventory/pools.ts';
import { createResourceTable } from '../../../lib/inventory/resource-table.ts';
import { compareText, type Resource, type Tag } from '../../../lib/resource.ts';
import { aResource } from '../../support/builders.ts';

const PLACE = { region: 'cn-hangzhou', type: 'ContainerGroup' } as const;

/** Any text that JSON can bring: wide characters, half surrogate pairs, none at all. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'dev', '\ud800', 'é', '団'));
const tags = fc
  .uniqueArray(fc.record({ key: text, value: text }, { noNullPrototype: true }), {
    selector: (tag: Tag) => tag.key,
    maxLength: 20,
  })
  .map((list) => list.sort((a, b) => compareText(a.key, b.key)));
const resource: fc.Arbitrary<Resource> = fc
  .record(
    {
      id: fc.string({ minLength: 1, maxLength: 2 }),
      name: text,
      status: text,
      createdAtMs: fc.double({ noNaN: true }),
      resourceGroupId: text,
      tags,
    },
    { requiredKeys: ['id'], noNullPrototype: true },
  )
  .map((seen) => ({ ...PLACE, ...seen }) as Resource);

const aTable = () => createResourceTable(PLACE.region, PLACE.type, createPools());

describe('createResourceTable', () => {
  it('gives back what was put in last, exactly, sorted by id', () => {
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 60 }), (resources) => {
        const table = aTable();
        const expected = new Map<string, Resource>();

        for (const one of resources) {
          table.put(one);
          expected.set(one.id, one);
        }

        expect(table.size).toBe(expected.size);
        for (const [id, one] of expected) expect(table.get(id)).toStrictEqual(one);
        expect([...table.all()]).toStrictEqual(
          [...expected.values()].sort((a, b) => compareText(a.id, b.id)),
        );
        expect(table.get('not there')).toBeUndefined();
      }),
    );
  });

  it('tells the values of a key apart when they come again', () => {
    const table = aTable();
    const values = ['dev', 'test', 'dev', 'test', 'prod', 'test'];

    for (const [n, env] of values.entries()) table.put(aResource({ id: `eci-${n}`, tags: { env } }));

    expect(table.all().map(({ tags }) => tags![0]!.value)).toEqual(values);
  });

  it('sorts tags by key', () => {
    const table = aTable();

    table.put({
      ...aResource({}),
      id: 'eci-1',
      tags: [
        { key: 'b', value: '1' },
        { key: 'a', value: '2' },
      ],
    });

    expect(table.get('eci-1')!.tags!.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('keeps more different values, and longer rows, than it shares or a chunk holds', () => {
    const table = aTable();
    const long = 'x'.repeat(1_200_000);

    for (let n = 0; n < 3000; n += 1) table.put(aResource({ id: `eci-${n}`, tags: { run: String(n) } }));
    table.put(aResource({ id: 'eci-long', tags: { run: long } }));
    table.put(aResource({ id: 'eci-after', tags: { run: 'z' } }));

    expect(table.get('eci-2999')!.tags).toEqual([{ key: 'run', value: '2999' }]);
    expect(table.get('eci-long')!.tags![0]!.value).toBe(long);
    expect(table.get('eci-after')!.tags).toEqual([{ key: 'run', value: 'z' }]);
  });
});
