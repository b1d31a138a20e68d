import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinLists, lazyList, readerOf, sliceList } from '../../lib/lazy-list.ts';

const square = (index: number) => ({ n: index * index });
const squares = (length: number) => Array.from({ length }, (_, index) => square(index));

describe('lazyList', () => {
  it('is what the array of its elements is, however it is read', () => {
    const list = lazyList(5, square);

    expect(list).toEqual(squares(5));
    expect([...list]).toEqual(squares(5));
    expect(list.map(({ n }) => n)).toEqual([0, 1, 4, 9, 16]);
    expect(list.filter(({ n }) => n > 3)).toHaveLength(3);
    expect(list.at(-1)).toEqual({ n: 16 });
    expect(JSON.parse(JSON.stringify(list))).toEqual(squares(5));
    expect([list[5], list[-1], 4 in list, 5 in list]).toEqual([undefined, undefined, true, false]);
    expect(Array.isArray(list)).toBe(true);
  });

  it('makes an element when it is asked for, and not before', () => {
    const made: number[] = [];
    const list = lazyList(1_000_000, (index) => made.push(index));

    expect(list.length).toBe(1_000_000);
    expect(made).toEqual([]);
    list[7];
    list[7];
    expect(made).toEqual([7]);
  });

  it('cannot be changed', () => {
    const list = lazyList(2, square) as { n: number }[];

    expect(() => {
      list[0] = { n: 1 };
    }).toThrow(TypeError);
    expect(() => list.push({ n: 1 })).toThrow(TypeError);
    expect(list).toEqual(squares(2));
  });
});

describe('joinLists and sliceList', () => {
  it('are concat and slice', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer(), { maxLength: 4 }), { maxLength: 5 }), (parts) => {
        const lists = parts.map((part, at) =>
          at % 2 === 0 ? part : lazyList(part.length, (index) => part[index]!),
        );
        const joined = joinLists(lists);

        expect([...joined]).toEqual(parts.flat());
        for (let from = 0; from <= joined.length; from += 1) {
          expect([...sliceList(joined, from, joined.length)]).toEqual(parts.flat().slice(from));
        }
      }),
    );
  });
});

describe('readerOf', () => {
  it('reads arrays and lazy lists alike', () => {
    expect(readerOf(lazyList(3, square))(2)).toEqual({ n: 4 });
    expect(readerOf(squares(3))(2)).toEqual({ n: 4 });
  });
});
