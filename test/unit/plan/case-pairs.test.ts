import { describe, expect, it } from 'vitest';
import { casePairWarning, findCasePair } from '../../../lib/plan/case-pairs.ts';
import { aResource } from '../../support/builders.ts';

const going = (...keys: readonly string[]) => keys.map((key) => ({ key, value: '' }));

describe('findCasePair', () => {
  it.each([
    { tags: { Env: '', env: '' }, goes: ['Env'], pair: { goes: 'Env', stays: 'env' } },
    { tags: { Env: '', env: '' }, goes: ['Env', 'env'], pair: undefined },
    { tags: { Env: '', team: '' }, goes: ['Env'], pair: undefined },
    { tags: {}, goes: ['Env'], pair: undefined },
  ])('finds $pair where $goes goes from $tags', ({ tags, goes, pair }) => {
    expect(findCasePair(aResource({ tags }), going(...goes))).toEqual(pair);
  });
});

describe('casePairWarning', () => {
  const resources = ['eci-1', 'eci-2', 'eci-3'].map((id) => aResource({ id, tags: { Env: '', env: '' } }));
  const removals = resources.map(({ region, type, id }) => ({ region, type, id, tags: going('Env') }));

  it('counts the resources, and names one pair', () => {
    expect(casePairWarning([removals[0]!, removals[2]!], resources)).toMatch(
      /^2 resources keep .* env beside Env/,
    );
    expect(casePairWarning([removals[1]!], resources)).toMatch(/^1 resource keeps/);
  });

  it('says nothing of a plan without any', () => {
    expect(casePairWarning([], resources)).toBeUndefined();
  });
});
