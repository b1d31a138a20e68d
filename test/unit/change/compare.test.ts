import { describe, expect, it } from 'vitest';
import { compareTag } from '../../../lib/change/compare.ts';
import { aResource } from '../../support/resources.ts';

const live = aResource({ tags: { a: '1', b: 'other', B: '2', d: '' } });

describe('compareTag', () => {
  it.each([
    { expected: { key: 'a', value: '1' }, now: live, state: 'there' },
    { expected: { key: 'b', value: '2' }, now: live, state: 'changed' },
    { expected: { key: 'c', value: '3' }, now: live, state: 'absent' },
    { expected: { key: 'd', value: '' }, now: live, state: 'there' },
    { expected: { key: 'b', value: undefined }, now: live, state: 'there' },
    { expected: { key: 'b' }, now: aResource({ tags: {} }), state: 'absent' },
    { expected: { key: 'a', value: '1' }, now: aResource({ tags: undefined }), state: 'unseen' },
    { expected: { key: 'a', value: '1' }, now: undefined, state: 'gone' },
  ])('finds $expected $state', ({ expected, now, state }) => {
    expect(compareTag(expected, now)).toBe(state);
  });
});
