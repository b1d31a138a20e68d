import { describe, expect, it } from 'vitest';
import { matchesFilter } from '../../../../lib/inventory/needs/filter.ts';
import { touchFilters } from '../../../../lib/inventory/needs/touch-filters.ts';
import { aPolicy, aResource } from '../../../support/builders.ts';

const PLACE = { region: 'cn-hangzhou', type: 'ContainerGroup' } as const;
const EVERYTHING = [{ except: ['keep'] }];
const key = (name: string) => ({ tags: [{ key: name }] });

function filtersOf(part: Readonly<Record<string, unknown>>) {
  return touchFilters(aPolicy(part), PLACE);
}

describe('touchFilters, of removal rules', () => {
  it.each([
    { description: 'one per exact key', remove: [{ key: 'a' }, { key: 'b' }], filters: [key('a'), key('b')] },
    {
      description: 'a key once',
      remove: [{ key: 'a', when: { like: 'x*' } }, { key: 'a' }],
      filters: [key('a')],
    },
    {
      description: 'the value where one is asked for',
      remove: [{ key: 'a', when: { equals: 'x' } }],
      filters: [{ tags: [{ key: 'a', value: 'x' }] }],
    },
    {
      description: 'the value of a list of one',
      remove: [{ key: 'a', when: { in: ['x'] } }],
      filters: [{ tags: [{ key: 'a', value: 'x' }] }],
    },
    {
      description: 'no value where several are',
      remove: [{ key: 'a', when: { in: ['x', 'y'] } }],
      filters: [key('a')],
    },
    { description: 'no empty value', remove: [{ key: 'a', when: { equals: '' } }], filters: [key('a')] },
    {
      description: 'the wider of two filters',
      remove: [{ key: 'a', when: { equals: 'x' } }, { key: 'a' }],
      filters: [key('a')],
    },
    { description: 'nothing for a wildcard', remove: [{ key: 'a' }, { key: 'ci-*' }], filters: 'any' },
    { description: 'nothing for a pattern', remove: [{ keyMatches: '^a$' }], filters: 'any' },
    { description: 'nothing for an allow-list', remove: EVERYTHING, filters: 'any' },
    {
      description: 'nothing where room is made',
      remove: [{ key: 'a' }, { trim: { to: 3, order: ['b'] } }],
      filters: 'any',
    },
    { description: 'nothing for case variants', remove: [{ caseVariantsOf: ['env'] }], filters: 'any' },
  ])('names $description', ({ remove, filters }) => {
    expect(filtersOf({ remove })).toEqual(filters);
  });
});

