import { describe, expect, it } from 'vitest';
import { indexes, indexesWhere } from '../../../lib/batch/indexes.ts';

describe('indexes', () => {
  it('counts from 0', () => {
    expect([...indexes(4)]).toEqual([0, 1, 2, 3]);
    expect(indexes(0)).toHaveLength(0);
  });
});

describe('indexesWhere', () => {
  it('gives those for which it holds, ascending', () => {
    expect([...indexesWhere(10, (index) => index % 3 === 0)]).toEqual([0, 3, 6, 9]);
    expect(indexesWhere(5, () => false)).toHaveLength(0);
  });
});
