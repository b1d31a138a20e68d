import { describe, expect, it } from 'vitest';
import { describeCondition } from '../../../lib/policy/describe.ts';
import { nearest } from '../../../lib/policy/suggest.ts';
import { aPolicy } from '../../support/builders.ts';

const described = (select: Readonly<Record<string, unknown>>) =>
  describeCondition(aPolicy({ select }).select!);

describe('describeCondition', () => {
  it.each([
    { select: { tag: 'a', exists: true }, text: 'tag a exists' },
    { select: { tag: 'a', exists: false }, text: 'tag a does not exist' },
    { select: { tag: 'a', equals: 'x' }, text: 'tag a equals "x"' },
    { select: { tag: 'a', in: ['x', 'y'] }, text: 'tag a in "x", "y"' },
    { select: { tag: 'a', like: 'x*' }, text: 'tag a like "x*"' },
    { select: { tag: 'a', matches: '^x' }, text: 'tag a matches "^x"' },
    { select: { tag: 'a', lessThan: 5, greaterThan: 1 }, text: 'tag a less than 5 and greater than 1' },
    { select: { tag: 'a', expired: 'yyyy-MM-dd' }, text: 'tag a expired as yyyy-MM-dd (UTC)' },
    {
      select: { tag: 'a', expired: 'yyyy-MM-dd', grace: '36h', timeZone: 'Asia/Shanghai' },
      text: 'tag a expired as yyyy-MM-dd, grace 36h (Asia/Shanghai)',
    },
    { select: { tag: 'a', before: '2026-01-01' }, text: 'tag a before 2026-01-01T00:00:00.000Z' },
    { select: { name: ['x*', 'y'] }, text: 'name "x*", "y"' },
    { select: { age: { olderThan: '7d', newerThan: '90d' } }, text: 'age older than 7d and newer than 90d' },
    { select: { age: { olderThan: '90m' } }, text: 'age older than 90m' },
    { select: { tagCount: { atLeast: 3, atMost: 9 } }, text: 'tag count at least 3 and at most 9' },
    {
      select: { all: [{ name: 'x' }, { any: [{ id: 'y' }, { not: { status: 'z' } }] }] },
      text: 'all of (name "x"; any of (id "y"; not (status "z")))',
    },
  ])('says $text', ({ select, text }) => {
    expect(described(select)).toBe(text);
  });
});

describe('nearest', () => {
  it('suggests nothing where there is nothing to choose from', () => {
    expect(nearest('word', [])).toBeUndefined();
  });

  it('suggests what is near, whatever its case and hyphens, or with two letters in the wrong places', () => {
    expect(nearest('Dry_Run', ['apply', 'dry-run'])).toBe('dry-run');
    expect(nearest('aeg', ['name', 'age'])).toBe('age');
    expect(nearest('entirely', ['name', 'age'])).toBeUndefined();
  });
});