describe('touchFilters, of selections', () => {
  it.each([
    { select: { tag: 'a', exists: true }, filters: [key('a')] },
    { select: { tag: 'a', exists: false }, filters: 'any' },
    { select: { not: { tag: 'a', exists: false } }, filters: [key('a')] },
    { select: { not: { tag: 'a', equals: 'x' } }, filters: 'any' },
    { select: { not: { not: { tag: 'a', like: 'x*' } } }, filters: [key('a')] },
    {
      select: {
        any: [
          { tag: 'a', exists: true },
          { tag: 'b', exists: true },
        ],
      },
      filters: [key('a'), key('b')],
    },
    { select: { any: [{ tag: 'a', exists: true }, { name: 'x*' }] }, filters: 'any' },
    { select: { all: [{ name: 'x*' }, { tag: 'a', exists: true }] }, filters: [key('a')] },
    {
      select: {
        all: [
          { tag: 'a', equals: 'x' },
          { tag: 'b', exists: true },
        ],
      },
      filters: [{ tags: [{ key: 'a', value: 'x' }, { key: 'b' }] }],
    },
    { select: { not: { any: [{ tag: 'a', exists: false }, { name: 'x*' }] } }, filters: [key('a')] },
    {
      select: {
        not: {
          all: [
            { tag: 'a', exists: false },
            { tag: 'b', exists: false },
          ],
        },
      },
      filters: [key('a'), key('b')],
    },
    { select: { not: { all: [{ tag: 'a', exists: false }, { age: { olderThan: '1d' } }] } }, filters: 'any' },
    { select: { tagCount: { atLeast: 1 } }, filters: 'any' },
    { select: { status: 'Failed' }, filters: [{ tags: [], status: 'Failed' }] },
    { select: { status: ['Failed', 'Succeeded'] }, filters: 'any' },
    { select: { status: 'F*' }, filters: 'any' },
    { select: { resourceType: 'ImageCache' }, filters: [] },
    { select: { resourceType: ['ImageCache', 'ContainerGroup'] }, filters: 'any' },
    { select: { region: 'cn-beijing' }, filters: [] },
    { select: { region: 'cn-hangzhou' }, filters: 'any' },
    { select: { resourceGroup: 'rg-1' }, filters: 'any' },
    {
      select: { all: [{ status: 'Failed' }, { tag: 'a', exists: true }] },
      filters: [{ tags: [{ key: 'a' }], status: 'Failed' }],
    },
  ])('needs $filters for $select', ({ select, filters }) => {
    expect(filtersOf({ remove: EVERYTHING, select })).toEqual(filters);
  });

  it('lists by status only the types that can be', () => {
    const policy = aPolicy({ remove: EVERYTHING, select: { status: 'Failed' } });

    expect(touchFilters(policy, { ...PLACE, type: 'VirtualNode' })).toEqual([{ tags: [], status: 'Failed' }]);
    expect(touchFilters(policy, { ...PLACE, type: 'DataCache' })).toBe('any');
  });
});

describe('touchFilters, of both', () => {
  it('joins one need with several at no more listings', () => {
    expect(
      filtersOf({ remove: [{ key: 'a' }, { key: 'b' }], select: { tag: 'env', equals: 'dev' } }),
    ).toEqual([
      { tags: [{ key: 'a' }, { key: 'env', value: 'dev' }] },
      { tags: [{ key: 'b' }, { key: 'env', value: 'dev' }] },
    ]);
  });

  it('asks for a key once', () => {
    expect(filtersOf({ remove: [{ key: 'a' }], select: { tag: 'a', equals: 'x' } })).toEqual([key('a')]);
  });

  it('takes the fewer where both are several', () => {
    const select = { any: ['x', 'y', 'z'].map((tag) => ({ tag, exists: true })) };

    expect(filtersOf({ remove: [{ key: 'a' }, { key: 'b' }], select })).toEqual([key('a'), key('b')]);
    expect(filtersOf({ remove: ['a', 'b', 'c', 'd'].map((name) => ({ key: name })), select })).toEqual([
      key('x'),
      key('y'),
      key('z'),
    ]);
  });

  it('filters by no more tags than the API takes', () => {
    const select = { all: Array.from({ length: 14 }, (_, at) => ({ tag: `k${at}`, exists: true })) };

    expect((filtersOf({ remove: EVERYTHING, select }) as [{ tags: unknown[] }])[0].tags).toHaveLength(10);
  });
});

describe('matchesFilter', () => {
  const resource = aResource({ status: 'Failed', tags: { a: 'x', b: '' } });

  it.each([
    { filter: { tags: [{ key: 'a' }] }, matches: true },
    {
      filter: {
        tags: [
          { key: 'a', value: 'x' },
          { key: 'b', value: '' },
        ],
      },
      matches: true,
    },
    { filter: { tags: [{ key: 'a', value: 'y' }] }, matches: false },
    { filter: { tags: [{ key: 'A' }] }, matches: false },
    { filter: { tags: [{ key: 'a' }], status: 'Failed' }, matches: true },
    { filter: { tags: [], status: 'Running' }, matches: false },
  ])('says $matches of $filter', ({ filter, matches }) => {
    expect(matchesFilter(resource, filter)).toBe(matches);
  });

  it('takes tags that were not seen for none', () => {
    expect(matchesFilter(aResource({ tags: undefined }), { tags: [{ key: 'a' }] })).toBe(false);
  });
});
